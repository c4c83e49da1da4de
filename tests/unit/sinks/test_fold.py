"""Folding keeps totals and the limit, whatever the pages are."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.measures import ERROR, PAGE_VIEW
from schemas.rollup import OTHER
from sinks.prometheus.cells import Cell, Cells, Page
from sinks.prometheus.fold import fold, series_of

METRICS = ["LCP", "CLS", "navigation", "memory", PAGE_VIEW, ERROR]
LEAST = 2 * sum(series_of(m) for m in METRICS)

cells = st.builds(
    Cell,
    weight=st.integers(1, 50),
    good=st.integers(0, 9),
    buckets=st.dictionaries(st.integers(0, 5), st.integers(1, 9)),
)
pages = st.builds(
    Page, st.sampled_from("ab"), st.sampled_from(["/", "/x", "/y", "/z"]), st.sampled_from(["phone", "tv"])
)
windows = st.fixed_dictionaries(
    dict.fromkeys(("1m", "5m"), st.dictionaries(pages, st.dictionaries(st.sampled_from(METRICS), cells)))
)


def count(of: dict[str, Cells]) -> int:
    return sum(series_of(m) for window in of.values() for metrics in window.values() for m in metrics)


def totals(of: Cells) -> dict[str, tuple[int, int, Counter[int]]]:
    sums: dict[str, Cell] = {}
    for metrics in of.values():
        for metric, cell in metrics.items():
            sums.setdefault(metric, Cell()).add(cell)
    return {metric: (c.weight, c.good, Counter(c.buckets)) for metric, c in sums.items()}


@settings(deadline=None)
@given(windows, st.integers(LEAST, 300))
def test_the_limit_holds_and_the_totals_of_each_metric_are_exact(of: dict[str, Cells], limit: int) -> None:
    folded = fold(of, limit)
    assert count(folded) <= limit
    assert {label: totals(cells) for label, cells in folded.items()} == {label: totals(c) for label, c in of.items()}


@settings(deadline=None)
@given(windows)
def test_at_the_limit_nothing_folds_and_one_below_something_does(of: dict[str, Cells]) -> None:
    needed = count(of)
    assert not any(OTHER in page for cells in fold(of, needed).values() for page in cells)
    if needed:
        assert any(OTHER in page for cells in fold(of, needed - 1).values() for page in cells)


def viewed(**weights: int) -> dict[str, Cells]:
    return {"5m": {Page("shop", f"/{r}", "phone"): {PAGE_VIEW: Cell(weight=w)} for r, w in weights.items()}}


def test_the_routes_with_most_page_views_stay() -> None:
    folded = fold(viewed(a=1, b=9, c=5, d=2), 3)["5m"]
    assert {page.route: of[PAGE_VIEW].weight for page, of in folded.items()} == {"/b": 9, "/c": 5, OTHER: 3}


def test_sites_fold_when_their_routes_are_not_enough() -> None:
    of = {"5m": {Page(f"site{n}", "/", "phone"): {PAGE_VIEW: Cell(weight=n)} for n in range(1, 10)}}
    folded = fold(of, 3)["5m"]
    assert {page: c[PAGE_VIEW].weight for page, c in folded.items()} == {
        Page("site9", OTHER, "phone"): 9,
        Page("site8", OTHER, "phone"): 8,
        Page(OTHER, OTHER, "phone"): 28,
    }


def test_devices_fold_last() -> None:
    of = {"5m": {Page("shop", "/", f"device{n}"): {PAGE_VIEW: Cell(weight=1)} for n in range(9)}}
    assert fold(of, 3)["5m"] == {Page(OTHER, OTHER, OTHER): {PAGE_VIEW: Cell(weight=9)}}
