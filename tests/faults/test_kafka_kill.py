"""kill -9 of Kafka under load, again and again: every acknowledged record is there, once, in its order."""

import asyncio
import signal
import subprocess
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from rumstream.topics import create_topics
from schemas.topics import BEACONS
from tests.lab.servers import kafka_answers, running, unused_port, wait_until

pytestmark = [pytest.mark.fault, pytest.mark.timeout(240)]

KILLS = 3
BETWEEN_KILLS = 300


async def answers(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    await asyncio.to_thread(wait_until, lambda: asyncio.run(kafka_answers(address)), f"Kafka, see {log}", process)


async def read_all(address: str) -> list[bytes]:
    async with AIOKafkaConsumer(bootstrap_servers=address, enable_auto_commit=False) as consumer:
        partition = TopicPartition(BEACONS, 0)
        consumer.assign([partition])
        await consumer.seek_to_beginning(partition)
        end = (await consumer.end_offsets([partition]))[partition]
        found: list[bytes] = []
        while await consumer.position(partition) < end:
            found += [r.value or b"" for r in (await consumer.getmany(timeout_ms=1_000)).get(partition, [])]
        return found


class Load:
    """An endless stream of numbered records, one after the other in one partition; ``acked`` are in Kafka, it says."""

    def __init__(self, producer: AIOKafkaProducer) -> None:
        self._producer = producer
        self._more = asyncio.Condition()
        self.sent = 0
        self.acked: list[bytes] = []
        self.ended = False

    async def run(self) -> None:
        pending: set[asyncio.Task[None]] = set()
        while not self.ended:
            value = str(self.sent).encode()
            self.sent += 1
            pending.add(asyncio.create_task(self._acked(await self._producer.send(BEACONS, value, partition=0), value)))
            if len(pending) >= 50:
                _, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
        await asyncio.gather(*pending)

    async def _acked(self, sending: asyncio.Future[object], value: bytes) -> None:
        await sending
        async with self._more:
            self.acked.append(value)
            self._more.notify_all()

    async def until(self, count: int) -> None:
        async with self._more:
            await self._more.wait_for(lambda: len(self.acked) >= count)


async def test_a_killed_kafka_keeps_every_acknowledged_record(tmp_path: Path) -> None:
    log, port = tmp_path / "log", unused_port()
    address = f"127.0.0.1:{port}"
    arguments = ["embedded.kafka", "--data", str(tmp_path / "data"), "--port", str(port)]
    producer = AIOKafkaProducer(bootstrap_servers=address, acks="all", enable_idempotence=True, retry_backoff_ms=50)
    load = Load(producer)
    sending: asyncio.Task[None] | None = None
    at_kill: list[int] = []
    for _ in range(KILLS):
        with running(arguments, log) as process:
            await answers(address, process, log)
            if sending is None:
                await create_topics(address, 1, 1)
                await producer.start()
                sending = asyncio.create_task(load.run())
            await load.until(len(load.acked) + BETWEEN_KILLS)
            process.kill()
            assert await asyncio.to_thread(process.wait, 10) == -signal.SIGKILL
            at_kill.append(len(load.acked))
    with running(arguments, log) as process:
        await answers(address, process, log)
        await load.until(at_kill[-1] + BETWEEN_KILLS)
        load.ended = True
        if sending:
            await sending
        stored = await read_all(address)
        await producer.stop()
    assert len(load.acked) == load.sent
    assert stored == [str(number).encode() for number in range(load.sent)]
