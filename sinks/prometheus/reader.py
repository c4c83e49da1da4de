"""Reads `rum.rollups` from a while ago to now and on, without a group: every copy of this sink shows the same."""

import asyncio
from collections.abc import Callable

import msgspec
import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from schemas.drop_reasons import DropReason
from schemas.rollup import decode_rollup
from schemas.topics import ROLLUPS, topic_name
from sinks import instruments
from sinks.config import PrometheusSinkConfig
from sinks.prometheus.windows import Windows

_POLL_MS = 500

log = structlog.get_logger()


class Reader:
    """Fills the windows. ``caught_up`` turns true when all that was in Kafka at the start has been read."""

    def __init__(self, config: PrometheusSinkConfig, windows: Windows, now_ms: Callable[[], int]) -> None:
        self._topic = topic_name(ROLLUPS, config.generation)
        self._config = config
        self._windows = windows
        self._now_ms = now_ms
        self._refused = 0
        self.caught_up = False

    async def run(self) -> None:
        """Read for ever.

        Raises:
            aiokafka.errors.KafkaError: Kafka can't be reached at the start, or refuses.
        """
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self._config.bootstrap,
            group_id=None,
            isolation_level="read_committed",
            enable_auto_commit=False,
            auto_offset_reset="earliest",
        )
        await consumer.start()
        try:
            ends = await self._begin(consumer)
            while True:
                await self._read(consumer)
                self._windows.forget(self._now_ms())
                if not self.caught_up:
                    behind = [p for p, end in ends.items() if await consumer.position(p) < end]
                    self.caught_up = not behind
                    if self.caught_up:
                        log.info("caught_up", topic=self._topic, partitions=len(ends))
        finally:
            await consumer.stop()

    async def _begin(self, consumer: AIOKafkaConsumer) -> dict[TopicPartition, int]:
        partitions = await self._partitions()
        consumer.assign(partitions)
        # The ends first: a record written between the two questions must not be skipped.
        ends: dict[TopicPartition, int] = await consumer.end_offsets(partitions)
        since = self._now_ms() - self._config.lookback_s * 1000
        found = await consumer.offsets_for_times(dict.fromkeys(partitions, since))
        for partition in partitions:
            at = found.get(partition)
            consumer.seek(partition, ends[partition] if at is None else at.offset)
        return ends

    async def _partitions(self) -> list[TopicPartition]:
        admin = AIOKafkaAdminClient(bootstrap_servers=self._config.bootstrap)
        await admin.start()
        try:
            told = False
            while not (found := (await admin.describe_topics([self._topic]))[0]["partitions"]):
                if not told:
                    log.warning("waiting_for_topic", topic=self._topic)
                told = True
                await asyncio.sleep(1)
            return sorted(TopicPartition(self._topic, partition["partition"]) for partition in found)
        finally:
            await admin.close()

    async def _read(self, consumer: AIOKafkaConsumer) -> None:
        polled = await consumer.getmany(timeout_ms=_POLL_MS, max_records=2_000)
        now = self._now_ms()
        for records in polled.values():
            for record in records:
                if record.value is None:
                    continue
                try:
                    self._windows.apply(decode_rollup(record.value), now)
                except msgspec.DecodeError as error:
                    self._refuse(record.partition, record.offset, error)

    def _refuse(self, partition: int, offset: int, error: Exception) -> None:
        instruments.REFUSED.labels(DropReason.ROW_UNDECODABLE).inc()
        self._refused += 1
        if self._refused & (self._refused - 1) == 0:  # the 1st, 2nd, 4th, 8th …: a flood does not flood the log
            log.warning("record_refused", partition=partition, offset=offset, error=str(error), refused=self._refused)
