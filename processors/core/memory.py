"""A lane's memory: hot objects over a store, with what has changed since the last checkpoint."""

from collections.abc import Callable, Iterator
from typing import Final, Generic, Protocol, TypeVar

import msgspec

from processors.core.cells import Cells
from processors.core.records import Codec, HeldBlock, LaneRecord, LedgerMinute, PageView, SiteCaps, Visit
from processors.core.watermark import Watermark
from schemas.rollup import RollupRow

T = TypeVar("T", bound=msgspec.Struct)

HOT: Final = 5_000
"""Of each kind about two times this many clean records stay decoded in a lane: a visit takes some 2 KB."""

HOT_HELD: Final = 64
"""Packed blocks of held-back lines are read rarely and are large."""


class StateReader(Protocol):
    """What the core asks of a store: the state as of the last checkpoint."""

    def get(self, key: bytes) -> bytes | None:
        """The stored record, None where there is none."""

    def keys(self, low: bytes, high: bytes) -> Iterator[bytes]:
        """The keys in [low, high), in order."""


class Shelf(Generic[T]):
    """Records of one kind. Bounded: at most about two times ``hot`` clean objects stay decoded, the rest is read."""

    def __init__(self, kind: type[T], read: Callable[[bytes], bytes | None], hot: int) -> None:
        self.changed: dict[bytes, T | None] = {}
        self._codec = Codec(kind)
        self._read = read
        self._hot = hot
        self._young: dict[bytes, T] = {}
        self._old: dict[bytes, T] = {}

    def get(self, key: bytes) -> T | None:
        """The record as of now. Cost: a dict look-up when hot, else a store read and a decode."""
        if key in self.changed:
            return self.changed[key]
        found = self._young.get(key)
        if found is None:
            found = self._old.get(key)
            if found is None:
                stored = self._read(key)
                if stored is None:
                    return None
                found = self._codec.decode(stored)
            self._young[key] = found
        return found

    def put(self, key: bytes, record: T) -> None:
        """Say that this record is new or was changed."""
        self.changed[key] = record

    def forget(self, key: bytes) -> None:
        """Remove a record: a tombstone at the next checkpoint."""
        self.changed[key] = None
        self._young.pop(key, None)
        self._old.pop(key, None)

    def encoded_changes(self) -> Iterator[tuple[bytes, bytes | None]]:
        """Key and stored form (None: tombstone) of all that changed, in the order of the last first-change."""
        encode = self._codec.encode
        for key, record in self.changed.items():
            yield key, None if record is None else encode(record)

    def settle(self) -> None:
        """The changes are stored now; let old objects go."""
        young = self._young
        for key, record in self.changed.items():
            if record is not None:
                young[key] = record
        self.changed.clear()
        if len(young) > self._hot:
            self._old, self._young = young, {}


class LaneMemory:
    """All state of one lane: what `step` reads and changes.

    ``born`` holds the visits since the last checkpoint that need a reminder of when to forget them; ``unsent_*`` the
    records whose rows were not emitted yet (dicts for their order: a set's would differ from run to run).
    """

    def __init__(self, store: StateReader, record: LaneRecord, hot: int = HOT) -> None:
        self.store = store
        self.birth = record.birth
        self.offset = record.offset
        self.watermark = Watermark(record.watermark)
        self.visits = Shelf(Visit, store.get, hot)
        self.windows = Shelf(RollupRow, store.get, hot)
        self.pages = Shelf(PageView, store.get, hot)
        self.held = Shelf(HeldBlock, store.get, min(hot, HOT_HELD))
        self.ledger = Shelf(LedgerMinute, store.get, hot)
        self.caps = Shelf(SiteCaps, store.get, hot)
        self._shelves = (self.visits, self.pages, self.windows, self.held, self.ledger, self.caps)
        self.cells = Cells()
        self.born: dict[bytes, None] = {}
        self.unsent_visits = dict.fromkeys(record.visits)
        self.unsent_windows = dict.fromkeys(record.windows)
        self.unsent_ledger = dict.fromkeys(record.ledger)

    @property
    def changes(self) -> int:
        """How many records differ from the store."""
        return sum(len(shelf.changed) for shelf in self._shelves)

    def record(self) -> LaneRecord:
        """The lane's own record as of now."""
        return LaneRecord(
            birth=self.birth,
            offset=self.offset,
            watermark=self.watermark.at,
            visits=list(self.unsent_visits),
            windows=list(self.unsent_windows),
            ledger=list(self.unsent_ledger),
        )

    def encoded_changes(self) -> Iterator[tuple[bytes, bytes | None]]:
        """All changed records in their stored form."""
        for shelf in self._shelves:
            yield from shelf.encoded_changes()

    def settle(self) -> None:
        """The changes are in the store now."""
        self.born.clear()
        for shelf in self._shelves:
            shelf.settle()
