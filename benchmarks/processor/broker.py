"""The real Kafka of the benchmark, and its topics."""

import asyncio
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaConnectionError

from benchmarks.stack import free_ports
from schemas.topics import topics

READY_SECONDS: Final = 120.0
_LOOK_S: Final = 0.2
_FOREVER: Final = {"retention.ms": "-1", "cleanup.policy": "delete"}


@contextmanager
def own_kafka(folder: Path) -> Iterator[tuple[str, int]]:
    """Start Kafka with empty data; (bootstrap, process id), ended at the end.

    Raises:
        RuntimeError: it ended; the message holds the end of its log.
    """
    (port,) = free_ports(1)
    log = folder / "kafka.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "embedded.kafka", "--data", str(folder / "kafka"), "--port", str(port)],
            env={**os.environ},
            stdout=out,
            stderr=out,
        )
    try:
        yield f"127.0.0.1:{port}", process.pid
        if process.poll() is not None:
            raise RuntimeError(f"Kafka ended ({process.returncode}):\n{log.read_text(errors='replace')[-3000:]}")
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


async def admin(bootstrap: str) -> AIOKafkaAdminClient:
    """A started admin client; waits for a Kafka that is about to answer.

    Raises:
        KafkaConnectionError: it did not answer in time.
    """
    deadline = time.monotonic() + READY_SECONDS
    host, _, port = bootstrap.partition(":")
    while True:
        with socket.socket() as s:
            listens = s.connect_ex((host, int(port))) == 0
        if not listens and time.monotonic() < deadline:
            await asyncio.sleep(_LOOK_S)
            continue
        client = AIOKafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=20_000)
        try:
            await client.start()
        except KafkaConnectionError:
            await client.close()
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(_LOOK_S)
        else:
            return client


async def create(bootstrap: str, lanes: int, generations: list[int], names: list[str]) -> None:
    """The topics of these generations, and topics of these names, each with one partition a lane."""
    client = await admin(bootstrap)
    try:
        ours = [t for generation in generations for t in topics(generation)]
        wanted = {t.name: NewTopic(t.name, lanes if t.per_lane else 1, 1, topic_configs=t.config) for t in ours}
        wanted |= {name: NewTopic(name, lanes, 1, topic_configs=dict(_FOREVER)) for name in names}
        await client.create_topics(list(wanted.values()))
    finally:
        await client.close()
