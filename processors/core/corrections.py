"""A later report of a measurement takes the old value out of its window and puts the new one in."""

from processors.core.cells import Cell
from processors.core.counting import Counting
from processors.core.page_views import page_in
from processors.core.records import Segment, Tracked
from processors.core.turn import Turn
from processors.core.window_row import put
from schemas.drop_reasons import DropReason
from schemas.event import Event
from schemas.limits import SUM_SCALE
from schemas.measures import MEASURES


def correct(
    turn: Turn, counting: Counting, cell: Cell, owner: Segment, known: Tracked, event: Event, value: float | None
) -> DropReason:
    """Of two reports of one measurement the earliest says where it counts and the latest what it counts as.

    Where a report adds (docs/decisions/0004), all of them together say that; the latest still says with which weight.
    ``owner`` is the session that remembers the measurement; ``cell`` is the new report's own.
    """
    ts, seq, weight, adds = event.ts, turn.beacon.seq, turn.beacon.weight, event.adds
    ends = int.from_bytes(known.window[1:9]) + turn.config.window_ms
    if turn.memory.watermark.has_passed(ends, turn.config.lateness_ms):
        return DropReason.LATE
    order, last = (ts, seq, value or 0.0), (known.ts, known.seq, known.value or 0.0)
    first = known.first or last
    earlier = order <= first and (order, cell.key) < (first, known.window)
    later = (order, weight) > (last, known.weight)
    if adds:
        later, value = (ts, seq, weight) > (known.ts, known.seq, known.weight), _sum(known.value, value)
        if value > cell.line.calm:
            turn.causes.append(owner)
    if later and not earlier and weight == known.weight and value is not None and known.value is not None:
        waiting = counting.corrected(known.window, weight)
        waiting.taken.append(known.value)
        waiting.put.append(value)
        known.first = first
        known.ts, known.seq, known.value = ts, seq, value
    elif earlier or later or adds:
        _count(counting, known, -1)
        if earlier:
            if cell.row is None:
                counting.open(cell)
            known.first, known.window = order, cell.row_key
        else:
            known.first = first
        if later:
            known.ts, known.seq, known.weight = ts, seq, weight
        if later or adds:
            known.value = value
        _count(counting, known, 1)
    else:
        return DropReason.SUPERSEDED
    owner.pages[counting.page] = None
    key, record = page_in(turn, owner, counting.page)
    turn.memory.pages.put(key, record)
    return DropReason.SUPERSEDED


def _sum(one: float | None, other: float | None) -> float:
    """Both in fixed point: the order in which parts come does not show."""
    return (round((one or 0.0) * SUM_SCALE) + round((other or 0.0) * SUM_SCALE)) / SUM_SCALE


def _count(counting: Counting, known: Tracked, times: int) -> None:
    row = counting.row(known.window)
    put(row, MEASURES[row.metric], known.value, times, known.weight)
