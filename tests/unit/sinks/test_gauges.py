"""What Prometheus reads: names, labels, units, and nothing where there is no data."""

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from schemas.measures import ERROR, PAGE_VIEW
from schemas.rollup import RollupRow
from schemas.sketch import bucket_of, bucket_value
from sinks.prometheus.fold import series_of
from sinks.prometheus.gauges import RumGauges, gauges
from sinks.prometheus.windows import MINUTE_MS, Windows

OPEN = 1_700_000_000_000 - 1_700_000_000_000 % MINUTE_MS
NOW = OPEN + 30_000


def row(metric: str, values: dict[float, int], good: int = 0, poor: int = 0, route: str = "/", start: int = OPEN,
        weight: int = 0) -> RollupRow:  # fmt: skip
    buckets = {bucket_of(v): w for v, w in values.items() if v}
    return RollupRow(
        "shop", "", "browser", metric, "", route, "", "phone", "", "", "", start, 60, 1, 1, 1,
        weight or sum(values.values()), good=good, poor=poor, zeros=values.get(0.0, 0), buckets=buckets,
    )  # fmt: skip


def shown(*rows: RollupRow, now: int = NOW) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    windows = Windows()
    for r in rows:
        windows.apply(r, now)
    registry = CollectorRegistry(auto_describe=True)
    registry.register(RumGauges(windows, lambda: now, lambda: True))
    text = generate_latest(registry).decode()
    return {
        (s.name, frozenset(s.labels.items())): s.value for f in text_string_to_metric_families(text) for s in f.samples
    }


def at(window: str = "5m", **labels: str) -> frozenset[tuple[str, str]]:
    return frozenset({"site": "shop", "route": "/", "device": "phone", "window": window, **labels}.items())


def test_timings_are_in_seconds() -> None:
    seen = shown(row("LCP", {2500.0: 1000}))
    for q in ("0.5", "0.75", "0.95", "0.99"):
        assert seen["rum_timing_seconds", at(metric="LCP", quantile=q)] == pytest.approx(
            bucket_value(bucket_of(2500.0)) / 1000
        )


def test_layout_shift_is_a_score_of_its_own_and_zero_is_a_value() -> None:
    seen = shown(row("CLS", {0.0: 1000, 0.3: 1000}))
    assert seen["rum_layout_shift_score", at(quantile="0.5")] == 0.0
    assert seen["rum_layout_shift_score", at(quantile="0.75")] == pytest.approx(0.3, rel=0.01)
    assert not [name for name, _ in seen if name == "rum_timing_seconds"]


def test_ratios_are_of_what_was_rated() -> None:
    seen = shown(row("LCP", {100.0: 3000}, good=2000, poor=1000), row("TTFB", {100.0: 3000}))
    assert seen["rum_good_ratio", at(metric="LCP")] == pytest.approx(2 / 3)
    assert seen["rum_poor_ratio", at(metric="LCP")] == pytest.approx(1 / 3)
    assert ("rum_good_ratio", at(metric="TTFB")) not in seen


def test_views_and_errors_are_weighted_counts() -> None:
    seen = shown(row(PAGE_VIEW, {}, weight=2500), row(ERROR, {}, weight=1000))
    assert seen["rum_page_views", at()] == 2.5
    assert seen["rum_js_errors", at()] == 1


def test_series_without_data_disappear() -> None:
    lcp = row("LCP", {100.0: 1000})
    assert ("rum_timing_seconds", at(metric="LCP", quantile="0.75")) in shown(lcp, now=OPEN + 5 * MINUTE_MS - 1)
    late = shown(lcp, now=OPEN + 5 * MINUTE_MS)
    assert late == {("rum_sink_series", frozenset({("window", w)})): 0.0 for w in ("1m", "5m")}


def test_the_minute_shows_when_it_is_complete() -> None:
    view = row(PAGE_VIEW, {}, weight=1000)
    assert ("rum_page_views", at("1m")) not in shown(view, now=OPEN + MINUTE_MS - 1)
    complete = shown(view, now=OPEN + MINUTE_MS)
    assert complete["rum_page_views", at("1m")] == 1
    assert complete["rum_window_end_timestamp_seconds", frozenset({("window", "1m")})] == (OPEN + MINUTE_MS) / 1000


def test_labels_are_quoted() -> None:
    nasty = 'a"b\\c\nd{e}'
    seen = shown(row(PAGE_VIEW, {}, weight=1000, route=nasty))
    assert seen["rum_page_views", at(route=nasty)] == 1


def test_a_metric_nobody_knows_is_not_shown() -> None:
    assert not [name for name, _ in shown(row("nonsense", {1.0: 1000})) if name == "rum_timing_seconds"]


@pytest.mark.parametrize("metric", ["LCP", "CLS", "navigation", "memory", PAGE_VIEW, ERROR, "nonsense"])
def test_the_fold_counts_what_is_shown(metric: str) -> None:
    seen = shown(row(metric, {1.0: 1000}, good=1000))
    assert sum(labels >= at() for _, labels in seen) == series_of(metric)


def test_never_more_series_than_the_limit() -> None:
    windows = Windows()
    for n in range(500):
        windows.apply(row("LCP", {100.0: 1000}, good=1000, route=f"/{n}"), NOW)
        windows.apply(row(PAGE_VIEW, {}, weight=1000, route=f"/{n}"), NOW)
    families = {f.name: f for f in gauges(windows, NOW, limit=100)}
    assert sum(len(f.samples) for name, f in families.items() if name not in ("rum_sink_series",)) <= 101
    assert sum(s.value for s in families["rum_page_views"].samples) == 500


def test_nothing_is_shown_before_the_past_was_read() -> None:
    windows = Windows()
    windows.apply(row(PAGE_VIEW, {}, weight=1000), NOW)
    assert list(RumGauges(windows, lambda: NOW, lambda: False).collect()) == []
