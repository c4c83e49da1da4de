"""The ClickHouse sink and ClickHouse itself, killed and silenced while rows keep coming: equal to a quiet run."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from subprocess import Popen
from typing import Any

import psutil
import pytest

from schemas.rollup import encode_rollup
from schemas.sample import encode_sample
from schemas.session import encode_session
from schemas.topics import ROLLUPS, SAMPLES, SESSIONS
from sinks.clickhouse.migrations import migrate
from sinks.clickhouse.worker import KINDS
from sinks.config import ClickHouseSinkConfig
from tests.lab.servers import answers, running, unused_port, wait_until
from tests.lab.sink_traffic import Producer, rollup, sample, session, sinking, totals, until, written

pytestmark = [pytest.mark.fault, pytest.mark.timeout(300)]
NOW_MS = int(time.time()) // 60 * 60_000
ROUNDS = 60
KEYS = 40
BEACONS = 20


class Server:
    """A ClickHouse of the test's own, on one data folder and one port through all its lives."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._folder, self._stack = folder, stack
        self.port = unused_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.start()

    def start(self) -> None:
        arguments = ["embedded.clickhouse", "--data", str(self._folder / "data"), "--port", str(self.port)]
        self.process = self._stack.enter_context(running(arguments, self._folder / "clickhouse.log"))
        wait_until(lambda: answers(f"{self.url}/ping"), f"ClickHouse, see {self._folder}", self.process)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@contextmanager
def lab(kafka: str, generation: int, folder: Path, **more: Any) -> Iterator[tuple[Server, ClickHouseSinkConfig]]:
    with ExitStack() as stack:
        server = Server(folder, stack)
        config = ClickHouseSinkConfig(
            kafka, server.url, generation=generation, flush_ms=50, retry_max_s=0.5, session_timeout_ms=6_000, **more
        )
        migrate(config)
        yield server, config


async def traffic(config: ClickHouseSinkConfig, pause_s: float) -> None:
    """A lane's life: the same keys again and again under growing versions, and new beacons."""
    async with Producer(config.bootstrap, config.generation) as lane:
        for turn in range(ROUNDS):
            rows = [rollup(n, turn + 1, NOW_MS, n % 2) for n in range(KEYS)]
            await lane.send(ROLLUPS, [(r.lane, encode_rollup(r)) for r in rows])
            visits = [session(n, turn + 1, NOW_MS) for n in range(KEYS)]
            await lane.send(SESSIONS, [(r.lane, encode_session(r)) for r in visits])
            kept = [sample(turn * BEACONS + n, NOW_MS) for n in range(BEACONS)]
            await lane.send(SAMPLES, [(s.lane, encode_sample(s)) for s in kept])
            await asyncio.sleep(pause_s)


def quiet_run() -> dict[str, tuple[Any, ...]]:
    """What the tables hold when nothing goes wrong."""
    rows = [rollup(n, ROUNDS, NOW_MS, n % 2) for n in range(KEYS)]
    buckets: Counter[int] = Counter()
    for row in rows:
        buckets.update(row.buckets)
    beacons = ROUNDS * BEACONS
    return {
        "rollups_1m": (KEYS, sum(r.weight for r in rows), sum(r.good for r in rows), sum(r.sum for r in rows), buckets),
        "sessions": (KEYS, KEYS * ROUNDS, KEYS * ROUNDS),
        "events": (2 * beacons, 2 * beacons, 2 * sum(range(beacons))),
    }


async def test_killing_the_sink_changes_nothing(kafka: str, generation: int, tmp_path: Path) -> None:
    rng = random.Random(7)
    with lab(kafka, generation, tmp_path) as (_, config), ExitStack() as sinks:

        def start() -> Popen[bytes]:
            return sinks.enter_context(sinking(config, tmp_path / "sink.log"))

        sink, sending = start(), asyncio.create_task(traffic(config, 0.2))
        kills = 0
        while not sending.done():
            await asyncio.sleep(rng.uniform(0.5, 3))
            sink.kill()
            sink.wait()
            kills += 1
            sink = start()
        await sending
        assert kills >= 3
        await until(lambda: written(config), f"all is written, see {tmp_path}", sink)
        assert totals(config) == quiet_run()


async def test_killing_clickhouse_changes_nothing(kafka: str, generation: int, tmp_path: Path) -> None:
    rng = random.Random(11)
    with lab(kafka, generation, tmp_path) as (server, config), sinking(config, tmp_path / "sink.log") as sink:
        sending = asyncio.create_task(traffic(config, 0.2))
        kills = 0
        while not sending.done():
            await asyncio.sleep(rng.uniform(0.3, 2))
            server.kill()
            kills += 1
            await asyncio.to_thread(server.start)
        await sending
        assert kills >= 3
        await until(lambda: written(config), f"all is written, see {tmp_path}", sink)
        assert totals(config) == quiet_run()


async def test_rows_on_their_way_when_the_sink_dies_are_written_by_the_next(
    kafka: str, generation: int, tmp_path: Path
) -> None:
    with lab(kafka, generation, tmp_path) as (server, config):
        server.kill()
        with sinking(config, tmp_path / "sink.log") as sink:
            await traffic(config, 0)
            tried = [f"topic={base}" for base in (ROLLUPS, SESSIONS, SAMPLES)]
            await until(lambda: said(tmp_path / "sink.log", "insert_failed", *tried), "each feed has tried", sink)
            sink.kill()
        server.start()
        with sinking(config, tmp_path / "sink.log") as sink:
            await until(lambda: written(config), f"all is written, see {tmp_path}", sink)
        assert totals(config) == quiet_run()


async def said(log: Path, event: str, *words: str) -> bool:
    return all(any(word in line for line in lines_of(log, event)) for word in words)


def lines_of(log: Path, event: str) -> list[str]:
    return [line for line in log.read_text().splitlines() if event in line]


def rebalances(log: Path) -> int:
    return len(lines_of(log, "partitions_assigned"))


async def joined(log: Path) -> bool:
    return rebalances(log) == len(KINDS)


async def test_without_clickhouse_the_sink_stays_small_and_in_its_group(
    kafka: str, generation: int, tmp_path: Path
) -> None:
    poll_s = 3
    limits = {"batch_bytes": 2**20, "max_poll_interval_ms": poll_s * 1000}
    with lab(kafka, generation, tmp_path, **limits) as (server, config), sinking(config, tmp_path / "sink.log") as sink:
        await until(lambda: joined(tmp_path / "sink.log"), "each group has its member", sink)
        quiet = psutil.Process(sink.pid).memory_info().rss
        server.kill()
        lines = 400
        async with Producer(config.bootstrap, config.generation) as lane:
            for turn in range(60):  # 60 records of 1.2 MB
                kept = [sample(turn * lines + n, NOW_MS, events=25) for n in range(lines)]
                await lane.send(SAMPLES, [(turn % 2, b"\n".join(encode_sample(s) for s in kept))])
        await traffic(config, 2.5 * poll_s / ROUNDS)
        assert await joined(tmp_path / "sink.log")
        assert psutil.Process(sink.pid).memory_info().rss - quiet < 150 * 2**20
        await asyncio.to_thread(server.start)
        await until(lambda: written(config), f"all is written, see {tmp_path}", sink, seconds=120)
        found = totals(config)
        assert {t: found[t] for t in ("rollups_1m", "sessions")} == {
            t: of for t, of in quiet_run().items() if t != "events"
        }
        assert found["events"][0] == found["events"][1] == 60 * lines * 25
        assert await joined(tmp_path / "sink.log")
