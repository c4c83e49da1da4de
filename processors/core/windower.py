"""Tumbling windows of series, where a measurement's last value counts in its page view's own window."""

from typing import Final

from processors.core.caps import site_caps
from processors.core.cells import Cell
from processors.core.corrections import correct
from processors.core.counting import Counting
from processors.core.keys import caps_key, tracked_id
from processors.core.page_views import NAMES_NO_VIEWS, implied_view, reports_of
from processors.core.records import Segment, Tracked
from processors.core.turn import Turn
from schemas.drop_reasons import DropReason
from schemas.event import Event
from schemas.limits import IDS_PER_SESSION
from schemas.measures import VITALS, counts

APPLIED: Final = "applied"
TTFB: Final = VITALS["TTFB"]


def count_in_windows(turn: Turn) -> DropReason | None:
    """Count every event that is not late in its window; says of each what became of it."""
    window_ms, events = turn.config.window_ms, turn.beacon.events
    counting = Counting(turn, site_caps(turn.memory, turn.config, turn.beacon.site))
    start, ends = 0, -1
    route = navigation = ""
    applied = len(events)
    for event, segment in zip(events, turn.segments, strict=True):
        if segment is None:
            applied -= 1
            continue
        ts = event.ts
        if not start <= ts < ends or event.route != route or event.navigation_type != navigation:
            start = ts - ts % window_ms
            ends, route, navigation = start + window_ms, event.route, event.navigation_type
            place = counting.place(start, route, navigation)
        try:
            cell = place[event.kind][event.name]
        except KeyError:
            cell = counting.cell(place, start, event)
        value, reason = event.value, None
        if value is None:
            if cell.measure is None:
                reason = DropReason.UNMEASURED
        elif not 0 <= value <= cell.calm:
            reason = _second_look(turn, cell, value, segment)
            if cell.counts_only:
                value = None
        if reason is None:
            if event.metric_id:
                reason = _report(turn, counting, cell, segment, event, value)
            elif cell.ready and value is not None:
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


def _second_look(turn: Turn, cell: Cell, value: float, segment: Segment) -> DropReason | None:
    """A value out of the ordinary: refused, or a cause to keep its session, or a mere count's that does not matter."""
    measure = cell.measure
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
    counting.turn_to(segment, event)
    wanted = tracked_id(event.name, event.metric_id)
    record, owner, tracked = counting.record, segment, segment.tracked
    known = record.tracked.get(wanted)
    if len(turn.visit.segments) > 1:
        tracked = sum([s.tracked for s in turn.visit.segments])
        owner, known = next(reports_of(turn, counting.page, wanted), (segment, None))
    if known is not None:
        return correct(turn, counting, cell, owner, known, event, value)
    counting.add(cell, segment, event, value)
    if tracked >= IDS_PER_SESSION:
        turn.out.untracked["metrics"] = turn.out.untracked.get("metrics", 0) + 1
        return None
    record.tracked[wanted] = Tracked(cell.row_key, event.ts, turn.beacon.seq, value, turn.beacon.weight)
    segment.tracked += 1
    segment.pages[counting.page] = None
    turn.memory.pages.put(counting.page_key, record)
    return None


def _count_implied_views(turn: Turn, counting: Counting) -> None:
    """Count the page views that a TTFB stands for; they are no events of their own in the ledger."""
    for event, segment in zip(turn.beacon.events, turn.segments, strict=True):
        view = implied_view(event)
        if view is None or segment is None or not counts(TTFB, event.value):
            continue
        start = view.ts - view.ts % turn.config.window_ms
        place = counting.place(start, view.route, view.navigation_type)
        cell = place.get(view.kind, {}).get(view.name) or counting.cell(place, start, view)
        if view.metric_id:
            _report(turn, counting, cell, segment, view, None)
        else:
            counting.add(cell, segment, view, None)
