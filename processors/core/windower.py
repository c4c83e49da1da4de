"""Tumbling windows of series, where a measurement's last value counts in its page view's own window."""

from itertools import repeat
from typing import Final

from processors.core.caps import site_caps
from processors.core.cells import Cell, Place
from processors.core.corrections import correct
from processors.core.counting import Counting
from processors.core.keys import caps_key, tracked_id
from processors.core.page_views import NAMES_NO_VIEWS, implied_view, reports_of
from processors.core.records import Segment, Tracked
from processors.core.turn import Turn
from schemas.drop_reasons import DropReason
from schemas.limits import IDS_PER_SESSION
from schemas.measures import VITALS, counts

APPLIED: Final = "applied"
TTFB: Final = VITALS["TTFB"]


def count_in_windows(turn: Turn) -> DropReason | None:
    """Count every event that is not late in its window; says of each what became of it."""
    columns, window_ms = turn.columns, turn.config.window_ms
    if not columns.ts:
        return None
    counting = Counting(turn, site_caps(turn.memory, turn.config, turn.beacon.site))
    find, known, applied = counting.known.get, counting.cell, len(columns.ts)
    first = min(columns.ts) // window_ms
    alike = first == max(columns.ts) // window_ms
    starts = repeat(first * window_ms) if alike else [ts - ts % window_ms for ts in columns.ts]
    places = zip(starts, columns.kinds, columns.names, columns.routes, columns.navigations, strict=False)
    for place, value, metric_id, view_id, ts, segment in zip(
        places, columns.values, columns.metric_ids, columns.view_ids, columns.ts, turn.segments, strict=False
    ):
        if segment is None:
            applied -= 1
            continue
        cell = find(place) or known(place)
        if value is None:
            reason = DropReason.UNMEASURED if cell.measure is None else None
        elif 0 <= value <= cell.calm:
            reason = None
        else:
            reason = _second_look(turn, cell, value, segment)
            if cell.counts_only:
                value = None
        if reason is None and metric_id:
            reason = _report(turn, counting, cell, place, segment, view_id, metric_id, ts, value)
        elif reason is None:
            if value is not None and cell.ready:
                cell.values.append(value)
            else:
                counting.add(cell, place, segment, value)
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
    turn: Turn,
    counting: Counting,
    cell: Cell,
    place: Place,
    segment: Segment,
    view_id: str,
    metric_id: str,
    ts: int,
    value: float | None,
) -> DropReason | None:
    """Count a report of a measurement: its first (None), or a correction of one that is known."""
    counting.turn_to(turn, segment, view_id, metric_id)
    wanted = tracked_id(place[2], metric_id)
    record = counting.record
    known, owner, several = record.tracked.get(wanted), segment, len(turn.visit.segments) > 1
    if several:
        owner, known = next(reports_of(turn, counting.page, wanted), (segment, None))
    if known is not None:
        return correct(turn, counting, cell, place, owner, known, ts, value)
    counting.add(cell, place, segment, value)
    tracked = sum([s.tracked for s in turn.visit.segments]) if several else segment.tracked
    if tracked >= IDS_PER_SESSION:
        turn.out.untracked["metrics"] = turn.out.untracked.get("metrics", 0) + 1
        return None
    record.tracked[wanted] = Tracked(cell.row_key, ts, turn.beacon.seq, value, turn.beacon.weight)
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
        place = (start, view.kind, view.name, view.route, view.navigation_type)
        cell = counting.known.get(place) or counting.cell(place)
        if view.metric_id:
            _report(turn, counting, cell, place, segment, view.view_id, view.metric_id, view.ts, None)
        else:
            counting.add(cell, place, segment, None)
