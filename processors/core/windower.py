"""Tumbling windows of series, where a measurement's last value counts in its page view's own window."""

from functools import partial
from typing import Final

from processors.core.caps import count_event, fold, opened, site_caps
from processors.core.keys import caps_key, tracked_id
from processors.core.page_views import implied_view
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
    for placed in turn.placed:
        segment = placed.segment
        if segment is None:
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
        turn.count(count(placed, segment, event, measure))
        view = implied_view(turn, placed)
        if view is not None:
            count(placed, segment, view, VIEW)
    turn.memory.caps.put(caps_key(turn.beacon.site), caps)
    return None


def _count(
    turn: Turn, caps: SiteCaps, folded: Fold, placed: Placed, segment: Segment, event: Event, measure: Measure
) -> str:
    beacon, kind = turn.beacon, event.kind
    start = event.ts - event.ts % turn.config.window_ms
    value = event.value if measure.cap else None
    rating = (rate(measure, value) or "") if value is not None else ""
    if rating == "poor" and kind == "vital":
        placed.poor = True
    name = "" if kind == "vital" or kind == "view" else event.name
    window, series = turn.memory.names.of(beacon, folded, start, measure.name, name, event.route, event.navigation_type)
    order = (event.ts, beacon.seq, event.value or 0.0)
    bucket = bucket_of(value) if value else None
    report = Tracked(window, start, order, order, beacon.weight, value is not None, bucket, rating)
    wanted = tracked_id(event.name, event.metric_id) if event.metric_id else ""
    known = _known(turn.visit, wanted) if wanted else None
    if known is None:
        if kind == "view":
            segment.views += 1
        count_event(caps, turn.config, measure.name, name, event.route, beacon.release)
        report.window = opened(turn.memory, turn.config, start, window, series)
        _add(turn, report, 1)
        if wanted:
            _remember(turn, segment, wanted, report)
        return APPLIED
    if turn.memory.watermark.has_passed(known.window_start + turn.config.window_ms, turn.config.lateness_ms):
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


def _known(visit: Visit, wanted: str) -> Tracked | None:
    for segment in reversed(visit.segments):
        tracked = segment.tracked.get(wanted)
        if tracked is not None:
            return tracked
    return None


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
            left = window.buckets.get(report.bucket, 0) + weight
            if left:
                window.buckets[report.bucket] = left
            else:
                del window.buckets[report.bucket]
        if report.rating == "good":
            window.good += weight
        elif report.rating == "needs-improvement":
            window.needs_improvement += weight
        elif report.rating == "poor":
            window.poor += weight
    windows.put(report.window, window)
    turn.memory.unsent_windows[report.window] = None
