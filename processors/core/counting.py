"""The events of one line on their way into cells."""

from processors.core.caps import count_event, fold, opened, rosters_of
from processors.core.cells import Cell, Place
from processors.core.keys import page_of, window_key
from processors.core.page_views import page_in
from processors.core.records import PageView, Segment, SiteCaps
from processors.core.turn import Turn
from schemas.event import Event
from schemas.rollup import RollupRow


class Counting:
    """What the events of a line share on their way: its places, its site's caps, and the page view in hand."""

    __slots__ = ("_beacon", "_config", "_memory", "_places", "_turn", "_view_id", "caps", "page", "page_key", "record")

    def __init__(self, turn: Turn, caps: SiteCaps) -> None:
        self._turn = turn
        self._memory = turn.memory
        self._config = turn.config
        self._beacon = turn.beacon
        self._places = turn.memory.cells.of(turn.beacon)
        self.caps = caps
        self._view_id = ""
        self.page = 0
        self.page_key = b""
        self.record = PageView()

    def place(self, start: int, route: str, navigation_type: str) -> Place:
        """The cells of a window start, route and navigation type."""
        key = (start, route, navigation_type)
        found = self._places.get(key)
        if found is None:
            found = self._places[key] = {}
        return found

    def cell(self, place: Place, start: int, event: Event) -> Cell:
        """The cell of an event that is not known yet."""
        cell = self._memory.cells.make(place, start, event, self._beacon)
        if cell.measure is not None:
            folded = fold(self.caps, self._config, cell.series)
            if folded is not cell.series:
                cell.series, cell.key = folded, window_key(start, folded)
        return cell

    def add(self, cell: Cell, segment: Segment, event: Event, value: float | None) -> None:
        """Let an event wait in its cell that is no report of a known measurement."""
        if cell.row is None:
            self.open(cell)
        if value is not None:
            cell.values.append(value)
        else:
            cell.plain += 1
            if event.kind == "view":
                segment.views += 1
        if cell.seen is None:
            count_event(self.caps, self._config, cell.series.metric, cell.name, cell.route, self._beacon.release)

    def open(self, cell: Cell) -> None:
        """Find the row and the rosters of a cell in which something is to be counted."""
        cell.row_key = opened(self._memory, self._config, cell.start, cell.key, cell.series)
        cell.row = self.row(cell.row_key)
        cell.seen = rosters_of(self.caps, cell.series.metric, cell.name, cell.route, self._beacon.release)
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
        memory.windows.put(key, row)
        memory.unsent_windows[key] = None
        return row

    def turn_to(self, segment: Segment, event: Event) -> None:
        """Take the event's page view in hand."""
        view_id, turn = event.view_id, self._turn
        if not view_id or view_id != self._view_id or turn.sole is None:
            self._view_id = view_id
            self.page = page_of(view_id, event.metric_id)
            self.page_key, self.record = page_in(turn, segment, self.page)
