"""What became of every beacon at the door, per received minute and site: pure bookkeeping, time is an argument.

A beacon counts from when it is decided, or handed over to Kafka. What is handed over counts as unknown until it is told
otherwise, so a row that is the last of its life says the truth: nobody knows what became of those.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import msgspec

from schemas.drop_reasons import DropReason
from schemas.event import Beacon
from schemas.ledger import ACKED, COLLECTOR, ENDED, LIFE, RUNNING, UNKNOWN, LedgerRow

MINUTE_MS: Final = 60_000
KEPT_MS: Final = 10 * MINUTE_MS
"""How long a minute can change; more than any beacon is on its way."""
MAX_ROWS: Final = 50_000
"""Minutes times sites that are held while Kafka takes no rows; the oldest minutes go first."""

Key = tuple[int, str]


class Count:
    """A minute of a site: bodies and their events."""

    __slots__ = ("acked", "acked_events", "key", "refused", "unknown", "unknown_events")

    def __init__(self, key: Key) -> None:
        self.key = key
        self.acked = self.acked_events = self.unknown = self.unknown_events = 0
        self.refused: dict[str, int] = {}


class HandedOver(NamedTuple):
    """The beacons of one body on their way to Kafka, and where they are counted meanwhile."""

    where: Count
    beacons: Sequence[Beacon]
    events: int


class DoorLedger:
    """The counts of one life of a collector. Cost: a few microseconds a body; memory: ten minutes a site.

    ``writer`` is the life's own name, ``started_at`` in ms.
    """

    def __init__(self, writer: str, started_at: int) -> None:
        self._writer = writer
        self._started_at = started_at
        self._version = started_at
        self._floor = 0
        self._counts: dict[Key, Count] = {}
        self._changed: dict[Key, LedgerRow | None] = {}
        self._lost = 0

    def rejected(self, site: str, at: int, reason: DropReason) -> None:
        """A body was refused at this time (ms): certainly nothing of it is in Kafka. Site '': it was not known yet."""
        refused = self._count(site, at).refused
        refused[reason.value] = refused.get(reason.value, 0) + 1

    def handed_over(self, beacons: Sequence[Beacon]) -> HandedOver:
        """The beacons of a body, of one site, are on their way: unknown until told otherwise."""
        count = self._count(beacons[0].site, beacons[0].received_at)
        events = len(beacons[0].events) if len(beacons) == 1 else sum(len(beacon.events) for beacon in beacons)
        count.unknown += 1
        count.unknown_events += events
        return HandedOver(count, beacons, events)

    def taken_back(self, handed: HandedOver) -> None:
        """Nothing of them was sent; the refusal is still to be counted."""
        count = handed.where
        count.unknown -= 1
        count.unknown_events -= handed.events
        if count.key in self._counts:
            self._changed[count.key] = None

    def acked(self, handed: HandedOver, appended_at: Sequence[int]) -> None:
        """Kafka has them, and the client is told so. ``appended_at`` of each beacon's block, in ms.

        They count in the minute in which the lane counts them: a collector's clock can't be ahead of the broker's.
        """
        self.taken_back(handed)
        for number, (beacon, at) in enumerate(zip(handed.beacons, appended_at, strict=True)):
            count = self._count(beacon.site, min(beacon.received_at, at))
            count.acked += number == 0
            count.acked_events += len(beacon.events)

    def changed(self, now: int) -> list[LedgerRow]:
        """The rows that changed since they were asked for last, as of now (ms); old minutes are closed by that."""
        self._version = max(self._version + 1, now)
        rows = [self._again(row) if row else self._row(self._counts[key]) for key, row in self._changed.items()]
        self._changed.clear()
        self._close((now - KEPT_MS) // MINUTE_MS * MINUTE_MS)
        return rows

    def not_written(self, rows: Sequence[LedgerRow]) -> None:
        """These rows did not reach Kafka for sure: they are said again, even if their minutes are closed by now."""
        for row in rows:
            key = (row.minute, row.site)
            if len(self._changed) < MAX_ROWS or key in self._changed:
                self._changed[key] = None if key in self._counts else row
            else:
                self._lost += 1

    def take_lost(self) -> int:
        """Rows let go unwritten since it was asked last."""
        lost, self._lost = self._lost, 0
        return lost

    def life(self, ended: bool = False) -> LedgerRow:
        """That all rows of ``changed`` are in Kafka."""
        minute = self._started_at - self._started_at % MINUTE_MS
        return LedgerRow("", minute, LIFE, self._writer, self._version, 1, {ENDED if ended else RUNNING: 1})

    def _row(self, count: Count) -> LedgerRow:
        minute, site = count.key
        outcomes = {ACKED: count.acked, UNKNOWN: count.unknown, **count.refused}
        events = {ACKED: count.acked_events, UNKNOWN: count.unknown_events}
        return LedgerRow(
            site,
            minute,
            COLLECTOR,
            self._writer,
            self._version,
            sum(outcomes.values()),
            {name: number for name, number in outcomes.items() if number},
            {name: number for name, number in events.items() if number},
        )

    def _again(self, row: LedgerRow) -> LedgerRow:
        return msgspec.structs.replace(row, version=self._version)

    def _count(self, site: str, at: int) -> Count:
        # A closed minute is not opened again: its row would begin anew and replace the one that is written.
        minute = max(at - at % MINUTE_MS, self._floor)
        key = (minute, site)
        count = self._counts.get(key)
        if count is None:
            if len(self._counts) >= MAX_ROWS:
                self._close(min(self._counts)[0] + MINUTE_MS)
                return self._count(site, at)
            count = self._counts[key] = Count(key)
        self._changed[key] = None
        return count

    def _close(self, before: int) -> None:
        self._floor = max(self._floor, before)
        for key in [key for key in self._counts if key[0] < self._floor]:
            del self._counts[key]
            self._lost += key in self._changed
            self._changed.pop(key, None)
