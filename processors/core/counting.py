"""The events of one line on their way into cells."""

from processors.core.caps import count_event, fold, opened, rosters_of
from processors.core.cells import Cell, Corrected, Line, Place
from processors.core.keys import page_of
from processors.core.page_views import page_in
from processors.core.records import Segment, SiteCaps
from processors.core.turn import Turn
from schemas.event import Event
from schemas.limits import IDS_PER_SESSION
from schemas.rollup import RollupRow


class Counting:
    """What the events of a line share on their way: its places, its site's caps, and the page view in hand.

    ``tracked`` are the measurements of the page view in hand, ``room`` is how many more the visit may remember.
    """

    __slots__ = (
        *("_beacon", "_config", "_memory", "_places", "_turn", "_unmarked", "caps", "page", "page_key"),
        *("record", "room", "seq", "tracked", "view_id", "weight"),
    )

    def __init__(self, turn: Turn, caps: SiteCaps) -> None:
        self._turn = turn
        self._memory = turn.memory
        self._config = turn.config
        self._beacon = turn.beacon
        self._places = turn.memory.cells.of(turn.beacon, caps)
        self.caps = caps
        self.seq = turn.beacon.seq
        self.weight = turn.beacon.weight
        self.room = IDS_PER_SESSION - sum([segment.tracked for segment in turn.visit.segments])
        self.view_id = ""
        self._unmarked = True

    def place(self, route: str, navigation_type: str) -> Place:
        """The lines of a route and navigation type."""
        key = (route, navigation_type)
        found = self._places.get(key)
        if found is None:
            found = self._places[key] = {}
        return found

    def line(self, place: Place, event: Event) -> Line:
        """The line of an event that is not known yet."""
        line = self._memory.cells.make(place, event, self._beacon)
        if line.measure is not None:
            folded = fold(self.caps, self._config, line.series)
            if folded is not line.series:
                line.fold(folded)
            line.seen = rosters_of(self.caps, line.series.metric, line.name, line.route, self._beacon.release)
        return line

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
        line = cell.line
        if line.seen is None:
            count_event(self.caps, self._config, line.series.metric, line.name, line.route, self._beacon.release)

    def open(self, cell: Cell) -> None:
        """Find the row of a cell in which something is to be counted."""
        memory = self._memory
        key, cell.row = opened(memory, self._config, cell.start, cell.key, cell.line.series)
        cell.row_key = key
        memory.windows.put(key, cell.row)
        memory.unsent_windows[key] = None
        memory.cells.opened(cell)

    def corrected(self, key: bytes, weight: int) -> Corrected:
        """Where the corrections of a window under a weight wait."""
        cells = self._memory.cells
        return cells.corrected(key, weight) or cells.correct(key, weight, self.row(key))

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
        self.view_id = event.view_id
        self.page = page_of(event.view_id, event.metric_id)
        self.page_key, self.record = page_in(self._turn, segment, self.page)
        self.tracked = self.record.tracked
        self._unmarked = True

    def remembered(self, segment: Segment) -> None:
        """A measurement of the page view in hand was remembered."""
        self.room -= 1
        segment.tracked += 1
        if self._unmarked:
            self._unmarked = False
            segment.pages[self.page] = None
            self._memory.pages.put(self.page_key, self.record)
