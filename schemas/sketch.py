"""DDSketch on logarithmic buckets with integer weights (Masson, Rim, Lee: DDSketch, VLDB 2019).

Guarantee: a quantile is within relative accuracy ALPHA of the weighted nearest rank: the lowest value whose
cumulative weight is at least q times the total. Merging is adding counts, so it is associative, commutative and
gives the same bits in any order. Cost: one logarithm and one dict update a value; about 275 buckets a decade
of e (log 10 / log GAMMA = 115 a factor of ten).
"""

from collections.abc import Iterable, Mapping, MutableMapping
from math import ceil, log
from typing import Final

ALPHA: Final = 0.01
GAMMA: Final = (1 + ALPHA) / (1 - ALPHA)
_LOG_GAMMA: Final = log(GAMMA)
_MIDDLE: Final = 2 / (1 + GAMMA)

Buckets = MutableMapping[int, int]
"""Bucket key to weight; bucket k holds the values in (GAMMA^(k-1), GAMMA^k]."""


def bucket_of(value: float) -> int:
    """The key of a positive value's bucket: ceil(ln v / ln GAMMA).

    Raises:
        ValueError: the value is zero or negative (zeros are counted apart).
    """
    return ceil(log(value) / _LOG_GAMMA)


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
