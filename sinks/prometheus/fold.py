"""Folding: the pages with most views keep series of their own, the rest share `__other__` with exact totals.

First routes of each site fold, then sites, then devices: what is exposed never exceeds the limit.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from schemas.measures import ERROR, MEASURES, PAGE_VIEW
from schemas.rollup import OTHER
from sinks.prometheus.cells import Cells, Page, cell_of

QUANTILES: Final = (0.5, 0.75, 0.95, 0.99)

Fold = Callable[[Page], Page]


def series_of(metric: str) -> int:
    """The most series a cell of this metric needs."""
    if metric in (PAGE_VIEW, ERROR):
        return 1
    measure = MEASURES.get(metric)
    if measure is None or measure.unit not in ("ms", "score"):
        return 0
    return len(QUANTILES) + (2 if measure.good is not None else 0)


def fold(windows: Mapping[str, Cells], limit: int) -> dict[str, Cells]:
    """The same windows with at most ``limit`` series, counted over all of them. Totals by metric stay exact.

    Cost: a sort of the routes, and a walk over all cells for each halving of their number.
    """
    chosen = _chosen(windows, limit)
    return {label: _folded(cells, chosen) for label, cells in windows.items()}


def _chosen(windows: Mapping[str, Cells], limit: int) -> Fold:
    routes = _by_views(windows, lambda page: (page.site, page.route))
    sites = _by_views(windows, lambda page: (page.site,))
    steps: list[tuple[list[tuple[str, ...]], Callable[[set[tuple[str, ...]]], Fold]]] = [
        (routes, _keep_routes),
        (sites, _keep_sites),
    ]
    for ranked, keeping in steps:
        kept = _most(windows, limit, ranked, keeping)
        if kept is not None:
            return keeping(set(ranked[:kept]))
    return lambda _: Page(OTHER, OTHER, OTHER)


def _most(
    windows: Mapping[str, Cells],
    limit: int,
    ranked: list[tuple[str, ...]],
    keeping: Callable[[set[tuple[str, ...]]], Fold],
) -> int | None:
    """How many of the ranked can be kept; None when not even folding all of them is enough."""
    low, high = -1, len(ranked)
    while low < high:
        middle = (low + high + 1) // 2
        if _series(windows, keeping(set(ranked[:middle]))) <= limit:
            low = middle
        else:
            high = middle - 1
    return None if low < 0 else low


def _keep_routes(kept: set[tuple[str, ...]]) -> Fold:
    return lambda page: page if (page.site, page.route) in kept else page._replace(route=OTHER)


def _keep_sites(kept: set[tuple[str, ...]]) -> Fold:
    return lambda page: Page(page.site if (page.site,) in kept else OTHER, OTHER, page.device)


def _by_views(windows: Mapping[str, Cells], key: Callable[[Page], tuple[str, ...]]) -> list[tuple[str, ...]]:
    views: Counter[tuple[str, ...]] = Counter()
    for cells in windows.values():
        for page, metrics in cells.items():
            views[key(page)] += metrics[PAGE_VIEW].weight if PAGE_VIEW in metrics else 0
    return sorted(views, key=lambda k: (-views[k], k))


def _series(windows: Mapping[str, Cells], chosen: Fold) -> int:
    return sum(_count(cells, chosen) for cells in windows.values())


def _count(cells: Cells, chosen: Fold) -> int:
    pairs: Iterable[tuple[Page, str]] = {
        (chosen(page), metric) for page, metrics in cells.items() for metric in metrics
    }
    return sum(series_of(metric) for _, metric in pairs)


def _folded(cells: Cells, chosen: Fold) -> Cells:
    folded: Cells = {}
    for page, metrics in cells.items():
        for metric, cell in metrics.items():
            cell_of(folded, chosen(page), metric).add(cell)
    return folded
