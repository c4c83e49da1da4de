"""Cells: where a lane's events wait to be counted in the rows of their windows, until a row or a roster is read."""

from operator import attrgetter
from typing import Final

from processors.core.window_row import put, put_all
from schemas.event import Beacon
from schemas.measures import KINDS, VITALS, Measure
from schemas.rollup import RollupRow, Series

_KEPT: Final = 20_000

Place = tuple[int, str, str, str, str]
"""What an event's window does not share with its beacon: start, kind, name, route, navigation type."""

_shared: Final = attrgetter("site", "environment", "source", "device", "browser", "country", "release", "weight")


class Cell:
    """One place of events under one weight, and what waits there.

    ``measure`` is None where such events are not rolled up; ``counts_only``: it has no values. Values from 0 to
    ``calm`` need no second look: they are believed, and not poor. ``key`` is that of the window (the rosters' folding
    done), ``row_key`` that of the row it is counted in, which is looked up (``row``) when the first event comes after
    a ``count_up``. ``seen`` are the rosters' counts that each event adds one to; None: not all that is to be counted
    is on the rosters. ``ready``: row and rosters are known.
    """

    __slots__ = (
        "calm",
        "counts_only",
        "key",
        "measure",
        "plain",
        "ready",
        "row",
        "row_key",
        "seen",
        "series",
        "values",
        "weight",
    )

    def __init__(self, measure: Measure | None, series: Series, key: bytes, weight: int) -> None:
        self.measure = measure
        self.series = series
        self.key = self.row_key = key
        self.weight = weight
        self.calm = _calm(measure)
        self.counts_only = measure is not None and not measure.cap
        self.ready = False
        self.row: RollupRow | None = None
        self.seen: list[tuple[dict[str, int], str]] | None = None
        self.values: list[float] = []
        self.plain = 0


class Cells:
    """All cells of a lane, by beacon and place; a bounded cache. To be forgotten when rosters change."""

    def __init__(self) -> None:
        self._known: dict[tuple[object, ...], dict[Place, Cell]] = {}
        self._size = 0
        self._open: list[Cell] = []

    def of(self, beacon: Beacon) -> dict[Place, Cell]:
        """The cells of such beacons so far. What their events share is hashed once a beacon."""
        if self._size > _KEPT:
            self.forget()
        shared = _shared(beacon)
        known = self._known.get(shared)
        if known is None:
            known = self._known[shared] = {}
        return known

    def make(self, known: dict[Place, Cell], place: Place, beacon: Beacon) -> Cell:
        """The cell of a place that is not known yet."""
        _, kind, name, route, navigation_type = place
        measure = VITALS.get(name) if kind == "vital" else KINDS.get(kind)
        series = Series(
            beacon.site,
            beacon.environment,
            beacon.source,
            measure.name if measure is not None else "",
            name if measure is not None and measure.named else "",
            route,
            navigation_type,
            beacon.device,
            beacon.browser,
            beacon.country,
            beacon.release,
        )
        cell = known[place] = Cell(measure, series, b"", beacon.weight)
        self._size += 1
        return cell

    def opened(self, cell: Cell) -> None:
        """Its row and rosters were found: events may wait there."""
        self._open.append(cell)

    def count_up(self) -> None:
        """Count all that waits, and let go of rows and rosters. Sums have no order, so when this is changes nothing."""
        for cell in self._open:
            row, measure, values = cell.row, cell.measure, cell.values
            if row is not None and measure is not None:
                put_all(row, measure, values, cell.weight)
                if cell.plain:
                    put(row, measure, None, cell.plain, cell.weight)
            for counts, name in cell.seen or ():
                counts[name] += len(values) + cell.plain
            cell.row, cell.seen, cell.ready, cell.values, cell.plain = None, None, False, [], 0
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
