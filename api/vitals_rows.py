"""From ClickHouse's numbers to what the API answers."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from api.times import iso
from api.vitals_query import QUANTILES, VitalsQuery
from schemas.limits import WEIGHT_ONE
from schemas.measures import MEASURES, Rating


def answer(query: VitalsQuery, found: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The body: what was asked, the rows, whether some were cut, when the newest data came (ms)."""
    kept = found[: query.limit]
    return {
        "site": query.site,
        "from": iso(query.from_ms // 1000),
        "to": iso(query.to_ms // 1000),
        "by": list(query.dimensions),
        "resolution": query.table.removeprefix("rollups_"),
        "updated_at": max((row["updated_at"] for row in kept), default=None),
        "truncated": len(found) > query.limit,
        "rows": [_row(query, row) for row in kept],
    }


def _row(query: VitalsQuery, row: Mapping[str, Any]) -> dict[str, Any]:
    dimensions = {d: iso(row[d]) if d == "window" else row[d] for d in query.dimensions}
    percentiles = {name: None if math.isnan(row[name]) else row[name] for name in QUANTILES}
    measure = MEASURES.get(row["metric"])
    rated = row["good"] + row["needs_improvement"] + row["poor"]
    return {
        **dimensions,
        **percentiles,
        "unit": measure.unit if measure else "",
        "rating": rating_at_p75(row["good"], row["needs_improvement"], row["poor"]),
        "n": row["n"],
        "weight": row["weight"] / WEIGHT_ONE,
        **{name: row[name] / rated if rated else None for name in ("good", "needs_improvement", "poor")},
    }


def rating_at_p75(good: int, needs_improvement: int, poor: int) -> Rating | None:
    """The rating of the 75th percentile, from the rated weights; None when nothing was rated.

    Exact where the sketch's p75 is not: the nearest rank is at most a threshold just when three quarters are.
    """
    rated = good + needs_improvement + poor
    if not rated:
        return None
    if 4 * good >= 3 * rated:
        return "good"
    return "needs-improvement" if 4 * (good + needs_improvement) >= 3 * rated else "poor"
