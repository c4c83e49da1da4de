"""One topic's way: records in, batches out, offsets committed after the rows are there."""

import asyncio
import time
from typing import Generic, TypeVar

import msgspec
import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import CommitFailedError, IllegalStateError

from schemas.drop_reasons import DropReason
from sinks import instruments
from sinks.clickhouse.batch import Batch
from sinks.clickhouse.rows import RowKind
from sinks.clickhouse.writer import Writer
from sinks.config import ClickHouseSinkConfig

T = TypeVar("T")
_POLL_MS = 100

log = structlog.get_logger()


class Feed(Generic[T]):
    """Reads on while a batch is being written, and never stops polling.

    aiokafka leaves the group when nothing polls for max_poll_interval_ms, so the loop polls (paused) also while
    ClickHouse is slow or away, and heartbeats go on: no rebalance. Memory: a batch on its way, a batch filling; when
    the second is full its partitions are paused. A rebalance needs no care: rows are absolute, so whoever writes them
    again changes nothing, and offsets of partitions that are no longer ours are not committed.
    """

    def __init__(self, kind: RowKind[T], consumer: AIOKafkaConsumer, writer: Writer, config: ClickHouseSinkConfig):
        self._kind = kind
        self._consumer = consumer
        self._writer = writer
        self._config = config
        self._refused = 0
        self._seen: dict[TopicPartition, int] = {}
        self._written: dict[TopicPartition, int] = {}

    async def run(self, stop: asyncio.Event) -> None:
        """Feed until asked to stop; then write and commit what was read.

        Raises:
            clickhouse_connect.driver.exceptions.ClickHouseError: an insert was refused for a reason that lasts.
            aiokafka.errors.KafkaError: Kafka refused for a reason that lasts.
        """
        batch, writing = Batch(self._kind), None
        try:
            while not stop.is_set():
                await self._read(batch)
                if writing is not None and writing.done():
                    await writing
                    writing = None
                full = batch.full(self._config.batch_rows, self._config.batch_bytes)
                if writing is None and (full or batch.waited(time.monotonic(), self._config.flush_ms / 1000)):
                    writing, batch, full = asyncio.create_task(self._write(batch)), Batch(self._kind), False
                self._brake(full)
            await self._drain(writing, batch)
        finally:
            if writing is not None:
                writing.cancel()

    async def _drain(self, writing: asyncio.Task[None] | None, batch: Batch[T]) -> None:
        try:
            async with asyncio.timeout(self._config.stop_grace_s):
                if writing is not None:
                    await writing
                await self._write(batch)
        except TimeoutError:
            log.warning("stopped_before_the_last_rows", topic=self._kind.topic, why="they stay in Kafka")

    def _brake(self, full: bool) -> None:
        assigned = self._consumer.assignment()
        if full:
            self._consumer.pause(*assigned)
        else:
            self._consumer.resume(*(self._consumer.paused() & assigned))

    async def _read(self, batch: Batch[T]) -> None:
        wait_ms = min(_POLL_MS, self._config.flush_ms)
        polled = await self._consumer.getmany(timeout_ms=wait_ms, max_records=self._kind.poll)
        now = time.monotonic()
        for partition, records in polled.items():
            for record in records:
                batch.read(partition, record.offset, len(record.value or b""), now)
                self._written.setdefault(partition, record.offset)
                self._seen[partition] = record.offset + 1
                for part in self._kind.split(record.value) if record.value else ():
                    self._decode(part, record, batch)

    def _decode(self, part: bytes, record: ConsumerRecord[bytes, bytes], batch: Batch[T]) -> None:
        try:
            row = self._kind.decode(part)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            instruments.REFUSED.labels(DropReason.ROW_UNDECODABLE).inc()
            self._refused += 1
            if self._refused & (self._refused - 1) == 0:  # the 1st, 2nd, 4th, 8th …: a flood does not flood the log
                log.warning(
                    "record_refused",
                    topic=record.topic,
                    partition=record.partition,
                    offset=record.offset,
                    error=str(error),
                    refused=self._refused,
                )
        else:
            batch.add(row)

    async def _write(self, batch: Batch[T]) -> None:
        await self._writer.write(self._kind, batch)
        ours = self._consumer.assignment()
        offsets = {partition: offset for partition, offset in batch.offsets.items() if partition in ours}
        try:
            if offsets:
                await self._consumer.commit(offsets)
        except (CommitFailedError, IllegalStateError) as error:
            log.info("commit_left_to_the_next_owner", topic=self._kind.topic, error=str(error))
        self._written.update(batch.offsets)

    async def watch_lag(self, every_s: float = 5.0) -> None:
        """Keep the lag gauge right, for ever: records in Kafka that are not yet written.

        Where nothing is on its way the position counts, which is past the markers of transactions; else what is
        written.
        """
        while True:
            ends = await self._consumer.end_offsets(list(self._consumer.assignment()))
            lag = sum([max(0, end - await self._mark(partition)) for partition, end in ends.items()])
            instruments.LAG.labels(self._kind.topic).set(lag)
            await asyncio.sleep(every_s)

    async def _mark(self, partition: TopicPartition) -> int:
        if self._written.get(partition) != self._seen.get(partition):
            return self._written[partition]
        return int(await self._consumer.position(partition))
