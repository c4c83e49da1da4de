"""Values that wait together are counted bit for bit as each alone would be."""

import math

from hypothesis import given, settings
from hypothesis import strategies as st

from processors.core.cells import Cells
from processors.core.config import CoreConfig
from processors.core.rows import empty_row
from processors.core.window_row import put
from schemas.limits import TIMING_CAP_MS
from schemas.measures import MEASURES
from schemas.rollup import RollupRow
from schemas.sketch import BOUNDS
from tests.lab.lane import beacon, vital

CONFIG = CoreConfig(lane=7)
LCP = MEASURES["LCP"]

values = st.one_of(
    st.floats(0, TIMING_CAP_MS),
    st.sampled_from([0.0, 2500.0, 2500.1, 4000.0, 4000.1, 0.00005, 0.00015, 0.00025, 5e-324, TIMING_CAP_MS]),
    st.sampled_from([bound for bound in BOUNDS if bound <= TIMING_CAP_MS]),
    st.sampled_from([math.nextafter(bound, math.inf) for bound in BOUNDS if bound < TIMING_CAP_MS]),
)
"""At random; at the limits of ratings; half-way between two fixed points; at the bounds of buckets and just above."""

weights = st.sampled_from([1_000, 1_001, 3_333, 10_000_000])


@given(st.lists(values, min_size=1, max_size=40), st.lists(st.tuples(values, values), max_size=10), weights)
@settings(max_examples=200)
def test_values_put_together_leave_what_each_put_alone_does(
    first: list[float], corrections: list[tuple[float, float]], weight: int
) -> None:
    event = vital("LCP", 1.0)
    cells = Cells()
    line = cells.make({}, event, beacon([event], weight=weight))
    together, alone = (empty_row(line.series, 0, CONFIG) for _ in range(2))
    cell = line.at(0)
    cell.row, cell.values = together, first + [old for old, _ in corrections]
    cells.opened(cell)
    waiting = cells.correct(cell.key, weight, together)
    for old, new in corrections:
        waiting.taken.append(old)
        waiting.put.append(new)
    cells.count_up()
    for value in first:
        put(alone, LCP, value, 1, weight)
    for old, new in corrections:
        put(alone, LCP, old, 1, weight)
        put(alone, LCP, old, -1, weight)
        put(alone, LCP, new, 1, weight)
    assert counted(together) == counted(alone)


def counted(row: RollupRow) -> dict[str, object]:
    """All that a row counts."""
    names = ("n", "weight", "sum", "good", "needs_improvement", "poor", "zeros", "buckets")
    return {name: getattr(row, name) for name in names}
