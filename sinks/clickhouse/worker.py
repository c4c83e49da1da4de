"""The sink's process: four feeds, until SIGTERM. Crash-only: whatever ends a feed ends the process."""

import asyncio
import signal
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from typing import Any, Final

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from prometheus_client import start_http_server

from schemas.instruments import REGISTRY
from schemas.topics import topic_name
from sinks.clickhouse.event_rows import EVENT_ROWS
from sinks.clickhouse.feed import Feed
from sinks.clickhouse.ledger_rows import LEDGER_ROWS
from sinks.clickhouse.rollup_rows import ROLLUP_ROWS
from sinks.clickhouse.rows import RowKind
from sinks.clickhouse.session_rows import SESSION_ROWS
from sinks.clickhouse.writer import Writer
from sinks.config import ClickHouseSinkConfig

KINDS: Final[tuple[RowKind[Any], ...]] = (ROLLUP_ROWS, SESSION_ROWS, EVENT_ROWS, LEDGER_ROWS)

log = structlog.get_logger()


def run(config: ClickHouseSinkConfig) -> None:
    """Write its topics into ClickHouse until SIGTERM or SIGINT; then finish, commit and return.

    What ClickHouse does not take within the grace period stays in Kafka for the next start.

    Raises:
        clickhouse_connect.driver.exceptions.ClickHouseError: ClickHouse refuses the rows for a reason that lasts.
        aiokafka.errors.KafkaError: Kafka can't be reached at the start, or refuses.
    """
    if config.metrics_port:
        start_http_server(config.metrics_port, addr=config.metrics_host, registry=REGISTRY)
    asyncio.run(_run(config))


async def _run(config: ClickHouseSinkConfig) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    try:
        async with asyncio.TaskGroup() as feeds:
            for kind in KINDS:
                feeds.create_task(_feed(kind, config, stop))
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from failures
    log.info("sink_stopped")


async def _feed(kind: RowKind[Any], config: ClickHouseSinkConfig, stop: asyncio.Event) -> None:
    writer = Writer(config)
    async with _consumer(kind.topic, config) as consumer:
        feed = Feed(kind, consumer, writer, config)
        lag = asyncio.create_task(feed.watch_lag())
        log.info("feed_started", topic=topic_name(kind.topic, config.generation), table=kind.table)
        try:
            await feed.run(stop)
        finally:
            lag.cancel()
            await writer.close()


class _Assignments(ConsumerRebalanceListener):  # type: ignore[misc]
    """A line in the log for each rebalance: an operator wants to see that there are none."""

    def on_partitions_revoked(self, revoked: Collection[TopicPartition]) -> None:
        """Nothing to give back: see Feed."""

    def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        """Say which."""
        log.info("partitions_assigned", partitions=sorted(f"{p.topic}/{p.partition}" for p in assigned))


@asynccontextmanager
async def _consumer(base: str, config: ClickHouseSinkConfig) -> AsyncIterator[AIOKafkaConsumer]:
    # A group of its own for each topic: a member that joins one does not stop the others.
    topic = topic_name(base, config.generation)
    consumer = AIOKafkaConsumer(
        bootstrap_servers=config.bootstrap,
        group_id=f"{config.group}-{topic}",
        isolation_level="read_committed",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        session_timeout_ms=config.session_timeout_ms,
        heartbeat_interval_ms=config.session_timeout_ms // 10,
        max_poll_interval_ms=config.max_poll_interval_ms,
        max_partition_fetch_bytes=4 * 1024 * 1024,
        fetch_max_bytes=16 * 1024 * 1024,
    )
    consumer.subscribe([topic], listener=_Assignments())
    await consumer.start()
    try:
        yield consumer
    finally:
        await consumer.stop()
