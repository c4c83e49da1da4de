"""The window job alone: the lane with a shorter tuple of steps. No visits, no samples, no retries, no corrections,
no caps."""

from typing import Final

from processors.core import step as pipeline
from processors.core.decode import advance_watermark, clamp_clock, decode_line
from processors.core.rows import empty_row
from processors.core.turn import Turn
from processors.core.windower import APPLIED
from schemas.drop_reasons import DropReason
from schemas.limits import SUM_SCALE, WEIGHT_ONE
from schemas.measures import measure_of
from schemas.rollup import Series
from schemas.sketch import bucket_of


def count_each(turn: Turn) -> DropReason | None:
    """Add every event to its series' window: count, weight, sum and sketch."""
    beacon, memory = turn.beacon, turn.memory
    window_ms, weight = turn.config.window_ms, beacon.weight
    counted = 0
    for event in beacon.events:
        measure = measure_of(event)
        if measure is None:
            continue
        start = event.ts - event.ts % window_ms
        name = "" if event.kind in ("vital", "view") else event.name
        key, series = memory.names.of(beacon, _as_it_is, start, measure.name, name, event.route, event.navigation_type)
        window = memory.windows.get(key)
        if window is None:
            window = empty_row(series, start, turn.config)
        window.n += 1
        window.weight += weight
        value = event.value
        if value is not None and measure.cap:
            window.sum += round(value * SUM_SCALE) * weight // WEIGHT_ONE
            if value:
                bucket = bucket_of(value)
                window.buckets[bucket] = window.buckets.get(bucket, 0) + weight
            else:
                window.zeros += weight
        memory.windows.put(key, window)
        memory.unsent_windows[key] = None
        counted += 1
    turn.count(APPLIED, counted)
    return None


def _as_it_is(series: Series) -> Series:
    """No caps: the others have none."""
    return series


STEPS: Final = (decode_line, clamp_clock, advance_watermark, count_each)


def install() -> None:
    """From now on lanes of this process take these steps alone."""
    vars(pipeline)["STEPS"] = STEPS
