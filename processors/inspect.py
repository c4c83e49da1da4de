"""Looking into the state of a lane while it runs: what a worker would find that opened the lane now."""

import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from processors.changelog import partition_reader, restore
from processors.core.keys import WINDOW
from processors.core.records import LaneRecord, Window
from processors.partitions import partitions_of
from processors.readable import KINDS, decode_record
from processors.store import LaneStore
from schemas.rollup import Series
from schemas.topics import STATE, topic_name


class NoLaneError(Exception):
    """There is no such lane, or nothing of it yet; the message says which."""


@dataclass(frozen=True)
class LaneState:
    """The lane's own record, and all others in a store of our own."""

    record: LaneRecord
    store: LaneStore

    def counts(self) -> dict[str, int]:
        """How many records of each kind there are. Cost: a walk over all keys."""
        return {name: sum(1 for _ in self.store.keys(*_all_of(kind))) for name, kind in KINDS.items()}

    def get(self, key: bytes) -> msgspec.Struct | None:
        """The record under a key, None where there is none.

        Raises:
            UnknownKindError: the key is of no kind that this rumstream knows.
            StateVersionError: the record was written by a newer one.
        """
        stored = self.store.get(key)
        return None if stored is None else decode_record(key, stored)

    def windows(self, **wanted: str | None) -> Iterator[tuple[bytes, Window]]:
        """Key and window, oldest first, of the series whose dimensions are as given; None is any.

        Cost: a walk over all windows.
        """
        asked = {name: value for name, value in wanted.items() if value is not None}
        for key in self.store.keys(*_all_of(WINDOW)):
            window = self.get(key)
            if isinstance(window, Window) and asked.items() <= _dimensions(window).items():
                yield key, window


@asynccontextmanager
async def lane_state(bootstrap: str, generation: int, partition: int) -> AsyncIterator[LaneState]:
    """The state of a lane as of its last checkpoint; nothing of the lane is touched and no owner is fenced.

    Cost: reads the lane's whole partition of `rum.state` into a store in the temporary folder, gone afterwards.

    Raises:
        NoLaneError: there is no such lane, or it never took a checkpoint.
        NoTopicError: Kafka has no topics of this generation.
        StateVersionError: the state was written by a newer rumstream.
        KafkaError: the broker can't be read.
    """
    topic = topic_name(STATE, generation)
    await _check(bootstrap, topic, partition)
    with tempfile.TemporaryDirectory(prefix="rumstream-inspect-") as folder:
        store = LaneStore(Path(folder) / "state")
        try:
            record = await restore(bootstrap, topic, partition, generation, store, round(time.time() * 1000))
            if store.stamp() is None:
                raise NoLaneError(f"lane {partition} of generation {generation} never took a checkpoint: no state yet")
            yield LaneState(record, store)
        finally:
            store.close()


async def _check(bootstrap: str, topic: str, partition: int) -> None:
    consumer = partition_reader(bootstrap, "read_committed")
    await consumer.start()
    try:
        there = await partitions_of(consumer, topic)
    finally:
        await consumer.stop()
    if partition not in there:
        raise NoLaneError(f"no lane {partition}: {topic} has the lanes {there[0]} to {there[-1]}")


def _all_of(kind: bytes) -> tuple[bytes, bytes]:
    return kind, bytes((kind[0] + 1,))


def _dimensions(window: Window) -> dict[str, str]:
    return Series._make(window.series)._asdict()
