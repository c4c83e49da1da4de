"""From the POST of a beacon to what people look at: rows in ClickHouse, the 5-minute gauge in Prometheus' format.

    python -m benchmarks.latency [--probes 100] [--collector URL --clickhouse URL --prometheus URL [--pid PID]]

Without URLs it starts a stack of its own with empty data, measures how long that takes and how much memory it holds.
"""

import argparse
import asyncio
import contextlib
import random
import time
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import orjson
from rich.progress import track

from benchmarks.memory import resident
from benchmarks.result import Figure, keep, show, spread
from benchmarks.stack import Stack, own_stack
from schemas.metric_catalogue import TIMING_SECONDS

POLL_S = 0.05
GIVE_UP_S = 30.0
SETTLE_S = 10.0
TARGETS = ("events row", "rollup row", "5m gauge")


class Probe:
    """A page view of a route of its own, so that its row and its gauge can be told from all others."""

    def __init__(self, run: str, number: int) -> None:
        letters = "".join(chr(ord("a") + int(digit)) for digit in str(number))
        self.route = f"/latency/{run}/{letters}"
        self.metric_id = f"latency-{run}-{letters}"
        self.session = f"latency-{run}-{letters}-session"

    def body(self) -> bytes:
        """The SDK's batch with the page view and its LCP."""
        now = time.time_ns() // 1_000_000
        view = {
            "view_id": f"{self.metric_id}-view",
            "url": f"https://shop.example{self.route}",
            "route": self.route,
            "navigation_type": "navigate",
            "started_at": now,
        }
        events: list[dict[str, Any]] = [
            {"t": now, "k": "view", "n": "page_view", "id": f"{self.metric_id}-view", "view": 0},
            {"t": now, "k": "vital", "n": "LCP", "v": 1234.5, "id": self.metric_id, "view": 0},
        ]
        beacon = {
            "v": 1,
            "beacon_id": f"{self.metric_id}-beacon",
            "seq": 0,
            "sent_at": now,
            "session_id": self.session,
            "session_start": now,
            "sample_rate": 1,
            "dropped": {},
            "release": "",
            "environment": "",
            "views": [view],
            "events": events,
        }
        return orjson.dumps(beacon)


async def _rows(http: aiohttp.ClientSession, stack: Stack, query: str) -> bool:
    async with http.post(stack.clickhouse, data=query) as got:
        text = await got.text()
        # Before the first migration there is no table; after it an error is an error.
        return got.status == 200 and text.strip() not in ("", "0")


async def _gauge(http: aiohttp.ClientSession, stack: Stack, probe: Probe) -> bool:
    async with http.get(f"{stack.prometheus}/metrics") as got:
        lines = (await got.text()).splitlines()
    wanted = (f'route="{probe.route}"', 'window="5m"', 'metric="LCP"')
    return any(line.startswith(TIMING_SECONDS.name) and all(w in line for w in wanted) for line in lines)


async def _seen(began: float, look: Callable[[], Awaitable[bool]], what: str) -> float:
    while not await look():
        if time.monotonic() - began > GIVE_UP_S:
            raise TimeoutError(f"{what}: not visible {GIVE_UP_S:.0f} s after the POST")
        await asyncio.sleep(POLL_S)
    return time.monotonic() - began


async def measure(http: aiohttp.ClientSession, stack: Stack, probe: Probe) -> tuple[float, list[float]]:
    """Seconds from before the POST to its answer, and to each of TARGETS (polled every POLL_S).

    Raises:
        RuntimeError: the collector refused the probe.
        TimeoutError: something did not become visible within GIVE_UP_S; says what.
    """
    began = time.monotonic()
    headers = {"Content-Type": "text/plain;charset=UTF-8"}
    async with http.post(f"{stack.collector}/api/v1/rum", data=probe.body(), headers=headers) as got:
        if got.status != 204:
            raise RuntimeError(f"the collector answered {got.status}: {await got.text()}")
    acked = time.monotonic() - began
    events = f"SELECT count() FROM rum.events WHERE metric_id = '{probe.metric_id}'"
    rollups = f"SELECT count() FROM rum.rollups_1m WHERE metric = 'LCP' AND route = '{probe.route}'"
    looks = (
        lambda: _rows(http, stack, events),
        lambda: _rows(http, stack, rollups),
        lambda: _gauge(http, stack, probe),
    )
    seen = [_seen(began, look, what) for look, what in zip(looks, TARGETS, strict=True)]
    return acked, list(await asyncio.gather(*seen))


async def run(stack: Stack, probes: int) -> list[Figure]:
    """All figures of a stack; the first probe after the start is a figure of its own."""
    figures: list[Figure] = []
    name = f"{time.time_ns() // 1_000_000:x}".translate(str.maketrans("0123456789", "ghijklmnop"))
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as http:
        began = time.monotonic()
        await measure(http, stack, Probe(name, 0))
        if stack.ready_s is not None:
            whole = stack.ready_s + time.monotonic() - began
            figures.append(Figure(name="ready from nothing", metric="seconds", value=round(stack.ready_s, 2), unit="s"))
            figures.append(
                Figure(name="first beacon in every place", metric="seconds", value=round(whole, 2), unit="s")
            )
        if stack.pid is not None:
            await asyncio.sleep(SETTLE_S)
            figures += resident(stack.pid, "idle")
        acks: list[float] = []
        seen: list[list[float]] = []
        pauses = random.Random(1)
        for number in track(range(1, probes + 1), "probes"):
            acked, places = await measure(http, stack, Probe(name, number))
            acks.append(acked)
            seen.append(places)
            # At random, so that the probes do not march in step with the checkpoints.
            await asyncio.sleep(pauses.uniform(0.1, 1.1))
    figures += spread("POST → 204", acks)
    for what, values in zip(TARGETS, zip(*seen, strict=True), strict=True):
        figures += spread(f"POST → {what}", values)
    return figures


def main() -> None:
    """Measure, print, keep."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--probes", type=int, default=100)
    asked.add_argument("--collector")
    asked.add_argument("--clickhouse", default="http://127.0.0.1:8123")
    asked.add_argument("--prometheus", default="http://127.0.0.1:9464")
    asked.add_argument("--pid", type=int, help="process id of a running `rumstream up`, for its memory")
    args = asked.parse_args()
    with contextlib.ExitStack() as stop:
        if args.collector:
            stack = Stack(args.collector.rstrip("/"), args.clickhouse, args.prometheus.rstrip("/"), args.pid)
        else:
            stack = stop.enter_context(own_stack())
        figures = asyncio.run(run(stack, args.probes))
    show("Latency", figures)
    print(f"kept in {keep('latency', figures)}")


if __name__ == "__main__":
    main()
