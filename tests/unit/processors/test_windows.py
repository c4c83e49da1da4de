"""Windows: last value wins, weights, ratings at their boundaries, page views that are only implied."""

import pytest

from schemas.event import Event
from schemas.rollup import RollupRow
from tests.lab.lane import NOW, Lab, beacon, block, vital


def window_of(lab: Lab, metric: str) -> RollupRow:
    (row,) = [r for r in lab.windows() if r.metric == metric]
    return row


@pytest.mark.parametrize(
    ("metric", "value", "rating"),
    [
        ("LCP", 2500, "good"),
        ("LCP", 2500.1, "needs_improvement"),
        ("LCP", 4000, "needs_improvement"),
        ("LCP", 4000.1, "poor"),
        ("INP", 200, "good"),
        ("INP", 500.1, "poor"),
        ("CLS", 0, "good"),
        ("CLS", 0.1, "good"),
        ("CLS", 0.11, "needs_improvement"),
        ("CLS", 0.26, "poor"),
    ],
)
def test_a_value_at_the_limit_is_still_good(metric: str, value: float, rating: str) -> None:
    lab = Lab()
    lab.feed(block(0, beacon([vital(metric, value)])))
    lab.checkpoint()
    row = window_of(lab, metric)
    assert {k: getattr(row, k) for k in ("good", "needs_improvement", "poor")} == {
        "good": 0,
        "needs_improvement": 0,
        "poor": 0,
        rating: 1000,
    }


def test_a_corrected_value_leaves_no_trace_of_the_old_one() -> None:
    corrected, plain = Lab(), Lab()
    reports = [
        beacon([vital("CLS", v, NOW + i - 9, metric_id="m")], beacon_id=f"b{i}") for i, v in enumerate((0.3, 0, 0.07))
    ]
    for offset, report in enumerate(reports):
        corrected.feed(block(offset, report))
        corrected.checkpoint()
    plain.feed(block(0, beacon([vital("CLS", 0.07, metric_id="m")])))
    plain.checkpoint()
    assert corrected.windows() == plain.windows()
    assert corrected.counts == {"applied": 1, "superseded": 2}


def test_an_older_report_that_arrives_later_changes_nothing() -> None:
    lab = Lab()
    lab.feed(block(0, beacon([vital("LCP", 900, NOW, metric_id="m")], beacon_id="a")))
    lab.feed(block(1, beacon([vital("LCP", 100, NOW - 10, metric_id="m")], beacon_id="b")))
    lab.checkpoint()
    assert window_of(lab, "LCP").sum == 900 * 10_000


def test_equal_times_are_told_apart_by_the_beacon_number() -> None:
    lab = Lab()
    lab.feed(block(0, beacon([vital("LCP", 100, metric_id="m")], beacon_id="a", seq=2)))
    lab.feed(block(1, beacon([vital("LCP", 900, metric_id="m")], beacon_id="b", seq=1)))
    lab.checkpoint()
    assert window_of(lab, "LCP").sum == 100 * 10_000


def test_a_client_sample_rate_of_a_quarter_weighs_four() -> None:
    lab = Lab()
    lab.feed(block(0, beacon([vital("LCP", 100)], weight=4000)))
    lab.checkpoint()
    row = window_of(lab, "LCP")
    assert (row.n, row.weight, row.sum, list(row.buckets.values())) == (1, 4000, 4_000_000, [4000])


def test_zero_is_a_value_and_absence_is_not() -> None:
    lab = Lab()
    lab.feed(block(0, beacon([vital("CLS", 0.0), vital("LCP", 100)])))
    lab.checkpoint()
    assert (window_of(lab, "CLS").zeros, window_of(lab, "CLS").buckets) == (1000, {})
    assert {r.metric for r in lab.windows()} == {"CLS", "LCP"}


def test_a_ttfb_implies_one_page_view_where_the_client_tells_none() -> None:
    lab = Lab()
    for offset, value in enumerate((80.0, 90.0)):
        event = vital("TTFB", value, NOW + offset, metric_id="t", navigation_type="back-forward-cache")
        lab.feed(block(offset, beacon([event], beacon_id=f"b{offset}", protocol="web-vitals")))
    lab.checkpoint()
    row = window_of(lab, "page_view")
    assert (row.n, row.weight, row.navigation_type) == (1, 1000, "back-forward-cache")
    assert lab.visits()[0].views == 1
    assert lab.counts == {"applied": 1, "superseded": 1}


def test_a_client_without_metric_ids_has_its_growing_values_counted_once_a_view() -> None:
    lab = Lab()
    told = [("FCP", 300), ("TTFB", 80), ("LCP", 500), ("LCP", 700), ("FCP", 310), ("TTFB", 90), ("LCP", 600)]
    for offset, (name, value) in enumerate(told):
        event = vital(name, value, NOW + offset, url="https://x/a", route="/a")
        lab.feed(block(offset, beacon([event], beacon_id=f"b{offset}", protocol="metrics")))
    lab.checkpoint()
    counted = {r.metric: (r.n, r.sum // 10_000) for r in lab.windows()}
    assert counted == {"FCP": (2, 610), "TTFB": (2, 170), "LCP": (2, 1300), "page_view": (2, 0)}


@pytest.mark.parametrize("value", [-1.0, 60_000.1])
def test_an_unbelievable_value_of_another_writer_is_counted_and_not_rolled_up(value: float) -> None:
    lab = Lab()
    lab.feed(block(0, beacon([vital("LCP", value), Event(ts=NOW, kind="view", metric_id="v")])))
    lab.checkpoint()
    assert lab.counts == {"outlier": 1, "applied": 1}


def test_a_line_that_cannot_be_decoded_is_a_dead_letter_and_the_lane_goes_on() -> None:
    lab = Lab()
    good = block(0, beacon([vital("LCP", 1)]))
    bad_lines = [b"{", b"\xff\xfe", b'{"schema":9}', b'{"schema":1,"site":3}', b"[" * 100_000]
    lab.feed(type(good)(offset=0, appended_at=good.appended_at, lines=[*bad_lines, *good.lines]))
    lab.checkpoint()
    assert lab.dead_letters == ["line_undecodable"] * 5
    assert window_of(lab, "LCP").n == 1


def test_a_block_of_an_unknown_schema_is_one_dead_letter() -> None:
    lab = Lab()
    good = block(0, beacon([vital("LCP", 1)]))
    lab.feed(type(good)(offset=0, appended_at=good.appended_at, lines=good.lines, schema="2"))
    lab.checkpoint()
    assert lab.dead_letters == ["schema_unknown"]
    assert lab.memory.offset == 0
