"""Collector and Kafka die, stop and stall under load: a 2xx is in Kafka, and every answer comes in time."""

import asyncio
import random
import signal
import subprocess
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import psutil
import pytest

from tests.lab.clients import Clients, holds, started
from tests.lab.collector import Collector, beacons_in
from tests.lab.servers import answers, create_topics, kafka_answers, running, unused_port

pytestmark = [pytest.mark.fault, pytest.mark.timeout(300)]

LANES = 2
DEADLINE_S = 2.0
MARGIN_S = 3.0  # an answer and no hang; how fast it is, benchmarks say
INFLIGHT_BYTES = 32 * 1024 * 1024

StartKafka = Callable[[], Awaitable[subprocess.Popen[bytes]]]


@pytest.fixture
def topics(kafka: str, generation: int) -> tuple[str, int]:
    return kafka, generation


async def ids_in(kafka: str, generation: int) -> Counter[str]:
    return Counter(beacon.beacon_id for _, beacon in await beacons_in(kafka, generation, LANES))


async def test_killed_at_random_every_2xx_is_in_kafka(topics: tuple[str, int], tmp_path: Path) -> None:
    kafka, generation = topics
    rng, port, log = random.Random(1), unused_port(), tmp_path / "log"
    clients = Clients(port, retry=True)
    async with AsyncExitStack() as last, clients.sending(16):
        for _ in range(5):
            async with started(kafka, generation, LANES, log, port) as collector:
                await clients.until(rng.randrange(50, 400))
                collector.process.kill()
        await last.enter_async_context(started(kafka, generation, LANES, log, port))
        await clients.until(50)
    assert clients.statuses[0] > 0  # the kills were felt
    assert clients.acked == clients.sent  # every beacon went through at last
    assert clients.acked == set(await ids_in(kafka, generation))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_asked_to_end_under_load_it_answers_what_it_has_and_ends_with_0(
    topics: tuple[str, int], tmp_path: Path, number: signal.Signals
) -> None:
    kafka, generation = topics
    port = unused_port()
    clients = Clients(port, retry=False)
    async with started(kafka, generation, LANES, tmp_path / "log", port) as collector, clients.sending(32):
        await clients.until(300)
        begun = time.monotonic()
        collector.process.send_signal(number)
        assert await asyncio.to_thread(collector.process.wait, 15) == 0
        assert time.monotonic() - begun < 10
    assert set(clients.statuses) <= {204, 0}  # 0: no connection any more
    found = await ids_in(kafka, generation)
    assert clients.acked == set(found)
    assert set(found.values()) == {1}


@asynccontextmanager
async def kafka_of_its_own(tmp_path: Path) -> AsyncIterator[tuple[str, StartKafka]]:
    """Address of a Kafka that a test may hurt, and how to start it (again)."""
    port = unused_port()
    address = f"127.0.0.1:{port}"
    async with AsyncExitStack() as stack:

        async def start() -> subprocess.Popen[bytes]:
            arguments = ["embedded.kafka", "--data", str(tmp_path / "kafka"), "--port", str(port)]
            process = stack.enter_context(running(arguments, tmp_path / "kafka.log"))
            stack.callback(process.send_signal, signal.SIGCONT)
            while not await kafka_answers(address):
                assert process.poll() is None
                await asyncio.sleep(0.1)
            return process

        yield address, start


async def until_ready(collector: Collector) -> float:
    """Seconds until the collector says that Kafka acknowledges."""
    begun = time.monotonic()
    async with asyncio.timeout(60):
        while not await asyncio.to_thread(answers, f"{collector.url}/readyz"):
            pass
    return time.monotonic() - begun


