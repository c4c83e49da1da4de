"""Did they do the same job? What the rows that came out add up to."""

from collections.abc import Callable
from typing import Final

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from schemas.rollup import decode_rollup

_FETCH_BYTES: Final = 8 * 1024 * 1024


class MiscountError(Exception):
    """A subject's rows do not add up to the events it read: its figures mean nothing."""


def count_of_rollup(value: bytes) -> int:
    """Events in a row of `rum.rollups`."""
    return decode_rollup(value).n


def count_of_partial(value: bytes) -> int:
    """Events in a row of the Java peer: its first eight bytes."""
    return int.from_bytes(value[:8], "big")


async def counted(bootstrap: str, topic: str, lanes: int, count: Callable[[bytes], int]) -> tuple[int, int]:
    """(rows, events in them) of a topic: the newest committed row of every key.

    Raises:
        KafkaError: the broker can't be read.
    """
    newest: dict[tuple[int, bytes], bytes] = {}
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        isolation_level="read_committed",
        enable_auto_commit=False,
        max_partition_fetch_bytes=_FETCH_BYTES,
    )
    await consumer.start()
    try:
        partitions = [TopicPartition(topic, lane) for lane in range(lanes)]
        ends = await consumer.end_offsets(partitions)
        consumer.assign(partitions)
        await consumer.seek_to_beginning()
        while any([await consumer.position(p) < ends[p] for p in partitions]):
            for records in (await consumer.getmany(timeout_ms=500)).values():
                for record in records:
                    _take(newest, record)
    finally:
        await consumer.stop()
    return len(newest), sum(count(value) for value in newest.values())


def _take(newest: dict[tuple[int, bytes], bytes], record: ConsumerRecord) -> None:
    if record.value is not None:
        newest[record.partition, record.key] = record.value


async def must_count(bootstrap: str, topic: str, lanes: int, count: Callable[[bytes], int], events: int) -> int:
    """The number of rows.

    Raises:
        MiscountError: they do not add up to ``events``.
    """
    rows, found = await counted(bootstrap, topic, lanes, count)
    if found != events:
        raise MiscountError(f"the rows in {topic} count {found} events, {events} were read")
    return rows
