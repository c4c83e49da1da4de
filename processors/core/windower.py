"""Tumbling windows of series, where a measurement's last value counts in its page view's own window."""

from functools import lru_cache
from typing import Final

from processors.core.keys import tracked_id, window_key
from processors.core.page_views import implied_view
from processors.core.records import Segment, Tracked, Visit, Window
from processors.core.turn import Placed, Turn
from schemas.drop_reasons import DropReason
from schemas.event import Event
from schemas.limits import IDS_PER_SESSION, SUM_SCALE, WEIGHT_ONE
from schemas.measures import Measure, measure_of, rate
from schemas.rollup import Series
from schemas.sketch import bucket_of

APPLIED: Final = "applied"

_cached_key = lru_cache(maxsize=65_536)(window_key)


def count_in_windows(turn: Turn) -> DropReason | None:
    """Count every event that is not late in its window; says of each what became of it."""
    counts = turn.out.counts
    for placed in turn.placed:
        if placed.segment is None:
            continue
        measure = measure_of(placed.event)
        if measure is None:
            counts[DropReason.UNMEASURED] += 1
            continue
        if not _is_believable(placed.event.value, measure):
            counts[DropReason.OUTLIER] += 1
            continue
        counts[_count(turn, placed, placed.event, measure)] += 1
        view = implied_view(turn, placed)
        if view is not None:
            _count(turn, placed, view, measure_of(view) or measure)
    return None


def _count(turn: Turn, placed: Placed, event: Event, measure: Measure) -> str:
    segment = placed.segment
    assert segment is not None  # noqa: S101 - late events never come here
    beacon = turn.beacon
    start = event.ts - event.ts % turn.config.window_ms
    order = (event.ts, beacon.seq, event.value or 0.0)
    value = event.value if measure.cap else None
    rating = (rate(measure, value) or "") if value is not None else ""
    placed.poor = placed.poor or (rating == "poor" and event.kind == "vital")
    wanted = tracked_id(event.name, event.metric_id) if event.metric_id else ""
    known = _known(turn.visit, wanted) if wanted else None
    bucket = bucket_of(value) if value else None
    series = _series(turn, event, measure)
    window = _cached_key(start, series)
    report = Tracked(window, start, order, order, beacon.weight, value is not None, bucket, rating)
    if known is None:
        if event.kind == "view":
            segment.views += 1
        _open(turn, window, series, start)
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
        known.first, known.window_start, known.window = report.first, report.window_start, report.window
        _open(turn, report.window, series, report.window_start)
    if later:
        known.last, known.weight, known.measured = report.last, report.weight, report.measured
        known.bucket, known.rating = report.bucket, report.rating
    _add(turn, known, 1)


def _is_believable(value: float | None, measure: Measure) -> bool:
    """The collector refuses these; a block of another writer must not stop the lane."""
    return value is None or not measure.cap or 0 <= value <= measure.cap


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
        turn.out.counts["untracked_metrics"] += 1


def _series(turn: Turn, event: Event, measure: Measure) -> Series:
    beacon = turn.beacon
    return Series(
        beacon.site,
        beacon.environment,
        beacon.source,
        measure.name,
        "" if event.kind in ("vital", "view") else event.name,
        event.route,
        event.navigation_type,
        beacon.device,
        beacon.browser,
        beacon.country,
        beacon.release,
    )


def _open(turn: Turn, key: bytes, series: Series, start: int) -> None:
    """The window is there afterwards."""
    if turn.memory.windows.get(key) is None:
        turn.memory.windows.put(key, Window(list(series), start))


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
