"""Reading dead letters with a bound: the newest of each lane, up to where the topic ended when we looked."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

import msgspec
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from processors.changelog import batches
from schemas.dead_letter import DeadLetter, decode_dead_letter
from schemas.drop_reasons import DropReason

_EXCERPT_LENGTH: Final = 2_048


@dataclass(frozen=True)
class Wanted:
    """Which letters: of a reason, of a site, written at or after ``since`` (ms). None: of any."""

    reason: str | None = None
    site: str | None = None
    since: int | None = None

    def wants(self, found: "Found") -> bool:
        """Whether this is one of them."""
        return (
            (self.reason is None or found.letter.reason == self.reason)
            and (self.site is None or found.letter.site == self.site)
            and (self.since is None or found.written_at >= self.since)
        )


@dataclass(frozen=True)
class Found:
    """A letter and where it lies in the dead-letter topic; ``written_at`` in ms."""

    partition: int
    offset: int
    written_at: int
    letter: DeadLetter


@dataclass(frozen=True)
class Span:
    """The offsets [first, end) of a partition that are looked at; ``unread`` older ones are there but are not."""

    partition: int
    first: int
    end: int
    unread: int


async def spans(
    consumer: AIOKafkaConsumer, partitions: list[TopicPartition], since: int | None, newest: int
) -> list[Span]:
    """What to read: of each partition the ``newest`` offsets from ``since`` on, as the topic is now.

    Raises:
        KafkaError: the broker can't be read.
    """
    begins, ends = await consumer.beginning_offsets(partitions), await consumer.end_offsets(partitions)
    if since is not None:
        later = await consumer.offsets_for_times(dict.fromkeys(partitions, since))
        begins = {tp: max(begins[tp], later[tp].offset if later[tp] else ends[tp]) for tp in partitions}
    return [
        Span(tp.partition, max(begins[tp], ends[tp] - newest), ends[tp], max(ends[tp] - newest - begins[tp], 0))
        for tp in partitions
    ]


async def letters(consumer: AIOKafkaConsumer, topic: str, span: Span) -> AsyncIterator[Found]:
    """The letters of a span in their order. Cost: one fetch of records in memory at a time.

    Raises:
        KafkaError: the broker can't be read, or retention has deleted the span meanwhile.
    """
    async for records in batches(consumer, TopicPartition(topic, span.partition), span.first, span.end):
        for record in records:
            yield found_in(record)


def found_in(record: ConsumerRecord) -> Found:
    """The letter of a record; a record that is none is shown as one that says so."""
    value = record.value or b""
    try:
        letter = decode_dead_letter(value)
    except msgspec.DecodeError as error:
        letter = DeadLetter(
            reason=DropReason.ROW_UNDECODABLE,
            detail=f"this record is no dead letter: {error}",
            received_at=record.timestamp,
            body=value[:_EXCERPT_LENGTH].decode("utf-8", "replace"),
        )
    return Found(record.partition, record.offset, record.timestamp, letter)
