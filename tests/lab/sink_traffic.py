"""Rows as a lane writes them, put into Kafka in transactions, and what ClickHouse then holds."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from subprocess import Popen
from typing import Any
from urllib.request import urlopen
from uuid import uuid4

import clickhouse_connect
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from clickhouse_connect.driver.client import Client

from schemas.event import Beacon, Event
from schemas.rollup import RollupRow
from schemas.sample import SampleLine
from schemas.session import SessionRow
from schemas.topics import ROLLUPS, SAMPLES, SESSIONS, topic_name
from sinks.clickhouse.migrations import migrate
from sinks.config import ClickHouseSinkConfig
from tests.lab.servers import running

Records = Sequence[tuple[int, bytes]]
"""Partition and value."""


def rollup(
    n: int, version: int = 1, start_ms: int = 0, lane: int = 0, metric: str = "LCP", route: str = "", site: str = "shop"
) -> RollupRow:
    """Row n: its weights are made from its version, so that an old version in the place of a new one shows."""
    return RollupRow(
        site, "", "browser", metric, "", route or f"/r{n}", "navigate", "phone", "firefox", "DE", "1", start_ms, 60,
        lane, version, version, 1000 * version, sum=n, good=1000 * version, buckets={n % 300: 1000 * version},
    )  # fmt: skip


def session(n: int, version: int = 1, opened_ms: int = 0) -> SessionRow:
    """Session n."""
    return SessionRow("shop", f"s{n}", opened_ms, n % 2, version, opened_ms, opened_ms + 5, views=version)


def sample(n: int, at_ms: int, events: int = 2) -> SampleLine:
    """The n-th beacon of a lane with some events."""
    kept = [Event(ts=at_ms, kind="vital", name="LCP", value=float(n), metric_id=f"m{n}-{i}") for i in range(events)]
    beacon = Beacon(1, f"b{n}", "shop", f"s{n}", at_ms, "rum", events=kept)
    return SampleLine(n % 2, n, 0, at_ms, 1000, beacon)


class Producer:
    """Writes as a lane does: everything in transactions."""

    def __init__(self, bootstrap: str, generation: int, name: str = "test") -> None:
        self._kafka = AIOKafkaProducer(
            bootstrap_servers=bootstrap, transactional_id=f"{name}-{generation}", max_request_size=2**21
        )
        self._generation = generation

    async def __aenter__(self) -> "Producer":
        await self._kafka.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._kafka.stop()

    async def send(self, base: str, records: Records, commit: bool = True) -> None:
        """One transaction."""
        topic = topic_name(base, self._generation)
        await self._kafka.begin_transaction()
        sent = [await self._kafka.send(topic, value, value[:64], partition) for partition, value in records]
        for acknowledged in sent:
            await acknowledged
        await (self._kafka.commit_transaction() if commit else self._kafka.abort_transaction())


@contextmanager
def sinking(config: ClickHouseSinkConfig, log: Path) -> Iterator[Popen[bytes]]:
    """A sink's process."""
    with running(["tests.lab.clickhouse_sink", json.dumps(asdict(config))], log) as process:
        yield process


@contextmanager
def tables(kafka: str, clickhouse: str, generation: int = 1) -> Iterator[ClickHouseSinkConfig]:
    """A database of its own with all tables, gone afterwards."""
    made = ClickHouseSinkConfig(
        kafka, clickhouse, database=f"rum_{uuid4().hex[:8]}", generation=generation, flush_ms=100
    )
    migrate(made)
    yield made
    db = client(made)
    db.command(f"DROP DATABASE IF EXISTS {made.database} SYNC")
    db.close()


def client(config: ClickHouseSinkConfig) -> Client:
    """A client of the sink's database."""
    return clickhouse_connect.get_client(dsn=config.clickhouse_url)


def totals(config: ClickHouseSinkConfig) -> dict[str, tuple[Any, ...]]:
    """Counts and sums of the three tables, newest versions alone; no two rows may have the same key."""
    of = client(config)
    try:
        return {
            table: tuple(of.query(f"SELECT {columns} FROM {config.database}.{table} FINAL").result_rows[0])
            for table, columns in {
                "rollups_1m": "count(), sum(weight), sum(good), sum(sum), sumMap(buckets)",
                "sessions": "count(), sum(views), sum(version)",
                "events": "count(), uniqExact(lane, offset, line, index), sum(value)",
            }.items()
        }
    finally:
        of.close()


async def until(true: Callable[[], Awaitable[bool]], what: str, *alive: Popen[bytes], seconds: float = 60) -> None:
    """Wait for a condition, not for the clock.

    Raises:
        AssertionError: it did not come in time, or a process ended before.
    """
    deadline = time.monotonic() + seconds
    while not await true():
        assert time.monotonic() < deadline, f"not after {seconds} s: {what}"
        assert all(p.poll() is None for p in alive), f"a process ended before: {what}"
        await asyncio.sleep(0.1)


async def written(config: ClickHouseSinkConfig, lanes: int = 2) -> bool:
    """Whether the group has committed everything; the marker of each partition's last transaction may be left."""
    return all([await uncommitted(config, base, lanes) <= lanes for base in (ROLLUPS, SESSIONS, SAMPLES)])


async def uncommitted(config: ClickHouseSinkConfig, base: str, lanes: int = 2) -> int:
    """Records between the group's committed offset and the end, transaction markers among them."""
    topic = topic_name(base, config.generation)
    consumer = AIOKafkaConsumer(bootstrap_servers=config.bootstrap, group_id=f"{config.group}-{topic}")
    await consumer.start()
    try:
        partitions = [TopicPartition(topic, p) for p in range(lanes)]
        ends = await consumer.end_offsets(partitions)
        return sum([end - (await consumer.committed(p) or 0) for p, end in ends.items()])
    finally:
        await consumer.stop()


def metric_values(url: str) -> dict[str, float]:
    """What a /metrics shows, by name and labels as written."""
    with urlopen(url, timeout=5) as response:  # noqa: S310 - our own http:// addresses
        lines = response.read().decode().splitlines()
    return {name: float(value) for name, value in (x.rsplit(" ", 1) for x in lines if not x.startswith("#"))}
