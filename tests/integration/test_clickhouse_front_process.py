"""The embedded ClickHouse as a process: its limits, its end, its next start."""

import asyncio
import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import aiohttp
import pytest

from tests.lab.servers import answers, unused_port, wait_until

pytestmark = pytest.mark.integration

SERVE = """
import json, sys
from io import BytesIO
from pathlib import Path
from embedded.clickhouse.config import ClickHouseConfig
from embedded.clickhouse.server import serve
limits = json.loads(sys.argv[3])
serve(ClickHouseConfig(data=Path(sys.argv[1]), port=int(sys.argv[2]), **limits))
"""
ENDLESS = "SELECT count() FROM numbers_mt(1000000000000) WHERE number % 7 = 3"
STOP_SECONDS = 5.0


@dataclass(frozen=True)
class Running:
    url: str
    process: subprocess.Popen[bytes]
    out: Path
    err: Path

    def stop(self) -> float:
        """Seconds from SIGTERM to the end."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(30) == 0
        return time.monotonic() - began


@contextmanager
def serving(folder: Path, **limits: float) -> Iterator[Running]:
    folder.mkdir(exist_ok=True)
    port, out, err = unused_port(), folder / "out", folder / "err"
    command = [sys.executable, "-c", SERVE, str(folder / "data"), str(port), json.dumps(limits)]
    with out.open("wb") as stdout, err.open("wb") as stderr:
        process = subprocess.Popen(command, stdout=stdout, stderr=stderr)
    url = f"http://127.0.0.1:{port}"
    try:
        wait_until(lambda: answers(f"{url}/ping"), f"ClickHouse, see {err}", process)
        yield Running(url, process, out, err)
    finally:
        process.kill()
        process.wait()


async def ask(url: str, body: str | BytesIO, **parameters: str) -> tuple[int, str]:
    async with aiohttp.ClientSession() as http, http.post(url, data=body, params=parameters) as reply:
        return reply.status, await reply.text()


async def until(url: str, query: str, wanted: Callable[[str], bool]) -> None:
    deadline = time.monotonic() + 30
    while not wanted(found := (await ask(url, query))[1]):
        assert time.monotonic() < deadline, found
        await asyncio.sleep(0.02)


async def until_running(url: str, count: int) -> None:
    others = "SELECT count() FROM system.processes WHERE Settings['log_comment'] LIKE 'test%'"
    await until(url, others, lambda found: found == f"{count}\n")


def start_fails(folder: Path, port: int) -> str:
    command = [sys.executable, "-m", "embedded.clickhouse", "--data", str(folder), "--port", str(port)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    return done.stderr


def test_a_taken_port_or_folder_is_a_clear_message(tmp_path: Path) -> None:
    with serving(tmp_path) as first:
        port = int(first.url.rpartition(":")[2])
        assert start_fails(tmp_path / "other", port).startswith(f"ClickHouse: port {port} for ClickHouse is not free")
        said = start_fails(tmp_path / "data", unused_port())
        assert f"in use by process {first.process.pid}" in said
        assert "Traceback" not in said


def test_data_that_the_engine_cannot_open_is_a_clear_message(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "engine").write_text("a file, no folder")
    said = start_fails(tmp_path / "data", unused_port())
    assert "cannot open its data" in said
    assert "Traceback" not in said
    assert "question mark" in start_fails(tmp_path / "what?", unused_port())


async def test_sigterm_lets_a_short_query_finish_and_cancels_a_long_one(tmp_path: Path) -> None:
    with serving(tmp_path, grace_s=1.0) as server:
        short = asyncio.create_task(ask(server.url, "SELECT sleep(0.8), 'done'", query_id="test-short"))
        endless = asyncio.create_task(ask(server.url, ENDLESS, query_id="test-endless"))
        await until_running(server.url, 2)
        assert await asyncio.to_thread(server.stop) < STOP_SECONDS
        assert await short == (200, "0\tdone\n")
        status, said = await endless
        assert (status, said[:10]) == (500, "Code: 394.")


async def test_sigterm_ends_an_answer_that_nobody_reads(tmp_path: Path) -> None:
    with serving(tmp_path, grace_s=0.5) as server:
        async with (
            aiohttp.ClientSession() as http,
            http.post(server.url, data="SELECT number FROM numbers(100000000000)") as reply,
        ):
            assert await reply.content.readexactly(2) == b"0\n"
            assert await asyncio.to_thread(server.stop) < STOP_SECONDS


async def test_logs_hold_what_a_person_can_use(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        await ask(server.url, "SELECT throwIf(number = 500000) FROM numbers(1000000) FORMAT JSON")
        await ask(server.url, "SELECT * FROM nosuch")
        with pytest.raises(aiohttp.ClientPayloadError):
            await ask(server.url, "SELECT throwIf(number = 900000) FROM numbers(2000000)")
        await asyncio.to_thread(server.stop)
        assert server.out.read_bytes() == b""
        lines = server.err.read_text().splitlines()
        assert [line.split(":")[0].split()[0] for line in lines] == ["ClickHouse", "ClickHouse"]


async def test_queries_over_the_limit_are_refused_not_queued(tmp_path: Path) -> None:
    with serving(tmp_path, running=2, waiting=1) as server:
        pending = {asyncio.create_task(ask(server.url, ENDLESS, query_id="test-first"))}
        await until_running(server.url, 1)
        pending |= {asyncio.create_task(ask(server.url, ENDLESS)) for _ in range(5)}
        while len(pending) > 3:
            done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED, timeout=30)
            assert done
            for status, said in [await task for task in done]:
                assert status == 503
                assert said.startswith("Code: 202. DB::Exception: Too many simultaneous queries. Maximum: 3")
        assert len(pending) == 3
        for task in pending:
            task.cancel()
        status = 503
        while status == 503:
            status, said = await ask(server.url, "SELECT 5")
        assert (status, said) == (200, "5\n")


async def test_a_query_ends_when_its_client_goes(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        for query in (ENDLESS, "SELECT number FROM numbers(100000000000)"):
            task = asyncio.create_task(ask(server.url, query, query_id="test-gone"))
            await until_running(server.url, 1)
            task.cancel()
            await until_running(server.url, 0)


async def test_one_id_runs_once(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        task = asyncio.create_task(ask(server.url, ENDLESS, query_id="test-one"))
        await until_running(server.url, 1)
        status, said = await ask(server.url, "SELECT 1", query_id="test-one")
        assert (status, said[:10]) == (500, "Code: 216.")
        task.cancel()


async def test_a_body_is_kept_in_a_file_and_refused_one_byte_over_the_limit(tmp_path: Path) -> None:
    limit, data = 3_000_000, b"1\n" * 1_500_000
    with serving(tmp_path, spool_bytes=1000, body_bytes=limit) as server:
        await ask(server.url, "CREATE TABLE default.t (a UInt8) ENGINE = MergeTree ORDER BY a")
        insert = "INSERT INTO default.t FORMAT TSV"
        assert (await ask(server.url, BytesIO(data), query=insert))[0] == 200
        status, said = await ask(server.url, BytesIO(data + b"\n"), query=insert)
        assert (status, said[:10]) == (413, "Code: 307.")
        assert await ask(server.url, "SELECT count() FROM default.t") == (200, "1500000\n")
        assert not list((tmp_path / "data" / "spool").iterdir())


async def test_sql_is_refused_one_byte_over_its_limit(tmp_path: Path) -> None:
    with serving(tmp_path, sql_bytes=1000) as server:
        text = "SELECT 1 -- "
        assert await ask(server.url, text.ljust(1000, "x")) == (200, "1\n")
        status, said = await ask(server.url, text.ljust(1001, "x"))
        assert (status, said[:10]) == (413, "Code: 229.")


async def test_an_answer_made_whole_is_bounded(tmp_path: Path) -> None:
    with serving(tmp_path, answer_bytes=1_000_000) as server:
        query = "SELECT number FROM numbers(1000000) FORMAT {}"
        status, said = await ask(server.url, query.format("JSON"))
        assert (status, said[:10]) == (500, "Code: 396.")
        status, rows = await ask(server.url, query.format("JSONEachRow"))
        assert (status, rows.count("\n")) == (200, 1_000_000)


SCHEMA = (
    "CREATE DATABASE d",
    "CREATE FUNCTION twice AS x -> x * 2",
    """CREATE TABLE d.r (site LowCardinality(String), w DateTime CODEC(Delta, ZSTD), b Map(Int16, UInt64), v UInt64)
        ENGINE = ReplacingMergeTree(v) PARTITION BY toDate(w) ORDER BY (site, w) TTL w + INTERVAL 30 DAY""",
    """CREATE TABLE d.h (site String, b Map(Int16, UInt64), at DateTime64(3))
        ENGINE = ReplacingMergeTree(at) ORDER BY site""",
    """CREATE MATERIALIZED VIEW d.hourly REFRESH EVERY 1 SECOND APPEND TO d.h
        AS SELECT site, sumMap(b) AS b, now64(3) AS at FROM d.r FINAL GROUP BY site""",
    "CREATE VIEW d.one AS SELECT site, b FROM d.r FINAL WHERE site = {s:String}",
    "INSERT INTO d.r VALUES ('a', now(), {1: 2, -3: 4}, 1), ('old', now() - INTERVAL 31 DAY, {}, 1)",
    "INSERT INTO d.r SELECT site, w, map(1, 5), 2 FROM d.r",
)


async def test_everything_the_product_uses_outlives_a_restart(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        for statement in SCHEMA:
            assert (await ask(server.url, statement))[0] == 200, statement
        await until(server.url, "SELECT count() > 0 FROM d.h", lambda found: found == "1\n")
        await asyncio.to_thread(server.stop)
    with serving(tmp_path) as server:
        assert await ask(server.url, "SELECT site, b, twice(v) FROM d.r FINAL WHERE site = 'a'") == (
            200,
            "a\t{1:5}\t4\n",
        )
        assert await ask(server.url, "SELECT b[1] FROM d.one(s = 'a')") == (200, "5\n")
        assert await ask(server.url, "SELECT b FROM d.h FINAL WHERE site = 'a'") == (200, "{1:5}\n")
        before = int((await ask(server.url, "SELECT max(toUnixTimestamp64Milli(at)) FROM d.h"))[1])
        newer = f"SELECT max(toUnixTimestamp64Milli(at)) > {before} FROM d.h"
        await until(server.url, newer, lambda found: found == "1\n")
        await ask(server.url, "OPTIMIZE TABLE d.r FINAL")
        assert await ask(server.url, "SELECT count() FROM d.r") == (200, "1\n")
