"""Cells: where a lane's events wait to be counted in the rows of their windows, until a row or a roster is read."""

from itertools import chain
from operator import attrgetter
from typing import Final

import numpy as np

from processors.core.keys import window_key
from processors.core.window_row import put, put_all
from schemas.event import Beacon, Event
from schemas.limits import SUM_SCALE
from schemas.measures import VITALS, Measure, measure_of
from schemas.rollup import RollupRow, Series
from schemas.sketch import BOUNDS, LOWEST

_KEPT: Final = 20_000
_UPPER: Final = np.array(BOUNDS[:-1])
"""Without the last: what is above it is in the last bucket, as `bucket_of` has it."""

_shared: Final = attrgetter("site", "environment", "source", "device", "browser", "country", "release", "weight")

Place = dict[str, dict[str, "Cell"]]
"""The cells of one window start, route and navigation type, by kind and name."""


class Cell:
    """The events of one series and window under one weight, and what waits there.

    ``measure`` is None where such events are not rolled up; ``counts_only``: it has no values. Values from 0 to
    ``calm`` need no second look: they are believed, and not poor. ``name`` and ``route`` are as the event has them,
    ``series`` as the rosters fold them. ``key`` is the window's, ``row_key`` that of the row it is counted in, which is
    looked up (``row``) when the first event comes after a `count_up`. ``seen`` are the rosters' counts that each event
    adds one to; None: not all that is to be counted is on the rosters. ``ready``: row and rosters are known.
    """

    __slots__ = (
        *("calm", "counts_only", "key", "measure", "name", "plain", "ready", "route", "row", "row_key"),
        *("seen", "series", "start", "values", "weight"),
    )

    def __init__(self, start: int, event: Event, weight: int, measure: Measure | None) -> None:
        self.start = start
        self.weight = weight
        self.measure = measure
        self.counts_only = measure is not None and not measure.cap
        self.calm = _calm(measure)
        self.name = event.name if measure is not None and measure.named else ""
        self.route = event.route
        self.key = self.row_key = b""
        self.series: Series
        self.row: RollupRow | None = None
        self.seen: list[tuple[dict[str, int], str]] | None = None
        self.ready = False
        self.values: list[float] = []
        self.plain = 0


class Cells:
    """All cells of a lane; a bounded cache. To be forgotten when rosters change."""

    def __init__(self) -> None:
        self._known: dict[object, dict[tuple[int, str, str], Place]] = {}
        self._size = 0
        self._open: list[Cell] = []

    def of(self, beacon: Beacon) -> dict[tuple[int, str, str], Place]:
        """The places of such beacons so far. What their events share is hashed once a beacon."""
        if self._size > _KEPT:
            self.forget()
        shared = _shared(beacon)
        known = self._known.get(shared)
        if known is None:
            known = self._known[shared] = {}
        return known

    def make(self, place: Place, start: int, event: Event, beacon: Beacon) -> Cell:
        """The cell of such events, which is not known yet; its series is not folded and its key not made."""
        measure = measure_of(event)
        cell = Cell(start, event, beacon.weight, measure)
        cell.series = Series(
            beacon.site,
            beacon.environment,
            beacon.source,
            measure.name if measure is not None else "",
            cell.name,
            event.route,
            event.navigation_type,
            beacon.device,
            beacon.browser,
            beacon.country,
            beacon.release,
        )
        cell.key = window_key(start, cell.series)
        place.setdefault(event.kind, {})[event.name] = cell
        self._size += 1
        return cell

    def opened(self, cell: Cell) -> None:
        """Its row and rosters were found: events may wait there."""
        self._open.append(cell)

    def count_up(self) -> None:
        """Count all that waits, and let go of rows and rosters. Sums have no order, so when this is changes nothing.

        Cost: buckets and fixed points of all values by numpy, then a dict update a value.
        """
        if not self._open:
            return
        values = np.array([*chain.from_iterable([cell.values for cell in self._open])])
        buckets = (np.searchsorted(_UPPER, values) + LOWEST).tolist()
        scaled = np.rint(values * SUM_SCALE).astype(np.int64).tolist()
        begin = 0
        for cell in self._open:
            row, measure, end = cell.row, cell.measure, begin + len(cell.values)
            if row is not None and measure is not None:
                put_all(row, measure, cell.values, buckets[begin:end], scaled[begin:end], cell.weight)
                if cell.plain:
                    put(row, measure, None, cell.plain, cell.weight)
            for counts, name in cell.seen or ():
                counts[name] += len(cell.values) + cell.plain
            cell.row, cell.seen, cell.ready, cell.values, cell.plain = None, None, False, [], 0
            begin = end
        self._open.clear()

    def forget(self) -> None:
        """Count all that waits and forget all cells: the next look-up of each folds anew."""
        self.count_up()
        self._known = {}
        self._size = 0


def _calm(measure: Measure | None) -> float:
    if measure is None or not measure.cap:
        return -1.0
    return min(measure.cap, measure.poor) if measure.poor is not None and measure.name in VITALS else measure.cap
