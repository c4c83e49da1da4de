"""A question is checked before ClickHouse hears of it, and no value is ever part of the statement."""

import math
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.problems import Fault, ProblemError
from api.times import iso, parse_ms
from api.vitals_query import DIMENSIONS, HOUR_MS, MAX_ROWS, METRICS, VitalsQuery, vitals_query, vitals_sql
from api.vitals_rows import answer, rating_at_p75
from schemas.measures import VITALS, rate

NOW = 1_700_000_000_000


def test_the_default_is_the_last_hour_of_everything() -> None:
    query = vitals_query("shop", NOW)
    assert query == VitalsQuery("shop", NOW - HOUR_MS, NOW)
    assert query.dimensions == ("metric",)


@pytest.mark.parametrize(
    "text",
    ["1700000000000", "2023-11-14T22:13:20Z", "2023-11-14T22:13:20", "2023-11-14T23:13:20+01:00",
     "2023-11-14T23:13:20 01:00", "2023-11-14 22:13:20", " 1700000000000 "],
)  # fmt: skip
def test_times_are_iso_or_ms(text: str) -> None:
    assert parse_ms(text, "from") == NOW


@pytest.mark.parametrize("text", ["yesterday", "-1", "4102444800001", "2023-13-01", "9" * 5000, "NaN", "٣x", "1e3", ""])
def test_other_times_are_refused_with_their_place(text: str) -> None:
    with pytest.raises(ProblemError) as refused:
        parse_ms(text, "from")
    assert (refused.value.fault, refused.value.where) == (Fault.INVALID, "from")


@settings(deadline=None)
@given(st.text())
def test_any_text_is_a_time_or_a_problem(text: str) -> None:
    with suppress(ProblemError):
        assert 0 <= parse_ms(text, "to") <= 4_102_444_800_000


@settings(deadline=None)
@given(st.integers(0, 4_102_444_800))
def test_what_is_answered_can_be_asked(seconds: int) -> None:
    assert parse_ms(iso(seconds), "from") == seconds * 1000


@pytest.mark.parametrize(
    ("arguments", "where"),
    [
        ({"site": ""}, "site"),
        ({"site": "x" * 257}, "site"),
        ({"metric": "lcp"}, "metric"),
        ({"by": "route,session_id"}, "by"),
        ({"by": "route; DROP TABLE x"}, "by"),
        ({"source": "moon"}, "source"),
        ({"limit": 0}, "limit"),
        ({"limit": MAX_ROWS + 1}, "limit"),
        ({"since": str(NOW)}, "from"),
        ({"since": str(NOW + 1)}, "from"),
    ],
)
def test_what_is_wrong_is_named(arguments: dict[str, object], where: str) -> None:
    with pytest.raises(ProblemError) as refused:
        vitals_query(**{"site": "shop", "now_ms": NOW, **arguments})  # type: ignore[arg-type]
    assert refused.value.where == where


@pytest.mark.parametrize(
    ("hours", "table"),
    [(48, "rollups_1m"), (48 + 1 / 60, "rollups_1h"), (24 * 60, "rollups_1h"), (24 * 60 + 1 / 60, "rollups_1d")],
)
def test_longer_spans_are_read_from_coarser_tables(hours: float, table: str) -> None:
    assert VitalsQuery("shop", NOW - int(hours * HOUR_MS), NOW).table == table


@settings(deadline=None)
@given(st.text(min_size=1, max_size=50), st.lists(st.sampled_from(DIMENSIONS)), st.sampled_from(["", *METRICS]))
def test_values_are_parameters_and_dimensions_are_asked_once(site: str, by: list[str], metric: str) -> None:
    query = vitals_query("<" + site + ">", NOW, metric, by=",".join(by))
    sql, parameters = vitals_sql(query, "rum")
    assert parameters["site"] == "<" + site + ">"
    assert "<" + site + ">" not in sql
    assert len(set(query.dimensions)) == len(query.dimensions)
    assert set(query.dimensions) == {"metric", *by}


def test_the_window_that_the_start_falls_into_counts() -> None:
    _, parameters = vitals_sql(VitalsQuery("shop", 119_999, 180_001), "rum")
    assert (parameters["start"], parameters["stop"]) == (60, 181)


FOUND = {
    "metric": "LCP", "p50": 1.0, "p75": 2500.0, "p95": 3.0, "p99": 4.0, "n": 4, "weight": 8000,
    "good": 2000, "needs_improvement": 1000, "poor": 1000, "updated_at": 7,
}  # fmt: skip


def test_shares_are_of_what_was_rated() -> None:
    (row,) = answer(VitalsQuery("shop", 0, 1000), [FOUND])["rows"]
    assert (row["good"], row["needs_improvement"], row["poor"]) == (0.5, 0.25, 0.25)
    assert (row["weight"], row["n"], row["unit"], row["rating"]) == (8.0, 4, "ms", "needs-improvement")


@settings(deadline=None)
@given(st.lists(st.sampled_from([2400.0, 2500.0, 2500.1, 4000.0, 4000.1]), min_size=1, max_size=40))
def test_the_rating_is_that_of_the_exact_75th_percentile(values: list[float]) -> None:
    ratings = [rate(VITALS["LCP"], v) for v in values]
    exact = sorted(values)[math.ceil(0.75 * len(values)) - 1]
    assert rating_at_p75(*(ratings.count(r) for r in ("good", "needs-improvement", "poor"))) == rate(
        VITALS["LCP"], exact
    )


def test_what_has_no_values_has_no_percentiles_and_no_shares() -> None:
    nothing = dict.fromkeys(("p50", "p75", "p95", "p99"), math.nan)
    unrated = dict.fromkeys(("good", "needs_improvement", "poor"), 0)
    (row,) = answer(VitalsQuery("shop", 0, 1000), [{**FOUND, "metric": "page_view", **nothing, **unrated}])["rows"]
    assert [row[k] for k in ("p50", "p75", "p95", "p99", "good", "poor", "rating")] == [None] * 7


def test_a_cut_answer_says_so() -> None:
    query = VitalsQuery("shop", 0, 1000, limit=2)
    assert not answer(query, [FOUND] * 2)["truncated"]
    cut = answer(query, [FOUND] * 3)
    assert cut["truncated"]
    assert len(cut["rows"]) == 2


def test_no_rows_have_no_update() -> None:
    assert answer(VitalsQuery("shop", 0, 1000), [])["updated_at"] is None
