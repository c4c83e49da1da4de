"""What one can do with dead letters, each from a connection of its own to its end."""

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from aiokafka import AIOKafkaConsumer, TopicPartition

from processors.changelog import batches, partition_reader
from processors.dead_letters.replay import Outcome, Write, beacons_writer, nowhere, replay
from processors.dead_letters.scan import Found, Span, Wanted, found_in, letters, spans
from processors.dead_letters.summary import Group, Summary
from processors.partitions import partitions_of
from schemas.topics import BEACONS, DEAD_LETTER, LEDGER, topic_name


class Desk:
    """The dead letters of a generation.

    Raises (each method):
        NotThereError: Kafka has no topics of this generation.
        KafkaError: the broker can't be reached or read.
    """

    def __init__(self, bootstrap: str, generation: int) -> None:
        self._bootstrap = bootstrap
        self._letters = topic_name(DEAD_LETTER, generation)
        self._beacons = topic_name(BEACONS, generation)
        self._ledger = topic_name(LEDGER, generation)

    async def count(self, wanted: Wanted, newest: int) -> tuple[list[Group], list[Span]]:
        """The wanted among the ``newest`` offsets of each lane by reason and site, and what was read for it."""
        summary = Summary()
        async with self._reader() as consumer:
            found = await spans(consumer, await self._lanes(), wanted.since, newest)
            for span in found:
                async for letter in letters(consumer, self._letters, span):
                    if wanted.wants(letter):
                        summary.add(letter)
        return summary.groups(), found

    async def one(self, lane: int, offset: int) -> Found | None:
        """The letter at a place, None where there is none."""
        async with self._reader() as consumer:
            tp = TopicPartition(self._letters, lane)
            if tp not in await self._lanes():
                return None
            begins, ends = await consumer.beginning_offsets([tp]), await consumer.end_offsets([tp])
            if begins[tp] <= offset < ends[tp]:
                async for records in batches(consumer, tp, offset, offset + 1):
                    return found_in(records[0])
        return None

    async def rehearse(self, wanted: Wanted, newest: int) -> tuple[Counter[Outcome], list[Span]]:
        """What a replay would do now, and of which letters."""
        async with self._reader() as consumer:
            found = await spans(consumer, await self._lanes(), wanted.since, newest)
            lanes = len(await partitions_of(self._bootstrap, self._beacons))
            return await replay(consumer, self._letters, found, wanted, lanes, nowhere), found

    async def replay(self, wanted: Wanted, found: list[Span]) -> Counter[Outcome]:
        """Write the lines of these letters to `rum.beacons`; after an error in the middle it can be done again."""
        async with self._reader() as consumer, self._writer() as write:
            lanes = len(await partitions_of(self._bootstrap, self._beacons))
            return await replay(consumer, self._letters, found, wanted, lanes, write)

    def _writer(self) -> AbstractAsyncContextManager[Write]:
        return beacons_writer(self._bootstrap, self._beacons, self._ledger)

    async def _lanes(self) -> list[TopicPartition]:
        return [TopicPartition(self._letters, number) for number in await partitions_of(self._bootstrap, self._letters)]

    @asynccontextmanager
    async def _reader(self) -> AsyncIterator[AIOKafkaConsumer]:
        consumer = partition_reader(self._bootstrap, "read_committed")
        await consumer.start()
        try:
            yield consumer
        finally:
            await consumer.stop()
