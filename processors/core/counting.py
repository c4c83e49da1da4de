"""The events of one line on their way into cells."""

from processors.core.caps import count_event, fold, opened, rosters_of
from processors.core.cells import Cell, Place
from processors.core.config import CoreConfig
from processors.core.keys import page_of, window_key
from processors.core.memory import LaneMemory
from processors.core.page_views import page_in
from processors.core.records import PageView, Segment, SiteCaps
from processors.core.turn import Turn
from schemas.rollup import RollupRow


class Counting:
    """What the steps of a line into windows share: its cells, its site's caps, and the page view in hand."""

    __slots__ = ("_beacon", "_config", "_memory", "_view_id", "caps", "known", "page", "page_key", "record")

    def __init__(self, turn: Turn, caps: SiteCaps) -> None:
        self._memory: LaneMemory = turn.memory
        self._config: CoreConfig = turn.config
        self._beacon = turn.beacon
        self.caps = caps
        self.known = turn.memory.cells.of(turn.beacon)
        self._view_id = ""
        self.page = 0
        self.page_key = b""
        self.record = PageView()

    def cell(self, place: Place) -> Cell:
        """The cell of a place that is not known yet."""
        cell = self._memory.cells.make(self.known, place, self._beacon)
        if cell.measure is not None:
            cell.series = fold(self.caps, self._config, cell.series)
            cell.key = window_key(place[0], cell.series)
        return cell

    def add(self, cell: Cell, place: Place, segment: Segment, value: float | None) -> None:
        """Let an event wait in its cell that is no report of a known measurement."""
        if cell.row is None:
            self.open(cell, place)
        if value is not None:
            cell.values.append(value)
        else:
            cell.plain += 1
            if place[1] == "view":
                segment.views += 1
        if cell.seen is None:
            named = place[2] if cell.measure is not None and cell.measure.named else ""
            count_event(self.caps, self._config, cell.series.metric, named, place[3], self._beacon.release)

    def open(self, cell: Cell, place: Place) -> None:
        """Find the row and the rosters of a cell in which something is to be counted."""
        start, _, name, route, _ = place
        cell.row_key = opened(self._memory, self._config, start, cell.key, cell.series)
        cell.row = self.row(cell.row_key)
        metric, named = cell.series.metric, cell.measure is not None and cell.measure.named
        cell.seen = rosters_of(self.caps, metric, name if named else "", route, self._beacon.release)
        cell.ready = cell.seen is not None
        self._memory.cells.opened(cell)

    def row(self, key: bytes) -> RollupRow:
        """A window's row, which is about to be changed.

        Raises:
            LookupError: there is none.
        """
        memory = self._memory
        row = memory.windows.get(key)
        if row is None:
            raise LookupError(f"window {key.hex()} of a tracked measurement is not in the lane's state")
        memory.windows.touch(key, row)
        memory.unsent_windows[key] = None
        return row

    def turn_to(self, turn: Turn, segment: Segment, view_id: str, metric_id: str) -> None:
        """Take the event's page view in hand."""
        if not view_id or view_id != self._view_id or len(turn.visit.segments) > 1:
            self._view_id = view_id
            self.page = page_of(view_id, metric_id)
            self.page_key, self.record = page_in(turn, segment, self.page)
