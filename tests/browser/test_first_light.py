"""From a real browser to ClickHouse rows and Prometheus gauges: what the page measured is what everybody sees."""

from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from schemas.metric_catalogue import GOOD_RATIO, JS_ERRORS, LAYOUT_SHIFT_SCORE, PAGE_VIEWS, TIMING_SECONDS
from schemas.sketch import ALPHA
from tests.browser.conftest import Stack, visit
from tests.lab.servers import wait_until

pytestmark = [pytest.mark.browser]

ROUTES = {"/demo/": "/demo", "/demo/product/123/": "/demo/product/:id"}
VITALS = {"TTFB", "FCP", "LCP", "INP", "CLS"}
MEASURED = VITALS | {"FID", "TBT"}

Metric = tuple[str, str, float, str]


def last_reports(log: list[dict[str, Any]]) -> set[Metric]:
    """(id, name, value, navigation type) of each metric as the page saw it last."""
    return set({m["id"]: (m["id"], m["name"], float(m["value"]), m["navigationType"]) for m in log}.values())


def stored(stack: Stack, where: str) -> set[Metric]:
    """The same of rum.events."""
    rows = stack.rows(
        "SELECT metric_id, any(name) AS name, argMax(value, (ts, seq, value)) AS last, any(navigation_type) AS type"
        f" FROM rum.events FINAL WHERE kind = 'vital' AND {where} GROUP BY metric_id"
    )
    return {(r["metric_id"], r["name"], float(r["last"]), r["type"]) for r in rows}


@pytest.fixture(scope="module")
def demo(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A visit to both pages of the demo, with a slow click, an error, a request and a layout shift."""
    screenshot = tmp_path_factory.mktemp("screens") / "demo.png"
    made: dict[str, Any] = visit("visit_demo.mjs", stack.collector, stack.api.rsplit(":", 1)[1], str(screenshot))
    assert screenshot.stat().st_size > 10_000
    return made


def of_session(demo: dict[str, Any]) -> str:
    return f"session_id = '{demo['session']['id']}'"


def test_the_page_measures_all_vitals_on_both_pages(demo: dict[str, Any]) -> None:
    seen = {(m["page"], m["name"]) for m in demo["log"]}
    assert seen == {(page, name) for page in ROUTES for name in MEASURED}
    assert demo["errors"] == ["The demo page threw this on purpose"]


def test_clickhouse_holds_the_metrics_that_the_page_logged(stack: Stack, demo: dict[str, Any]) -> None:
    logged = last_reports(demo["log"])
    wait_until(lambda: len(stored(stack, of_session(demo))) >= len(logged), "the page's metrics in rum.events")
    assert stored(stack, of_session(demo)) == logged


def test_the_vitals_view_has_each_page_view_once(stack: Stack, demo: dict[str, Any]) -> None:
    by_id = {m["id"]: m for m in demo["log"]}.values()
    wanted = {(ROUTES[m["page"]], m["name"]): float(m["value"]) for m in by_id}

    def rows() -> dict[tuple[str, str], dict[str, Any]]:
        found = stack.rows(
            "SELECT route, metric, sum(n) AS n, rum_quantile(sumMap(buckets), sum(zeros), 0.75) AS p75"
            " FROM rum.vitals WHERE route LIKE '/demo%' GROUP BY route, metric"
        )
        return {(r["route"], r["metric"]): r for r in found}

    wait_until(lambda: set(rows()) >= set(wanted), "the page's metrics in rum.vitals")
    for key, row in rows().items():
        assert row["n"] == 1, key
        assert row["p75"] == pytest.approx(wanted[key], rel=ALPHA), key


def test_the_error_arrives_with_its_message_and_the_session_with_its_pages(stack: Stack, demo: dict[str, Any]) -> None:
    errors = (
        "SELECT name, attrs['message'] AS message, route FROM rum.events FINAL"
        f" WHERE kind = 'error' AND {of_session(demo)}"
    )
    wait_until(lambda: bool(stack.rows(errors)), "the error in rum.events")
    assert stack.rows(errors) == [
        {"name": "TypeError", "message": "The demo page threw this on purpose", "route": "/demo"}
    ]
    sessions = f"SELECT views, errors, entry_route, exit_route FROM rum.sessions FINAL WHERE {of_session(demo)}"
    whole = [{"views": 2, "errors": 1, "entry_route": "/demo", "exit_route": "/demo/product/:id"}]
    wait_until(lambda: stack.rows(sessions) == whole, "the session with both views")


def test_the_gauges_of_both_routes_are_there(stack: Stack, demo: dict[str, Any]) -> None:
    def samples() -> dict[tuple[str, str, str], float]:
        return {
            (s.name, s.labels["route"], s.labels.get("metric", "")): s.value
            for family in text_string_to_metric_families(stack.gauges())
            for s in family.samples
            if s.labels.get("window") == "5m" and "route" in s.labels and s.labels.get("quantile", "0.75") == "0.75"
        }

    wanted = {(TIMING_SECONDS.name, route, name) for route in ROUTES.values() for name in VITALS - {"CLS"}}
    wanted |= {(LAYOUT_SHIFT_SCORE.name, route, "") for route in ROUTES.values()}
    wanted |= {(PAGE_VIEWS.name, route, "") for route in ROUTES.values()}
    wanted |= {(GOOD_RATIO.name, route, name) for route in ROUTES.values() for name in VITALS}
    wanted |= {(JS_ERRORS.name, "/demo", "")}
    wait_until(lambda: wanted <= set(samples()), "the gauges of both routes")
    shown = samples()
    for metric in {m["id"]: m for m in demo["log"]}.values():
        route, name, value = ROUTES[metric["page"]], metric["name"], float(metric["value"])
        if name == "CLS":
            assert shown[LAYOUT_SHIFT_SCORE.name, route, ""] == pytest.approx(value, rel=ALPHA)
        else:
            assert shown[TIMING_SECONDS.name, route, name] == pytest.approx(value / 1000, rel=ALPHA)
    assert shown[PAGE_VIEWS.name, "/demo", ""] == 1
    assert shown[JS_ERRORS.name, "/demo", ""] == 1


def test_the_api_page_shows_the_numbers(stack: Stack, demo: dict[str, Any], tmp_path: Path) -> None:
    page = visit("visit_api.mjs", f"{stack.api}/", ROUTES["/demo/product/123/"], str(tmp_path / "api.png"))
    assert all(name in page["text"] for name in VITALS)
    assert page["errors"] == []
    assert demo["apiLink"] == f"{stack.api}/"


def test_web_vitals_alone_arrive_from_another_origin(stack: Stack) -> None:
    logged = last_reports(visit("visit_vitals.mjs", stack.collector)["log"])
    assert {name for _, name, _, _ in logged} == VITALS
    ours = "protocol = 'web-vitals' AND route = '/basket/:id'"
    wait_until(lambda: len(stored(stack, ours)) >= len(logged), "the metrics in rum.events")
    assert stored(stack, ours) == logged
