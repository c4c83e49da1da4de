"""The sketch keeps its guarantee: within 1 % of the weighted nearest rank."""

import math
import random
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.sketch import ALPHA, BOUNDS, LOWEST, bucket_of, bucket_value, merge, quantile

QS = (0.5, 0.75, 0.95, 0.99)
positive = st.floats(1e-6, 1e9, allow_nan=False)


def exact(pairs: list[tuple[float, int]], q: float) -> float:
    """The weighted nearest rank on the raw values."""
    rank, seen = q * sum(w for _, w in pairs), 0
    for value, weight in sorted(pairs):
        seen += weight
        if seen >= rank:
            return value
    return max(v for v, _ in pairs)


def sketch_of(pairs: list[tuple[float, int]]) -> tuple[dict[int, int], int]:
    buckets: dict[int, int] = {}
    zeros = 0
    for value, weight in pairs:
        if value:
            merge(buckets, {bucket_of(value): weight})
        else:
            zeros += weight
    return buckets, zeros


@given(positive)
def test_a_bucket_stands_for_each_of_its_values_within_alpha(value: float) -> None:
    assert abs(bucket_value(bucket_of(value)) - value) <= ALPHA * value * (1 + 1e-9)


def test_a_value_at_a_bound_is_in_the_lower_bucket_and_the_next_number_is_not() -> None:
    for key, bound in enumerate(BOUNDS[:-1], start=LOWEST):
        assert bucket_of(math.nextafter(bound, 0)) == bucket_of(bound) == key
        assert bucket_of(math.nextafter(bound, math.inf)) == key + 1
    assert bucket_of(BOUNDS[-1]) == bucket_of(math.inf) == LOWEST + len(BOUNDS) - 1
    assert bucket_of(5e-324) == LOWEST


@given(st.lists(st.tuples(st.one_of(st.just(0.0), positive), st.integers(1, 10_000)), min_size=1))
def test_a_quantile_is_within_one_percent_of_the_weighted_nearest_rank(pairs: list[tuple[float, int]]) -> None:
    for q in QS:
        answer, truth = quantile(*sketch_of(pairs), q), exact(pairs, q)
        assert answer is not None
        assert abs(answer - truth) <= ALPHA * truth * (1 + 1e-9)


@pytest.mark.parametrize("shape", ["lognormal", "pareto", "bimodal", "constant", "tiny", "huge"])
def test_a_hundred_partials_merged_answer_as_one(shape: str) -> None:
    draw = random.Random(shape)
    make: Callable[[], float] = {
        "lognormal": lambda: draw.lognormvariate(7, 0.8),
        "pareto": lambda: draw.paretovariate(1.1),
        "bimodal": lambda: draw.gauss(100, 5) if draw.random() < 0.6 else draw.gauss(4000, 200),
        "constant": lambda: 1234.5,
        "tiny": lambda: draw.uniform(0.001, 0.5),
        "huge": lambda: draw.uniform(1e8, 1e9),
    }[shape]
    parts = [[(make(), draw.choice([1000, 4000])) for _ in range(50)] for _ in range(100)]
    merged: dict[int, int] = {}
    for part in parts:
        merge(merged, sketch_of(part)[0])
    whole = [pair for part in parts for pair in part]
    assert merged == sketch_of(whole)[0]
    for q in QS:
        answer, truth = quantile(merged, 0, q), exact(whole, q)
        assert answer is not None
        assert math.isclose(answer, truth, rel_tol=ALPHA * 1.0001)


sketches = st.dictionaries(st.integers(-50, 50), st.integers(1, 10**12), max_size=30)


def merged(*parts: dict[int, int]) -> dict[int, int]:
    whole: dict[int, int] = {}
    for part in parts:
        merge(whole, part)
    return whole


@given(sketches, sketches, sketches)
def test_merging_is_associative_and_commutative_and_the_empty_sketch_changes_nothing(
    a: dict[int, int], b: dict[int, int], c: dict[int, int]
) -> None:
    assert merged(merged(a, b), c) == merged(a, merged(b, c)) == merged(c, b, a)
    assert merged(a, {}) == merged({}, a) == a
    assert sum(merged(a, b, c).values()) == sum(map(sum, (x.values() for x in (a, b, c))))


@given(st.lists(st.tuples(st.one_of(st.just(0.0), positive), st.integers(1, 10_000)), min_size=1), st.randoms())
def test_any_order_and_any_split_of_the_values_give_the_same_bits(
    pairs: list[tuple[float, int]], draw: random.Random
) -> None:
    shuffled = list(pairs)
    draw.shuffle(shuffled)
    cut = draw.randrange(len(pairs) + 1)
    (left, left_zeros), (right, right_zeros) = sketch_of(shuffled[:cut]), sketch_of(shuffled[cut:])
    whole, zeros = sketch_of(pairs)
    assert (merged(left, right), left_zeros + right_zeros) == (whole, zeros)
    assert [quantile(merged(right, left), zeros, q) for q in QS] == [quantile(whole, zeros, q) for q in QS]


@pytest.mark.parametrize(("q", "answer"), [(0.5, 10), (0.500001, 20), (0, 10), (1, 20)])
def test_a_rank_that_a_weight_reaches_exactly_is_still_that_value(q: float, answer: float) -> None:
    found = quantile(sketch_of([(10, 3000), (20, 3000)])[0], 0, q)
    assert found is not None
    assert math.isclose(found, answer, rel_tol=ALPHA * 1.0001)


def test_zeros_come_before_every_bucket() -> None:
    assert quantile({0: 1000}, 1000, 0.5) == 0
    assert quantile({0: 1000}, 1000, 0.51) == bucket_value(0)


def test_an_empty_sketch_has_no_quantile() -> None:
    assert quantile({}, 0, 0.5) is None


def test_a_quantile_outside_zero_to_one_is_refused() -> None:
    with pytest.raises(ValueError, match="outside"):
        quantile({1: 1}, 0, 1.01)
