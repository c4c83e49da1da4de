"""kill -9 of ClickHouse under inserts, again and again: every acknowledged row is there, and it starts again."""

import asyncio
import signal
from functools import partial
from pathlib import Path

import aiohttp
import pytest

from tests.lab.servers import answers, running, unused_port, wait_until

pytestmark = [pytest.mark.fault, pytest.mark.timeout(240)]

KILLS = 5
INSERTS_BETWEEN_KILLS = 30
ROWS = 500
DDL = """CREATE TABLE IF NOT EXISTS default.kill (insert_id UInt64, row UInt64, m Map(Int16, UInt64))
    ENGINE = MergeTree ORDER BY (insert_id, row)"""


class Load:
    """Endless inserts of ROWS rows each, all with a number of their own; ``acked`` are in, it said."""

    def __init__(self) -> None:
        self._more = asyncio.Condition()
        self._next = 0
        self.acked: list[int] = []

    async def run(self, url: str, http: aiohttp.ClientSession) -> None:
        """Insert until the server is gone."""
        query = {"query": "INSERT INTO default.kill FORMAT TSV"}
        while True:
            number, self._next = self._next, self._next + 1
            body = "".join(f"{number}\t{row}\t{{{row % 100}:{row}}}\n" for row in range(ROWS))
            try:
                async with http.post(url, params=query, data=body.encode()) as reply:
                    if reply.status != 200:
                        raise AssertionError(await reply.text())
            except aiohttp.ClientConnectionError:
                return
            async with self._more:
                self.acked.append(number)
                self._more.notify_all()

    async def until(self, count: int) -> None:
        async with self._more:
            await self._more.wait_for(lambda: len(self.acked) >= count)


async def ask(url: str, query: str, http: aiohttp.ClientSession) -> str:
    async with http.post(url, data=query) as reply:
        text = await reply.text()
        assert reply.status == 200, text
        return text


async def test_a_killed_clickhouse_keeps_every_acknowledged_row(tmp_path: Path) -> None:
    load, log = Load(), tmp_path / "log"
    for kill in range(KILLS + 1):
        port = unused_port()
        url = f"http://127.0.0.1:{port}"
        arguments = ["embedded.clickhouse", "--data", str(tmp_path / "data"), "--port", str(port)]
        with running(arguments, log) as process:
            await asyncio.to_thread(wait_until, partial(answers, f"{url}/ping"), f"ClickHouse, see {log}", process)
            async with aiohttp.ClientSession() as http:
                await ask(url, DDL, http)
                found = await ask(
                    url, "SELECT insert_id, count(), sum(row), sum(m[row % 100]) FROM default.kill GROUP BY 1", http
                )
                counts = {int(line.split("\t")[0]): line.split("\t")[1:] for line in found.splitlines()}
                total = str(ROWS * (ROWS - 1) // 2)
                assert set(load.acked) <= set(counts)
                # An insert is in as a whole, or not at all, whether anybody was told or not.
                assert all(count == [str(ROWS), total, total] for count in counts.values())
                broken = "SELECT count() FROM system.detached_parts WHERE reason LIKE 'broken%'"
                assert await ask(url, broken, http) == "0\n"
                if kill < KILLS:
                    clients = [asyncio.create_task(load.run(url, http)) for _ in range(4)]
                    await load.until(len(load.acked) + INSERTS_BETWEEN_KILLS + kill)
                    process.send_signal(signal.SIGKILL)
                    await asyncio.gather(*clients)
                    await asyncio.to_thread(process.wait)
