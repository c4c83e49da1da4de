"""Tumbling windows of series, where a measurement's last value counts in its page view's own window."""

from functools import partial
from typing import Final

from processors.core.caps import count_event, fold, opened, site_caps
from processors.core.keys import caps_key, tracked_id
from processors.core.page_views import NAMES_NO_VIEWS, implied_view
from processors.core.records import Segment, SiteCaps, Tracked, Visit
from processors.core.series_names import Fold
from processors.core.turn import Placed, Turn
from schemas.drop_reasons import DropReason
from schemas.event import Event
from schemas.limits import IDS_PER_SESSION, SUM_SCALE, WEIGHT_ONE
from schemas.measures import KINDS, Measure, measure_of, rate
from schemas.rollup import Series
from schemas.sketch import bucket_of

APPLIED: Final = "applied"
VIEW: Final = KINDS["view"]


def count_in_windows(turn: Turn) -> DropReason | None:
    """Count every event that is not late in its window; says of each what became of it."""
    caps = site_caps(turn.memory, turn.config, turn.beacon.site)
    count = partial(_count, turn, caps, partial(fold, caps, turn.config))
    applied = 0
    for placed in turn.placed:
        if placed.segment is None:
            continue
        event = placed.event
        measure = measure_of(event)
        if measure is None:
            turn.count(DropReason.UNMEASURED)
            continue
        value = event.value
        if value is not None and measure.cap and not 0 <= value <= measure.cap:
            # the collector refuses these; a block of another writer must not stop the lane
            turn.count(DropReason.OUTLIER)
            continue
        outcome = count(placed, placed.segment, event, measure)
        if outcome is APPLIED:
            applied += 1
        else:
            turn.count(outcome)
        view = implied_view(placed) if turn.beacon.protocol in NAMES_NO_VIEWS else None
        if view is not None:
            known_as = tracked_id(view.name, view.metric_id) if view.metric_id else ""
            count(Placed(view, placed.segment, known_as), placed.segment, view, VIEW)
    if applied:
        turn.count(APPLIED, applied)
    turn.memory.caps.put(caps_key(turn.beacon.site), caps)
    return None


def _count(
    turn: Turn, caps: SiteCaps, folded: Fold, placed: Placed, segment: Segment, event: Event, measure: Measure
) -> str:
    beacon, kind, memory = turn.beacon, event.kind, turn.memory
    start = event.ts - event.ts % turn.config.window_ms
    value = event.value if measure.cap else None
    rating: str = ""
    if value is not None and measure.good is not None:
        rating = rate(measure, value) or ""
        if rating == "poor" and kind == "vital":
            placed.poor = True
    name = "" if kind == "vital" or kind == "view" else event.name
    window, series = memory.names.of(beacon, folded, start, measure.name, name, event.route, event.navigation_type)
    order = (event.ts, beacon.seq, event.value or 0.0)
    bucket = bucket_of(value) if value else None
    report = Tracked(window, start, order, order, beacon.weight, value is not None, bucket, rating)
    wanted = placed.tracked_id
    known = _known(turn.visit, segment, wanted) if wanted else None
    if known is None:
        if kind == "view":
            segment.views += 1
        count_event(caps, turn.config, measure.name, name, event.route, beacon.release)
        report.window = opened(memory, turn.config, start, window, series)
        _add(turn, report, 1)
        if wanted:
            _remember(turn, segment, wanted, report)
        return APPLIED
    if memory.watermark.has_passed(known.window_start + turn.config.window_ms, turn.config.lateness_ms):
        return DropReason.LATE
    _correct(turn, series, known, report)
    return DropReason.SUPERSEDED


def _correct(turn: Turn, series: Series, known: Tracked, report: Tracked) -> None:
    """Of two reports of one measurement the earliest says where it counts and the latest what it counts as."""
    earlier = (report.first, report.window) < (known.first, known.window)
    later = (report.last, report.weight) > (known.last, known.weight)
    if not earlier and not later:
        return
    _add(turn, known, -1)
    if earlier:
        known.first, known.window_start = report.first, report.window_start
        known.window = opened(turn.memory, turn.config, report.window_start, report.window, series)
    if later:
        known.last, known.weight, known.measured = report.last, report.weight, report.measured
        known.bucket, known.rating = report.bucket, report.rating
    _add(turn, known, 1)


def _known(visit: Visit, segment: Segment, wanted: str) -> Tracked | None:
    tracked = segment.tracked.get(wanted)
    if tracked is None and len(visit.segments) > 1:
        for other in reversed(visit.segments):
            if wanted in other.tracked:
                return other.tracked[wanted]
    return tracked


def _remember(turn: Turn, segment: Segment, wanted: str, report: Tracked) -> None:
    if sum(len(s.tracked) for s in turn.visit.segments) < IDS_PER_SESSION:
        segment.tracked[wanted] = report
    else:
        turn.out.untracked["metrics"] += 1


def _add(turn: Turn, report: Tracked, sign: int) -> None:
    """Put a report into its window (sign 1), or take it out without a trace (sign -1)."""
    windows = turn.memory.windows
    window = windows.get(report.window)
    if window is None:
        raise LookupError(f"window {report.window.hex()} of a tracked measurement is not in the lane's state")
    weight = sign * report.weight
    window.n += sign
    window.weight += weight
    if report.measured:
        window.sum += sign * (round(report.last[2] * SUM_SCALE) * report.weight // WEIGHT_ONE)
        if report.bucket is None:
            window.zeros += weight
        else:
            buckets = window.buckets
            left = buckets.get(report.bucket, 0) + weight
            if left:
                buckets[report.bucket] = left
            else:
                del buckets[report.bucket]
        if report.rating == "good":
            window.good += weight
        elif report.rating == "needs-improvement":
            window.needs_improvement += weight
        elif report.rating == "poor":
            window.poor += weight
    windows.touch(report.window, window)
    turn.memory.unsent_windows[report.window] = None
