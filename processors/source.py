"""Reading the blocks that Faust will not deliver again (design section 6, Exactly once, 1)."""

from collections.abc import AsyncIterator
from typing import Final

from aiokafka import ConsumerRecord, TopicPartition

from processors.changelog import batches, partition_reader
from processors.core.block import Block
from schemas.block import SCHEMA_HEADER, TICK_HEADER, header, split_lines

_TICK_DIGITS: Final = 15
"""Enough for a time in ms; a longer header of a stranger could be one that Python refuses to read as a number."""


async def blocks_between(bootstrap: str, topic: str, partition: int, first: int, last: int) -> AsyncIterator[Block]:
    """The blocks with first <= offset < last, as far as retention has left them.

    Raises:
        KafkaError: the broker can't be read.
    """
    tp = TopicPartition(topic, partition)
    consumer = partition_reader(bootstrap, "read_uncommitted")
    await consumer.start()
    try:
        kept_from = (await consumer.beginning_offsets([tp]))[tp]
        async for records in batches(consumer, tp, max(first, kept_from), last):
            for record in records:
                yield block_of_record(record)
    finally:
        await consumer.stop()


def block_of_record(record: ConsumerRecord) -> Block:
    """The block of a plain consumer's record."""
    return make_block(record.offset, record.timestamp, record.value, list(record.headers))


def make_block(offset: int, appended_at: int, value: bytes | None, headers: list[tuple[str, bytes]]) -> Block:
    """A block from a Kafka record's parts; a header that is no time is as good as absent."""
    tick = header(headers, TICK_HEADER)
    return Block(
        offset=offset,
        appended_at=appended_at,
        lines=split_lines(value or b""),
        schema=header(headers, SCHEMA_HEADER) or "",
        tick=int(tick) if tick is not None and tick.isdecimal() and len(tick) <= _TICK_DIGITS else None,
    )
