"""DDSketch on logarithmic buckets with integer weights (Masson, Rim, Lee: DDSketch, VLDB 2019).

Guarantee: a quantile is within relative accuracy ALPHA of the weighted nearest rank: the lowest value whose
cumulative weight is at least q times the total. Merging is adding counts, so it is associative, commutative and
gives the same bits in any order. Cost: one search among 2,400 bounds and one dict update a value; 115 buckets a factor
of ten (log 10 / log GAMMA).
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, MutableMapping
from typing import Final

ALPHA: Final = 0.01
GAMMA: Final = (1 + ALPHA) / (1 - ALPHA)
_MIDDLE: Final = 2 / (1 + GAMMA)
LOWEST: Final = -1_200
_HIGHEST: Final = 1_200
_LAST: Final = _HIGHEST - LOWEST


def _bounds() -> list[float]:
    """Upper ends of the buckets LOWEST to _HIGHEST: (101 / 99)^k, each rounded once from whole numbers.

    A processor's logarithm may differ from another's in the last bit, and a value at a bound would then change its
    bucket when a lane moves to another machine; these do not.
    """
    more, less = [1], [1]
    for _ in range(_HIGHEST):
        more.append(more[-1] * 101)
        less.append(less[-1] * 99)
    return [less[-k] / more[-k] if k < 0 else more[k] / less[k] for k in range(LOWEST, _HIGHEST + 1)]


BOUNDS: Final = tuple(_bounds())
"""Upper ends of the buckets, the lowest first: a value's bucket is LOWEST + the place of the first bound not below."""


Buckets = MutableMapping[int, int]
"""Bucket key to weight; bucket k holds the values in (GAMMA^(k-1), GAMMA^k]."""


def bucket_of(value: float) -> int:
    """The key of a positive value's bucket: ceil(ln v / ln GAMMA), the same on every machine.

    What is below 4e-11 or above 2e10 goes to the lowest or highest bucket (zeros are counted apart).
    """
    return LOWEST + min(bisect_left(BOUNDS, value), _LAST)


def bucket_value(key: int) -> float:
    """The value a bucket stands for: within ALPHA of every value in it."""
    return float(GAMMA**key * _MIDDLE)


def merge(into: Buckets, other: Mapping[int, int]) -> None:
    """Add the other sketch's weights."""
    for key, weight in other.items():
        into[key] = into.get(key, 0) + weight


def quantile(buckets: Mapping[int, int], zeros: int, q: float) -> float | None:
    """The weighted nearest rank at q in [0, 1]; None for an empty sketch. Cost: a sort of the buckets.

    Raises:
        ValueError: q is outside [0, 1].
    """
    return next(iter(quantiles(buckets, zeros, (q,))))


def quantiles(buckets: Mapping[int, int], zeros: int, qs: Iterable[float]) -> list[float | None]:
    """Several ranks by one sort, in the order asked."""
    keys = sorted(buckets)
    total = zeros + sum(buckets.values())
    answers: list[float | None] = []
    for q in qs:
        if not 0 <= q <= 1:
            raise ValueError(f"quantile {q} is outside [0, 1]")
        answers.append(_at_rank(keys, buckets, zeros, q * total) if total else None)
    return answers


def _at_rank(keys: list[int], buckets: Mapping[int, int], zeros: int, rank: float) -> float:
    seen = zeros
    if seen and seen >= rank:
        return 0.0
    for key in keys:
        seen += buckets[key]
        if seen >= rank:
            return bucket_value(key)
    return bucket_value(keys[-1])
