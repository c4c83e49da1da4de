"""Bringing a local store up to the end of its lane's `rum.state` (design section 6, Exactly once, 1 and 2)."""

import uuid
from collections.abc import AsyncIterator
from typing import Final

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from processors.core.keys import LANE_KEY, VISIT, expiry_key
from processors.core.records import Codec, LaneRecord
from processors.store import LaneStore, Stamp
from schemas.topics import STATE_DELETE_RETENTION_MS

log = structlog.get_logger()

LANE_RECORD: Final = Codec(LaneRecord)
_FETCH_BYTES: Final = 8 * 1024 * 1024


class AnotherLifeError(Exception):
    """The changelog is not the one that the local store follows: it was recreated."""


def partition_reader(bootstrap: str, isolation: str) -> AIOKafkaConsumer:
    """A plain consumer without a group, for one partition assigned by hand."""
    return AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        enable_auto_commit=False,
        auto_offset_reset="none",
        isolation_level=isolation,
        max_partition_fetch_bytes=_FETCH_BYTES,
    )


async def restore(
    bootstrap: str, topic: str, partition: int, generation: int, store: LaneStore, now_ms: int
) -> LaneRecord:
    """The lane's own record, with the store at the end of the changelog; a new life where there is none.

    Call it only after the lane's transactional producer has started: that fences every former owner and ends what
    it left open. Cost: all changes since the store's stamp, or the whole partition without a trusted store.

    Raises:
        StateVersionError: the state was written by a newer rumstream.
        KafkaError: the broker can't be read.
    """
    tp = TopicPartition(topic, partition)
    consumer = partition_reader(bootstrap, "read_committed")
    await consumer.start()
    try:
        first = (await consumer.beginning_offsets([tp]))[tp]
        end = (await consumer.end_offsets([tp]))[tp]
        stamp = store.stamp()
        if stamp is not None and (distrust := _distrust(stamp, generation, end, now_ms)):
            log.warning("local store wiped", partition=partition, why=distrust)
            stamp = None
        if stamp is not None:
            try:
                return await _follow(
                    consumer, tp, max(first, stamp.record_offset), end, store, stamp, generation, now_ms
                )
            except AnotherLifeError as error:
                log.warning("local store wiped", partition=partition, why=str(error))
        store.wipe()
        return await _follow(consumer, tp, first, end, store, None, generation, now_ms)
    finally:
        await consumer.stop()


def _distrust(stamp: Stamp, generation: int, end: int, now_ms: int) -> str | None:
    """Why a store can't be continued; None when it can."""
    if stamp.generation != generation:
        return f"it is of generation {stamp.generation}"
    if stamp.record_offset >= end:
        return f"it is at {stamp.record_offset}, the changelog ends at {end}"
    if now_ms - stamp.at > STATE_DELETE_RETENTION_MS // 2:
        return "it may have missed tombstones: older than half of delete.retention.ms"
    return None


async def _follow(
    consumer: AIOKafkaConsumer,
    tp: TopicPartition,
    start: int,
    end: int,
    store: LaneStore,
    stamp: Stamp | None,
    generation: int,
    now_ms: int,
) -> LaneRecord:
    found: LaneRecord | None = None
    at = -1
    async for records in batches(consumer, tp, start, end):
        changes: list[tuple[bytes, bytes | None]] = []
        for record in records:
            if record.key == LANE_KEY:
                found, at = LANE_RECORD.decode(record.value), record.offset
                if stamp is not None and found.birth != stamp.birth:
                    raise AnotherLifeError("the state topic was recreated")
                continue
            changes.append((record.key, record.value))
            if record.value is not None and record.key[:1] == VISIT:
                changes.append((expiry_key(0, record.key), b""))
        store.write(changes)
    if found is None:
        if stamp is not None:
            raise AnotherLifeError("the changelog has no lane record where the local store expects it")
        return LaneRecord(birth=uuid.uuid4().hex)
    store.write([], Stamp(found.birth, generation, at, now_ms))
    return found


async def batches(
    consumer: AIOKafkaConsumer, tp: TopicPartition, start: int, end: int
) -> AsyncIterator[list[ConsumerRecord]]:
    """All records in [start, end) of a partition, in batches; markers and aborted records pass unseen.

    Assigned and sought without an await between: a position that the consumer begins to look up by itself meanwhile
    would win over the seek (aiokafka, Fetcher._update_fetch_positions).
    """
    consumer.assign([tp])
    consumer.seek(tp, start)
    while await consumer.position(tp) < end:
        fetched = await consumer.getmany(tp, timeout_ms=1_000)
        records = [r for r in fetched.get(tp, []) if r.offset < end]
        if records:
            yield records
