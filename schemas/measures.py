"""What is measured: the metrics, their units, the largest value believed, and what counts as good.

Thresholds are those of web.dev/articles/vitals: at the limit is still good, above the second is poor.
"""

from dataclasses import dataclass
from typing import Final, Literal

from schemas.event import Event
from schemas.limits import CLS_CAP, MEMORY_CAP_MB, TIMING_CAP_MS

Rating = Literal["good", "needs-improvement", "poor"]


@dataclass(frozen=True, slots=True)
class Measure:
    """A metric: unit of its values, cap, and the two thresholds (None: it has no rating).

    ``named``: a series tells what the measurement is of (initiator, endpoint, component).
    """

    name: str
    unit: str
    cap: float
    good: float | None = None
    poor: float | None = None
    named: bool = False


def _timing(name: str, good: float | None = None, poor: float | None = None, *, named: bool = False) -> Measure:
    return Measure(name, "ms", TIMING_CAP_MS, good, poor, named)


VITALS: Final[dict[str, Measure]] = {
    m.name: m
    for m in (
        _timing("LCP", 2500, 4000),
        _timing("INP", 200, 500),
        Measure("CLS", "score", CLS_CAP, 0.1, 0.25),
        _timing("FCP", 1800, 3000),
        _timing("TTFB", 800, 1800),
        _timing("FID", 100, 300),
        _timing("TBT", 200, 600),
    )
}

PAGE_VIEW: Final = "page_view"
ERROR: Final = "error"

KINDS: Final[dict[str, Measure]] = {
    "view": Measure(PAGE_VIEW, "", 0),
    "error": Measure(ERROR, "", 0, named=True),
    "navigation": _timing("navigation", named=True),
    "resource": _timing("resource", named=True),
    "request": _timing("request", named=True),
    "action": _timing("interaction", named=True),
    "longtask": _timing("longtask", named=True),
    "render": _timing("render", 16, 50, named=True),
    "memory": Measure("memory", "MB", MEMORY_CAP_MB, named=True),
    "custom": _timing("custom", named=True),
}
"""Kinds other than vitals that are rolled up; the rest (visibility, alert) is kept in sessions and samples only."""


MEASURES: Final[dict[str, Measure]] = {m.name: m for m in (*VITALS.values(), *KINDS.values())}
"""By the name that rows carry as their metric."""


def measure_of(event: Event) -> Measure | None:
    """The measure an event belongs to; None where it is not rolled up (or an unknown vital)."""
    if event.kind == "vital":
        return VITALS.get(event.name)
    return KINDS.get(event.kind)


def counts(measure: Measure, value: float | None) -> bool:
    """Whether a value can be counted: none, or one that is believed. Of what has no cap values do not matter."""
    return value is None or not measure.cap or 0 <= value <= measure.cap


def rate(measure: Measure, value: float) -> Rating | None:
    """The rating of a value; None for a measure without thresholds."""
    if measure.good is None or measure.poor is None:
        return None
    if value <= measure.good:
        return "good"
    return "needs-improvement" if value <= measure.poor else "poor"
