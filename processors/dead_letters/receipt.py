"""What a replay adds to `rum.beacons`, in the ledger: else a lane would find events that no collector acknowledged."""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Final

from processors.core.decode import beacon_of
from schemas.event import Beacon
from schemas.ledger import REPLAY, REPLAYED, LedgerRow

_MINUTE_MS: Final = 60_000


class Receipt:
    """The ledger rows of one run of the command. Memory: the minutes and sites that its lines come from.

    A lane counts a line in the minute it was received in or, where that is closed, in the one it was written in. Which
    of them only the lane knows: the events stand in both, as the most that a replay has added there.
    """

    def __init__(self, writer: str) -> None:
        self._writer = writer
        self._version = 0
        self._events: Counter[tuple[int, str]] = Counter()

    def announced(self, lines: Iterable[bytes], at: int) -> list[LedgerRow]:
        """The rows that must be in Kafka before these lines are written at about this time (ms).

        Raises:
            LineError: a line is no beacon.
        """
        return self._add(lines, lambda beacon: {_minute(min(beacon.received_at, at)), _minute(at)})

    def written(self, lines: Iterable[bytes], announced_at: int, at: int) -> list[LedgerRow]:
        """What is to be added because the broker took them in another minute than was announced, else nothing."""
        return self._add(lines, lambda _: {_minute(at)} - {_minute(announced_at)})

    def _add(self, lines: Iterable[bytes], minutes: Callable[[Beacon], set[int]]) -> list[LedgerRow]:
        self._version += 1
        changed: set[tuple[int, str]] = set()
        for line in lines:
            beacon = beacon_of(line)
            for minute in minutes(beacon):
                self._events[minute, beacon.site] += len(beacon.events)
                changed.add((minute, beacon.site))
        return [self._row(*key) for key in sorted(changed)]

    def _row(self, minute: int, site: str) -> LedgerRow:
        events = self._events[minute, site]
        return LedgerRow(site, minute, REPLAY, self._writer, self._version, events, {REPLAYED: events})


def _minute(at: int) -> int:
    return at - at % _MINUTE_MS