async def hold_true(collector: Collector, clients: Clients, kafka: str) -> None:
    """The laws after any stall of Kafka: P1, the ledger at the door, and every answer in time."""
    counts = collector.counts()
    found = await ids_in(kafka, 1)
    assert clients.acked <= set(found)
    assert set(found.values()) == {1}  # Kafka's idempotent producer
    unknown = counts["rum_collector_unknown_total"]
    assert len(set(found) - clients.acked) <= unknown
    acked = sum(n for name, n in counts.items() if name.startswith("rum_collector_acked_total{"))
    rejected = sum(n for name, n in counts.items() if name.startswith("rum_collector_rejected_total{"))
    assert counts["rum_collector_received_total"] == acked + rejected + unknown
    assert acked == len(clients.acked)
    assert counts["rum_collector_inflight_bytes"] == 0
    assert set(clients.statuses) == {204, 503}
    assert clients.slowest_s < DEADLINE_S + MARGIN_S


@pytest.mark.parametrize("stopped_s", [3, 15])  # below and above the producer's own request timeout
async def test_a_kafka_that_stalls_is_told_as_503_in_time_and_nothing_is_lost(tmp_path: Path, stopped_s: int) -> None:
    async with kafka_of_its_own(tmp_path) as (address, start):
        kafka = await start()
        await create_topics(address, 1, LANES)
        port = unused_port()
        clients = Clients(port, retry=False)
        async with started(address, 1, LANES, tmp_path / "log", port) as collector:
            async with clients.sending(16):
                await clients.until(200)
                kafka.send_signal(signal.SIGSTOP)
                assert await gone_for(collector, stopped_s)
                kafka.send_signal(signal.SIGCONT)
                assert await until_ready(collector) < 30
                await clients.until(200)
            await hold_true(collector, clients, address)


async def test_a_kafka_that_was_killed_and_comes_back_is_found_again(tmp_path: Path) -> None:
    async with kafka_of_its_own(tmp_path) as (address, start):
        kafka = await start()
        await create_topics(address, 1, LANES)
        port = unused_port()
        clients = Clients(port, retry=False)
        async with started(address, 1, LANES, tmp_path / "log", port) as collector:
            async with clients.sending(16):
                await clients.until(200)
                kafka.kill()
                assert await gone_for(collector, 15)
                await start()
                assert await until_ready(collector) < 30
                await clients.until(200)
            await hold_true(collector, clients, address)


async def test_without_kafka_memory_is_bounded_and_the_rest_is_sent_away(tmp_path: Path) -> None:
    async with kafka_of_its_own(tmp_path) as (address, start):
        kafka = await start()
        await create_topics(address, 1, LANES)
        port = unused_port()
        clients = Clients(port, retry=False, attributes=20)
        async with started(address, 1, LANES, tmp_path / "log", port) as collector:
            memory = psutil.Process(collector.process.pid).memory_info
            async with clients.sending(8):
                await clients.until(200)
            before = memory().rss
            kafka.send_signal(signal.SIGSTOP)
            async with clients.sending(600):
                await holds(lambda: clients.told_overloaded)
                largest = memory().rss
            kafka.send_signal(signal.SIGCONT)
            assert largest - before < 4 * INFLIGHT_BYTES
            assert await until_ready(collector) < 30
            assert set(clients.statuses) == {204, 503}


async def test_a_collector_can_be_there_before_kafka(tmp_path: Path) -> None:
    async with kafka_of_its_own(tmp_path) as (address, start):
        port = unused_port()
        clients = Clients(port, retry=True)
        async with started(address, 1, LANES, tmp_path / "log", port, ready=False) as collector:
            assert not answers(f"{collector.url}/readyz")
            async with clients.sending(2):
                await start()
                await create_topics(address, 1, LANES)
                assert await until_ready(collector) < 30
                await clients.until(20)
            assert clients.acked == set(await ids_in(address, 1))


async def gone_for(collector: Collector, seconds: float) -> bool:
    """True when the collector says for so long, but for a moment at first, that Kafka does not acknowledge."""
    begun = time.monotonic()
    while await asyncio.to_thread(answers, f"{collector.url}/readyz"):
        assert time.monotonic() - begun < 5
    while time.monotonic() - begun < seconds:
        if await asyncio.to_thread(answers, f"{collector.url}/readyz"):
            return False
    return True
