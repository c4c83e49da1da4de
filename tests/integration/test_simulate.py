"""The simulator's sender: the same beacon again where a client would, an honest account, and everything in Kafka."""

import asyncio
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from aiokafka import AIOKafkaConsumer, TopicPartition
from prometheus_client.parser import text_string_to_metric_families

from rumstream.simulate.config import SimulateConfig
from rumstream.simulate.sender import Tally, send_all
from rumstream.simulate.traffic import traffic
from schemas.block import split_lines
from schemas.event import decode_beacon
from schemas.metric_catalogue import COLLECTOR_EVENTS_DROPPED
from schemas.topics import BEACONS, topic_name
from tests.lab.servers import answers, running, unused_port, wait_until

pytestmark = pytest.mark.integration

START = 1_750_000_000_000
LANES = 2


@asynccontextmanager
async def collector(answer: Callable[[bytes], web.Response]) -> AsyncIterator[str]:
    """A door that answers what the test wants: for what a real collector does only in trouble."""

    async def post(request: web.Request) -> web.Response:
        return answer(await request.read())

    app = web.Application()
    app.router.add_post("/{path:.*}", post)
    server = TestServer(app)
    await server.start_server()
    try:
        yield str(server.make_url("/"))
    finally:
        await server.close()


async def sent(url: str, beacons: int = 20, start_ms: int = START, attempts: int = 3) -> Tally:
    config = SimulateConfig(collector=url, rate=beacons * 2, minutes=1 / 120, attempts=attempts)
    tally = Tally()
    await send_all(traffic(config, 5, start_ms), config, tally, asyncio.Event(), lambda: None)
    return tally


async def test_a_503_is_tried_again_with_the_same_bytes() -> None:
    attempts: list[bytes] = []

    def first_time_503(body: bytes) -> web.Response:
        attempts.append(body)
        again = attempts.count(body) > 1
        return web.Response(status=204 if again else 503, headers={} if again else {"Retry-After": "0"})

    async with collector(first_time_503) as url:
        tally = await sent(url)
    assert (tally.sent, tally.accepted, tally.retries) == (20, 20, 20)
    assert all(attempts.count(body) == 2 for body in set(attempts))


async def test_a_beacon_that_never_passes_is_refused_once_with_the_collectors_reason() -> None:
    problem = {"status": 503, "code": "not_durable"}
    async with collector(lambda _: web.json_response(problem, status=503, headers={"Retry-After": "0"})) as url:
        tally = await sent(url)
    assert (tally.sent, tally.accepted, dict(tally.refused), tally.retries) == (20, 0, {"not_durable": 20}, 40)


async def test_a_400_is_not_tried_again() -> None:
    async with collector(lambda _: web.Response(status=400, text="no problem document")) as url:
        tally = await sent(url)
    assert (tally.accepted, dict(tally.refused), tally.retries) == (0, {"status 400": 20}, 0)


async def test_nobody_there_is_undelivered() -> None:
    tally = await sent(f"http://127.0.0.1:{unused_port()}", beacons=4, attempts=2)
    assert (tally.sent, tally.accepted, dict(tally.undelivered)) == (4, 0, {"no connection": 4})


async def test_a_stop_waits_for_what_is_on_its_way() -> None:
    stop = asyncio.Event()

    def stopping(_: bytes) -> web.Response:
        stop.set()
        return web.Response(status=204)

    async with collector(stopping) as url:
        config, tally = SimulateConfig(collector=url, rate=10, minutes=10), Tally()
        await send_all(traffic(config, 5, START), config, tally, stop, lambda: None)
    assert 1 <= tally.sent == tally.accepted < 10


async def test_a_real_collector_accepts_every_beacon_and_has_it_in_kafka(
    kafka: str, generation: int, tmp_path: Path
) -> None:
    url = f"http://127.0.0.1:{(port := unused_port())}"
    env = {
        "RUMSTREAM_KAFKA_BOOTSTRAP": kafka,
        "RUMSTREAM_COLLECTOR_PORT": str(port),
        "RUMSTREAM_LANES": str(LANES),
        "RUMSTREAM_GENERATION": str(generation),
    }
    with running(["rumstream", "collect"], tmp_path / "log", env) as process:
        await asyncio.to_thread(wait_until, lambda: answers(f"{url}/readyz"), "the collector", process)
        tally = await sent(url, beacons=600, start_ms=time.time_ns() // 1_000_000)
        assert await asyncio.to_thread(_dropped_events, url) == 0
    assert dict(tally.refused) == {}
    assert tally.accepted == tally.sent == 600
    assert await _beacons(kafka, topic_name(BEACONS, generation)) == 600


def test_the_command_fails_and_says_why_when_nothing_was_accepted(tmp_path: Path) -> None:
    env = {**os.environ, "RUMSTREAM_COLLECTOR_PORT": str(unused_port())}
    command = [sys.executable, "-m", "rumstream", "simulate", "--rate", "100", "--minutes", "0.0005", "--seed", "1"]
    done = subprocess.run(command, env=env, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "sent 3 accepted 0 refused 0 undelivered 3 (no connection 3); 6 retries" in done.stdout
    assert "seed 1" in done.stdout


def _dropped_events(url: str) -> float:
    with urllib.request.urlopen(f"{url}/metrics", timeout=5) as answer:  # noqa: S310
        families = text_string_to_metric_families(answer.read().decode())
        return sum(s.value for f in families for s in f.samples if s.name == COLLECTOR_EVENTS_DROPPED.name)


async def _beacons(bootstrap: str, topic: str) -> int:
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False)
    await consumer.start()
    try:
        lanes = [TopicPartition(topic, n) for n in range(LANES)]
        consumer.assign(lanes)
        await consumer.seek_to_beginning(*lanes)
        ends = await consumer.end_offsets(lanes)
        count = 0
        while any([await consumer.position(lane) < ends[lane] for lane in lanes]):
            for records in (await consumer.getmany(timeout_ms=500)).values():
                count += sum(len(decode_beacon(line).events) > 0 for r in records for line in split_lines(r.value))
        return count
    finally:
        await consumer.stop()
