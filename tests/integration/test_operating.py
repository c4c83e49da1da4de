"""The operator's commands on a real Kafka with a real worker."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from subprocess import Popen
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer

from processors.core.keys import beacon_key
from schemas.block import block_headers, join_lines
from schemas.dead_letter import DeadLetter, decode_dead_letter, encode_dead_letter
from schemas.event import Beacon, Event, encode_beacon
from schemas.lanes import lane_of
from schemas.topics import BEACONS, DEAD_LETTER, topic_name
from tests.lab.command import rumstream
from tests.lab.servers import running
from tests.lab.sink_traffic import until
from tests.lab.topic_contents import committed_records, newest_rollups, newest_sessions

pytestmark = pytest.mark.integration

LANES = 2
NEWER = [("schema", b"9"), ("collector", b"test")]
Send = Callable[..., Awaitable[None]]


@pytest.fixture
def worker(kafka: str, generation: int, tmp_path: Path) -> Iterator[Popen[bytes]]:
    with running(["tests.lab.worker", kafka, str(generation), str(tmp_path / "data")], tmp_path / "log") as process:
        yield process


def beacon(number: int, session: str, now: int) -> Beacon:
    vital = Event(ts=now, kind="vital", name="LCP", value=1_000.0 + number, metric_id=f"m{number}", route="/p")
    return Beacon(1, f"b{number}", "shop", session, now, "rum", events=[vital])


@asynccontextmanager
async def blocks_to(kafka: str, generation: int) -> AsyncIterator[Send]:
    """Sends (partition, lines) as a block."""
    producer = AIOKafkaProducer(bootstrap_servers=kafka, acks="all", enable_idempotence=True)
    await producer.start()

    async def send(partition: int, lines: list[bytes], headers: list[tuple[str, bytes]] | None = None) -> None:
        topic = topic_name(BEACONS, generation)
        await producer.send_and_wait(
            topic, join_lines(lines), partition=partition, headers=headers or block_headers("test")
        )

    try:
        yield send
    finally:
        await producer.stop()


async def letters(kafka: str, generation: int) -> list[DeadLetter]:
    return [
        decode_dead_letter(r.value) for r in await committed_records(kafka, topic_name(DEAD_LETTER, generation), LANES)
    ]


async def counted(kafka: str, generation: int) -> int:
    """Events of all windows."""
    return sum(row.n for row in (await newest_rollups(kafka, generation, LANES)).values())


async def duplicates(kafka: str, generation: int) -> int:
    return sum(row.duplicates for row in (await newest_sessions(kafka, generation, LANES)).values())


async def blocks_in(kafka: str, generation: int) -> int:
    return len(await committed_records(kafka, topic_name(BEACONS, generation), LANES))


async def call(kafka: str, generation: int, *arguments: str, code: int = 0, typed: str = "") -> list[str]:
    """The lines that a command says."""
    done = await asyncio.to_thread(rumstream, kafka, generation, LANES, *arguments, typed=typed)
    assert done.returncode == code, done.stdout + done.stderr
    return (done.stdout + done.stderr).splitlines()


async def test_refused_lines_are_listed_shown_replayed_and_counted_once(
    kafka: str, generation: int, worker: Popen[bytes]
) -> None:
    now = round(time.time() * 1000)
    told = [beacon(n, f"v{n % 4}", now) for n in range(12)]
    async with blocks_to(kafka, generation) as send:
        for one in told[:2]:
            await send(lane_of("shop", one.session_id, LANES), [encode_beacon(one)])
        for one in told[2:]:
            await send(lane_of("shop", one.session_id, LANES), [encode_beacon(one)], NEWER)
        await send(0, [b"{", b"\xff\x1b[31m"])

    async def refused() -> bool:
        return len(await letters(kafka, generation)) == 12 and await counted(kafka, generation) == 2

    await until(refused, "12 letters", worker)

    heading, first, second = await call(kafka, generation, "dead-letter", "list")
    assert heading.split() == ["reason", "site", "count", "replayable", "first", "last", "newest", "is"]
    assert first.split()[:3] == ["schema_unknown", "10", "10"]
    assert second.split()[:3] == ["line_undecodable", "2", "1"]
    assert await call(kafka, generation, "dead-letter", "list", "--site", "shop") == ["no such dead letters"]

    lane, offset = second.split()[-2:]
    shown = await call(kafka, generation, "dead-letter", "show", lane, offset)
    assert shown[0] == "reason     line_undecodable"
    assert shown[-2:] == ["replayable no", "body       \ufffd\\x1b[31m"]
    assert f"place      lane {lane}, offset " in "\n".join(shown)
    (nothing,) = await call(kafka, generation, "dead-letter", "show", "0", "99999", code=1)
    assert nothing.startswith("no dead letter at lane 0 offset 99999")

    before = await blocks_in(kafka, generation)
    replay = ["dead-letter", "replay", "--reason", "schema_unknown"]
    assert await call(kafka, generation, *replay, "--dry-run") == ["10 can be written to rum.beacons"]
    assert "Aborted" in "".join(await call(kafka, generation, *replay, code=1, typed="n\n"))
    undecodable = await call(kafka, generation, "dead-letter", "replay", "--reason", "line_undecodable", "--yes")
    assert sorted(line.split()[:2] for line in undecodable) == [["1", "not"], ["1", "refused"]]
    assert await blocks_in(kafka, generation) == before

    assert (await call(kafka, generation, *replay, typed="y\n"))[-1] == "10 written to rum.beacons"

    async def applied() -> bool:
        return await counted(kafka, generation) == 12

    await until(applied, "the replayed lines in their windows", worker)
    assert await duplicates(kafka, generation) == 0

    assert (await call(kafka, generation, *replay, "--yes"))[-1] == "10 written to rum.beacons"

    async def once_more() -> bool:
        return await duplicates(kafka, generation) == 10

    await until(once_more, "the second replay as duplicates", worker)
    assert await counted(kafka, generation) == 12
    assert len(await letters(kafka, generation)) == 12


async def test_only_the_newest_letters_are_read_and_the_rest_is_said(kafka: str, generation: int) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=kafka)
    await producer.start()
    began = round(time.time() * 1000)
    try:
        for number in range(30):
            letter = encode_dead_letter(DeadLetter("outlier", "", 0, site="old" if number < 20 else "new"))
            at = began - (3_600_000 if number < 20 else 0)
            await producer.send_and_wait(topic_name(DEAD_LETTER, generation), letter, partition=0, timestamp_ms=at)
        await producer.send_and_wait(topic_name(DEAD_LETTER, generation), b"no letter", partition=1)
    finally:
        await producer.stop()
    table = await call(kafka, generation, "dead-letter", "list", "--newest", "15")
    assert [row.split()[:3] for row in table[1:-1]] == [
        ["outlier", "new", "10"],
        ["outlier", "old", "5"],
        ["row_undecodable", "1", "0"],
    ]
    assert table[-1] == "Only the newest 15 offsets a lane were read; lane 0 has older ones: --newest"
    recent = await call(kafka, generation, "dead-letter", "list", "--since", "30m", "--reason", "outlier")
    assert [row.split()[:3] for row in recent[1:]] == [["outlier", "new", "10"]]


async def test_the_state_of_a_lane_is_shown_while_its_worker_runs(
    kafka: str, generation: int, worker: Popen[bytes]
) -> None:
    now = round(time.time() * 1000)
    told = [beacon(n, "v", now) for n in range(3)]
    lane = lane_of("shop", "v", LANES)
    other = 1 - lane
    async with blocks_to(kafka, generation) as send:
        await send(lane, [encode_beacon(one) for one in told])

        async def counted_all() -> bool:
            return await counted(kafka, generation) == 3

        await until(counted_all, "three page views", worker)
        inspect = ["state", "inspect"]
        shown = await answer(kafka, generation, *inspect, "--lane", str(lane))
        assert (shown["lane"], shown["offset"]) == (lane, 0)
        assert shown["records"]["visits"] == 1
        assert shown["records"]["windows"] == 1
        assert len(shown["birth"]) == 32

        visit = await answer(kafka, generation, *inspect, "--site", "shop", "--session", "v")
        assert set(visit["beacons"]) == {f"{beacon_key(name):016x}" for name in ("b0", "b1", "b2")}
        assert visit == await answer(kafka, generation, *inspect, "--lane", str(lane), "--key", visit["key"])

        (line,) = await call(
            kafka, generation, *inspect, "--lane", str(lane), "--windows", "--metric", "LCP", "--route", "/p"
        )
        window = json.loads(line)
        assert (window["n"], window["site"], window["quantiles"]["p99"] > 990) == (3, "shop", True)
        assert await call(kafka, generation, *inspect, "--lane", str(lane), "--windows", "--metric", "CLS") == []

        none = await call(kafka, generation, *inspect, "--lane", str(other), code=1)
        assert none == [f"lane {other} has no state: it never took a checkpoint"]
        (unknown,) = await call(kafka, generation, *inspect, "--site", "shop", "--session", same_lane("v"), code=1)
        assert "knows no session" in unknown
        assert (await call(kafka, generation, *inspect, "--lane", "7", code=1))[0].startswith("no lane 7")

        await send(lane, [encode_beacon(beacon(9, "v", now))])

        async def goes_on() -> bool:
            return await counted(kafka, generation) == 4

        await until(goes_on, "the worker goes on", worker)


async def answer(kafka: str, generation: int, *arguments: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads("\n".join(await call(kafka, generation, *arguments)))
    return told


def same_lane(session: str) -> str:
    """Another session id of the same lane."""
    lane = lane_of("shop", session, LANES)
    return next(name for name in map(str, range(100)) if lane_of("shop", name, LANES) == lane)


async def test_a_generation_without_topics_is_said(kafka: str) -> None:
    for arguments in (("dead-letter", "list"), ("state", "inspect", "--lane", "0")):
        (said,) = await call(kafka, 9_999, *arguments, code=1)
        assert said.startswith("Kafka has no topic rum.")
        assert "RUMSTREAM_GENERATION" in said
