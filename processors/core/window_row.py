"""Measurements into a window's row, and out of it again."""

from schemas.limits import SUM_SCALE, WEIGHT_ONE
from schemas.measures import Measure
from schemas.rollup import RollupRow
from schemas.sketch import bucket_of


def put(row: RollupRow, measure: Measure, value: float | None, times: int, weight: int) -> None:
    """Put a measurement into its window so many times; a negative number takes it out without a trace."""
    weighed = times * weight
    row.n += times
    row.weight += weighed
    if value is None:
        return
    row.sum += times * (round(value * SUM_SCALE) * weight // WEIGHT_ONE)
    if value:
        buckets, bucket = row.buckets, bucket_of(value)
        left = buckets.get(bucket, 0) + weighed
        if left:
            buckets[bucket] = left
        else:
            del buckets[bucket]
    else:
        row.zeros += weighed
    good, poor = measure.good, measure.poor
    if good is None or poor is None:
        return
    if value <= good:
        row.good += weighed
    elif value <= poor:
        row.needs_improvement += weighed
    else:
        row.poor += weighed


def put_all(
    row: RollupRow,
    measure: Measure,
    values: list[float],
    buckets: list[int],
    scaled: list[int],
    times: int,
    weight: int,
) -> None:
    """`put` each value, given its bucket and fixed point, once or minus once: what it adds up to is written once."""
    filled, zeros, weighed = row.buckets, 0, times * weight
    for value, bucket in zip(values, buckets, strict=True):
        if not value:
            zeros += weighed
            continue
        left = filled.get(bucket, 0) + weighed
        if left:
            filled[bucket] = left
        else:
            del filled[bucket]
    row.n += times * len(values)
    row.weight += len(values) * weighed
    row.zeros += zeros
    row.sum += times * (sum(scaled) if weight == WEIGHT_ONE else sum([s * weight // WEIGHT_ONE for s in scaled]))
    if measure.good is not None and measure.poor is not None:
        good = poor = 0
        for value in values:
            if value <= measure.good:
                good += weighed
            elif value > measure.poor:
                poor += weighed
        row.good += good
        row.poor += poor
        row.needs_improvement += len(values) * weighed - good - poor
