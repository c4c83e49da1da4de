"""Cells: where a lane's events wait to be counted in the rows of their windows, until a row or a roster is read."""

from itertools import chain
from operator import attrgetter
from typing import Final

import numpy as np

from processors.core.keys import series_digest, window_key
from processors.core.records import SiteCaps
from processors.core.window_row import put, put_all
from schemas.event import Beacon, Event
from schemas.limits import SUM_SCALE
from schemas.measures import MEASURES, VITALS, Measure, measure_of
from schemas.rollup import RollupRow, Series
from schemas.sketch import BOUNDS, LOWEST

_KEPT: Final = 20_000
_UPPER: Final = np.array(BOUNDS[:-1])
"""Without the last: what is above it is in the last bucket, as `bucket_of` has it."""

_shared: Final = attrgetter("site", "environment", "source", "device", "browser", "country", "release", "weight")

Place = dict[str, dict[str, "Line"]]
"""The lines of one route and navigation type, by kind and name of their events."""

Seen = list[tuple[dict[str, int], str]]


class Cell:
    """One window of a line, and what waits there.

    ``key`` is the window's, ``row_key`` that of the row it is counted in, another one where the window has too many
    series. ``row`` is looked up when the first event comes after a `count_up`.
    """

    __slots__ = ("key", "line", "plain", "row", "row_key", "start", "values")

    def __init__(self, line: "Line", start: int) -> None:
        self.line = line
        self.start = start
        self.key = self.row_key = window_key(start, line.digest)
        self.row: RollupRow | None = None
        self.values: list[float] = []
        self.plain = 0


class Line:
    """Events of one series under one weight, with all that needs to be found out about them once.

    ``measure`` is None where such events are not rolled up; ``counts_only``: it has no values. Values from 0 to
    ``calm`` need no second look: they are believed, and not poor. ``name`` is as the event has it, ``series`` as the
    rosters fold it. ``seen`` are the rosters' counts that each event adds one to; None: not all that is to be counted
    is on the rosters. ``cell`` is the window of the latest event.
    """

    __slots__ = (
        *("calm", "cell", "cells", "counts_only", "digest", "measure"),
        *("name", "route", "seen", "series", "weight"),
    )

    def __init__(self, event: Event, beacon: Beacon) -> None:
        measure = measure_of(event)
        self.measure: Measure | None = measure
        self.weight = beacon.weight
        self.counts_only = measure is not None and not measure.cap
        self.calm = _calm(measure)
        self.name = event.name if measure is not None and measure.named else ""
        self.route = event.route
        self.seen: Seen | None = None
        self.fold(
            Series(
                beacon.site,
                beacon.environment,
                beacon.source,
                measure.name if measure is not None else "",
                self.name,
                event.route,
                event.navigation_type,
                beacon.device,
                beacon.browser,
                beacon.country,
                beacon.release,
            )
        )

    def fold(self, series: Series) -> None:
        """Count as this series from now on; before any event."""
        self.series = series
        self.digest = series_digest(series)
        self.cells: dict[int, Cell] = {}
        self.cell = Cell(self, 0)

    def at(self, start: int) -> Cell:
        """The cell of the window that starts then."""
        cell = self.cells.get(start)
        if cell is None:
            cell = self.cells[start] = Cell(self, start)
        self.cell = cell
        return cell


class Corrected:
    """Values that corrections put into a window and took out of it, under one weight; its count stays."""

    __slots__ = ("measure", "put", "row", "taken", "weight")

    def __init__(self, row: RollupRow, measure: Measure, weight: int) -> None:
        self.row = row
        self.measure = measure
        self.weight = weight
        self.put: list[float] = []
        self.taken: list[float] = []


class Cells:
    """All lines of a lane; a bounded cache. To be forgotten when rosters change."""

    def __init__(self) -> None:
        self._known: dict[object, tuple[SiteCaps | None, dict[tuple[str, str], Place]]] = {}
        self._size = 0
        self._open: list[Cell] = []
        self._corrected: dict[tuple[bytes, int], Corrected] = {}

    def of(self, beacon: Beacon, caps: SiteCaps | None = None) -> dict[tuple[str, str], Place]:
        """The places of such beacons so far, as these caps fold them. What the events share is hashed once a beacon."""
        if self._size > _KEPT:
            self.forget()
        shared = _shared(beacon)
        known = self._known.get(shared)
        if known is None or known[0] is not caps:
            known = self._known[shared] = (caps, {})
        return known[1]

    def make(self, place: Place, event: Event, beacon: Beacon) -> Line:
        """The line of such events, which is not known yet."""
        line = Line(event, beacon)
        place.setdefault(event.kind, {})[event.name] = line
        self._size += 1
        return line

    def opened(self, cell: Cell) -> None:
        """Its row was found: events may wait there."""
        self._open.append(cell)
        self._size += 1

    def corrected(self, key: bytes, weight: int) -> Corrected | None:
        """Where the corrections of a window under a weight wait; None: nowhere yet."""
        return self._corrected.get((key, weight))

    def correct(self, key: bytes, weight: int, row: RollupRow) -> Corrected:
        """Let corrections of this row wait, until `count_up`."""
        made = self._corrected[key, weight] = Corrected(row, MEASURES[row.metric], weight)
        return made

    def count_up(self) -> None:
        """Count all that waits, and let go of rows. Sums have no order, so when this is changes nothing.

        Cost: buckets and fixed points of all values by numpy, then a dict update a value.
        """
        if not self._open and not self._corrected:
            return
        lots = [*map(_put_lot, self._open)]
        for one in self._corrected.values():
            lots += ((one.row, one.measure, one.put, 1, one.weight), (one.row, one.measure, one.taken, -1, one.weight))
        _put_lots(lots)
        for cell in self._open:
            line = cell.line
            if cell.plain and cell.row is not None and line.measure is not None:
                put(cell.row, line.measure, None, cell.plain, line.weight)
            for counts, name in line.seen or ():
                counts[name] += len(cell.values) + cell.plain
            if line.cell is not cell:  # its minute is over
                line.cells.pop(cell.start, None)
            cell.row, cell.values, cell.plain = None, [], 0
        self._open.clear()
        self._corrected.clear()

    def forget(self) -> None:
        """Count all that waits and forget all lines: the next look-up of each folds anew."""
        self.count_up()
        self._known = {}
        self._size = 0


_Lot = tuple[RollupRow | None, Measure | None, list[float], int, int]
"""A row, its measure, and values to put into it so many times (1 or -1) under a weight."""


def _put_lot(cell: Cell) -> _Lot:
    return cell.row, cell.line.measure, cell.values, 1, cell.line.weight


def _put_lots(lots: list[_Lot]) -> None:
    values = np.array([*chain.from_iterable([lot[2] for lot in lots])])
    buckets = (np.searchsorted(_UPPER, values) + LOWEST).tolist()
    scaled = np.rint(values * SUM_SCALE).astype(np.int64).tolist()
    begin = 0
    for row, measure, lot, times, weight in lots:
        end = begin + len(lot)
        if lot and row is not None and measure is not None:
            put_all(row, measure, lot, buckets[begin:end], scaled[begin:end], times, weight)
        begin = end


def _calm(measure: Measure | None) -> float:
    if measure is None or not measure.cap:
        return -1.0
    return min(measure.cap, measure.poor) if measure.poor is not None and measure.name in VITALS else measure.cap
