"""Looking into the state of a lane while it runs: what a worker would find that opened the lane now."""

import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from processors.changelog import restore
from processors.core.keys import LANE_KEY, WINDOW, visit_key
from processors.core.records import LaneRecord
from processors.partitions import NotThereError, partitions_of
from processors.readable import KINDS, decode_record, readable
from processors.store import LaneStore
from schemas.rollup import RollupRow
from schemas.topics import STATE, topic_name


@dataclass(frozen=True)
class LaneState:
    """The lane's own record, and all others in a store of our own. Everything is shown as JSON's types."""

    partition: int
    _record: LaneRecord
    _store: LaneStore

    def lane(self) -> dict[str, Any]:
        """The lane's own record, and how many records of each kind there are. Cost: a walk over all keys."""
        counts = {name: sum(1 for _ in self._store.keys(*_all_of(kind))) for name, kind in KINDS.items()}
        return {"lane": self.partition, **readable(self._record), "records": counts}

    def record(self, key: bytes) -> dict[str, Any]:
        """The record under a key.

        Raises:
            NotThereError: there is none, or the key is of no kind that this rumstream knows.
            StateVersionError: it was written by a newer one.
        """
        if key == LANE_KEY:
            return self.lane()
        stored = self._store.get(key)
        if stored is None:
            raise NotThereError(f"lane {self.partition} has nothing under the key {key.hex()}")
        return {"key": key.hex(), **readable(decode_record(key, stored))}

    def visit(self, site: str, session_id: str) -> dict[str, Any]:
        """All that is known under a session id.

        Raises:
            NotThereError: nothing is, or nothing any more.
        """
        try:
            return self.record(visit_key(site, session_id))
        except NotThereError:
            raise NotThereError(
                f"lane {self.partition} knows no session {session_id!r} of site {site!r}: never seen here, or forgotten"
            ) from None

    def windows(self, **wanted: str | None) -> Iterator[dict[str, Any]]:
        """The windows of series whose dimensions are as given (None: any), oldest first. Cost: a walk over all."""
        asked = {name: value for name, value in wanted.items() if value is not None}
        for key in self._store.keys(*_all_of(WINDOW)):
            stored = self._store.get(key)
            window = None if stored is None else decode_record(key, stored)
            if isinstance(window, RollupRow) and asked.items() <= window.series._asdict().items():
                yield {"key": key.hex(), **readable(window)}


@asynccontextmanager
async def lane_state(bootstrap: str, generation: int, partition: int) -> AsyncIterator[LaneState]:
    """The state of a lane as of its last checkpoint; nothing of the lane is touched and no owner is fenced.

    Cost: reads the lane's whole partition of `rum.state` into a store in the temporary folder, gone afterwards.

    Raises:
        NotThereError: there are no topics of this generation, no such lane, or no checkpoint of it yet.
        StateVersionError: the state was written by a newer rumstream.
        KafkaError: the broker can't be read.
    """
    topic = topic_name(STATE, generation)
    there = await partitions_of(bootstrap, topic)
    if partition not in there:
        raise NotThereError(f"no lane {partition}: {topic} has the lanes {there[0]} to {there[-1]}")
    with tempfile.TemporaryDirectory(prefix="rumstream-inspect-") as folder:
        store = LaneStore(Path(folder) / "state")
        try:
            record = await restore(bootstrap, topic, partition, generation, store, round(time.time() * 1000))
            if store.stamp() is None:
                raise NotThereError(f"lane {partition} has no state: it never took a checkpoint")
            yield LaneState(partition, record, store)
        finally:
            store.close()


def _all_of(kind: bytes) -> tuple[bytes, bytes]:
    return kind, bytes((kind[0] + 1,))
