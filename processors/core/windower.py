"""Tumbling windows of series, where a measurement's last value counts in its page view's own window."""

from typing import Final

from processors.core.caps import site_caps
from processors.core.cells import Cell, Line
from processors.core.corrections import correct
from processors.core.counting import Counting
from processors.core.keys import caps_key, tracked_id
from processors.core.page_views import NAMES_NO_VIEWS, implied_view, reports_of
from processors.core.records import Segment, Tracked
from processors.core.turn import Turn
from schemas.drop_reasons import DropReason
from schemas.event import Event
from schemas.measures import VITALS, counts

APPLIED: Final = "applied"
TTFB: Final = VITALS["TTFB"]


def count_in_windows(turn: Turn) -> DropReason | None:
    """Count every event that is not late in its window; says of each what became of it."""
    window_ms, events = turn.config.window_ms, turn.beacon.events
    counting = Counting(turn, site_caps(turn.memory, turn.config, turn.beacon.site))
    start, ends, applied = 0, -1, len(events)
    route, navigation = "", None
    for event, segment in zip(events, turn.segments, strict=True):
        if segment is None:
            applied -= 1
            continue
        ts = event.ts
        if not start <= ts < ends:
            start = ts - ts % window_ms
            ends = start + window_ms
        if event.route != route or event.navigation_type != navigation:
            route, navigation = event.route, event.navigation_type
            place = counting.place(route, navigation)
        try:
            line = place[event.kind][event.name]
        except KeyError:
            line = counting.line(place, event)
        value, reason = event.value, None
        if value is None:
            if line.measure is None:
                reason = DropReason.UNMEASURED
        elif not 0 <= value <= line.calm:
            reason = _second_look(turn, line, value, segment)
            if line.counts_only:
                value = None
        if reason is None:
            cell = line.cell
            if cell.start != start:
                cell = line.at(start)
            if event.metric_id:
                reason = _report(turn, counting, cell, segment, event, value)
            elif value is not None and cell.row is not None and line.seen is not None:
                cell.values.append(value)
            else:
                counting.add(cell, segment, event, value)
        if reason is not None:
            turn.count(reason)
            applied -= 1
    if turn.beacon.protocol in NAMES_NO_VIEWS:
        _count_implied_views(turn, counting)
    if applied:
        turn.count(APPLIED, applied)
    turn.memory.caps.put(caps_key(turn.beacon.site), counting.caps)
    return None


def _second_look(turn: Turn, line: Line, value: float, segment: Segment) -> DropReason | None:
    """A value out of the ordinary: refused, or a cause to keep its session, or a mere count's that does not matter."""
    measure = line.measure
    if measure is None:
        return DropReason.UNMEASURED
    if not counts(measure, value):
        # the collector refuses these; a block of another writer must not stop the lane
        return DropReason.OUTLIER
    if measure.cap:
        turn.causes.append(segment)
    return None


def _report(
    turn: Turn, counting: Counting, cell: Cell, segment: Segment, event: Event, value: float | None
) -> DropReason | None:
    """Count a report of a measurement: its first (None), or a correction of one that is known."""
    if not event.view_id or event.view_id != counting.view_id or turn.sole is None:
        counting.turn_to(segment, event)
    wanted = tracked_id(event.name, event.metric_id)
    tracked, owner = counting.tracked, segment
    known = tracked.get(wanted)
    if len(turn.visit.segments) > 1:
        owner, known = next(reports_of(turn, counting.page, wanted), (segment, None))
    if known is not None:
        return correct(turn, counting, cell, owner, known, event, value)
    if value is not None and cell.row is not None and cell.line.seen is not None:
        cell.values.append(value)
    else:
        counting.add(cell, segment, event, value)
    if counting.room:
        tracked[wanted] = Tracked(cell.row_key, event.ts, counting.seq, value, counting.weight)
        counting.remembered(segment)
    else:
        turn.out.untracked["metrics"] = turn.out.untracked.get("metrics", 0) + 1
    return None


def _count_implied_views(turn: Turn, counting: Counting) -> None:
    """Count the page views that a TTFB stands for; they are no events of their own in the ledger."""
    for event, segment in zip(turn.beacon.events, turn.segments, strict=True):
        view = implied_view(event)
        if view is None or segment is None or not counts(TTFB, event.value):
            continue
        start = view.ts - view.ts % turn.config.window_ms
        place = counting.place(view.route, view.navigation_type)
        cell = (place.get(view.kind, {}).get(view.name) or counting.line(place, view)).at(start)
        if view.metric_id:
            _report(turn, counting, cell, segment, view, None)
        else:
            counting.add(cell, segment, view, None)
