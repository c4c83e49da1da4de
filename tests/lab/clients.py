"""Many clients of a collector that may die under them."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from tests.lab.collector import Collector, batch, collecting


async def holds(condition: Callable[[], bool]) -> None:
    """Wait until it is true."""
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110 - nothing tells when
            await asyncio.sleep(0.01)


@dataclass
class Clients:
    """Many clients that send one beacon after the other, and what they were answered."""

    port: int
    retry: bool
    attributes: int = 0
    acked: set[str] = field(default_factory=set)
    sent: set[str] = field(default_factory=set)
    statuses: Counter[int] = field(default_factory=Counter)
    slowest_s: float = 0.0
    told_overloaded: bool = False

    @asynccontextmanager
    async def sending(self, number: int) -> AsyncIterator[None]:
        """So many clients at work; on leaving, each finishes what it has begun."""
        done = asyncio.Event()
        connector = aiohttp.TCPConnector(limit=0)
        async with aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(20)) as http:
            tasks = [asyncio.create_task(self._work(http, f"c{n}", done)) for n in range(number)]
            yield
            done.set()
            await asyncio.gather(*tasks)

    async def until(self, acked: int) -> None:
        """Wait for so many more acknowledgements."""
        goal = len(self.acked) + acked
        await holds(lambda: len(self.acked) >= goal)

    async def _work(self, http: aiohttp.ClientSession, name: str, done: asyncio.Event) -> None:
        count = 0
        while not done.is_set():
            count += 1
            beacon_id = f"{name}-{count}"
            self.sent.add(beacon_id)
            for _ in range(10_000 if self.retry else 1):
                if await self._send(http, beacon_id, name) == 204:
                    break
                await asyncio.sleep(0.05)  # as a client backs off

    async def _send(self, http: aiohttp.ClientSession, beacon_id: str, session: str) -> int:
        body = batch(beacon_id, session, time.time_ns() // 1_000_000, events=1 + self.attributes)
        for event in body["events"][1:]:
            event["a"] = {f"name{n}": "x" * 200 for n in range(10)}
        begun = time.monotonic()
        try:
            async with http.post(f"http://127.0.0.1:{self.port}/api/v1/rum", json=body) as answer:
                told = await answer.read()
                status = answer.status
                self.told_overloaded = self.told_overloaded or b"overloaded" in told
        except aiohttp.ClientError:
            status = 0
        self.slowest_s = max(self.slowest_s, time.monotonic() - begun)
        self.statuses[status] += 1
        if status == 204:
            self.acked.add(beacon_id)
        return status


@asynccontextmanager
async def started(
    kafka: str, generation: int, lanes: int, log: Path, port: int, ready: bool = True
) -> AsyncIterator[Collector]:
    """A collector, started and ended without holding up the clients."""
    process = collecting(kafka, generation, lanes, log, port, ready)
    collector = await asyncio.to_thread(process.__enter__)
    try:
        yield collector
    finally:
        await asyncio.to_thread(process.__exit__, None, None, None)
