"""What the SDK tells of a visit is what the page saw by the browser's own interfaces, to the rows in ClickHouse."""

import json
from typing import Any

import pytest

from tests.browser.conftest import Stack, visit
from tests.lab.servers import wait_until

pytestmark = [pytest.mark.browser]

ROUTED = "/product/:id/reviews"


@pytest.fixture(scope="module")
def seen(stack: Stack) -> dict[str, Any]:
    """What the page observed; its last beacon is in ClickHouse."""
    made: dict[str, Any] = visit("visit_everything.mjs", stack.collector)

    def rows(kind: str, columns: str = "*") -> list[dict[str, Any]]:
        where = f"session_id = '{made['session']}' AND kind = '{kind}'"
        return stack.rows(f"SELECT {columns} FROM rum.events FINAL WHERE {where} ORDER BY ts, seq")

    made["rows"] = rows
    # The page's last words: hidden, with the vitals that are final then.
    wait_until(lambda: bool(rows("visibility")) and "CLS" in {r["name"] for r in rows("vital")}, "the last beacon")
    return made


def test_both_page_views_are_there_under_their_routes(seen: dict[str, Any]) -> None:
    views = seen["rows"]("view", "navigation_type, route, url, release, environment, user_hash != '' AS known")
    origin = seen["origin"]
    shared = {"release": "2026-04", "environment": "test"}
    assert [{**v, "known": None} for v in views] == [
        {"navigation_type": "navigate", "route": "/page", "url": f"{origin}/page", **shared, "known": None},
        {
            "navigation_type": "soft-navigation",
            "route": ROUTED,
            "url": f"{origin}/product/42/reviews",
            **shared,
            "known": None,
        },
    ]
    assert views[1]["known"], "who the visitor is was told before it"


def test_the_load_and_the_vitals_are_the_browsers_own(seen: dict[str, Any]) -> None:
    [load] = [r for r in seen["rows"]("navigation") if r["name"] == "load"]
    assert load["value"] == seen["load"]["duration"]
    assert float(load["attrs"]["domInteractive"]) == seen["load"]["domInteractive"]
    vitals = {r["name"]: r["value"] for r in seen["rows"]("vital") if r["route"] == "/page"}
    assert vitals["TTFB"] == seen["load"]["responseStart"]
    assert vitals["FCP"] == seen["paints"]["first-contentful-paint"]
    assert set(vitals) >= {"LCP", "INP", "CLS", "FID", "TBT"}
    painted = seen["paints"]["first-contentful-paint"]
    blocked = [start + took - max(start, painted) - 50 for start, took in seen["longtasks"]]
    assert vitals["TBT"] == pytest.approx(sum(max(0, ms) for ms in blocked))


def test_resources_have_the_timing_that_the_browser_gave_them(seen: dict[str, Any]) -> None:
    stored = {(r["url"], r["value"], int(r["attrs"]["size"]), r["name"]) for r in seen["rows"]("resource")}
    assert stored == {tuple(r) for r in seen["resources"]}


def test_requests_have_their_status_and_their_trace(seen: dict[str, Any]) -> None:
    requests = [
        (r["name"], r["attrs"]["method"], r["status"], r["attrs"].get("failure")) for r in seen["rows"]("request")
    ]
    assert sorted(requests, key=str) == sorted(
        [
            ("/api/cart/:id", "GET", seen["statuses"][0], None),
            ("/nothing/here", "POST", seen["statuses"][1], None),
            ("/api/cart/:id", "GET", seen["statuses"][2], None),
            ("/gone", "GET", 0, "network"),
        ],
        key=str,
    )
    told = {r["attrs"].get("trace_id") for r in seen["rows"]("request") if "/api/" in r["name"]}
    assert told == {header.split("-")[1] for header in seen["traces"]}


def test_errors_are_told_without_what_must_not_be_stored(seen: dict[str, Any]) -> None:
    errors = [(r["name"], r["attrs"]["message"], "stack" in r["attrs"]) for r in seen["rows"]("error")]
    assert sorted(errors) == [("RangeError", "thrown for [email]", True), ("TypeError", "rejected on purpose", True)]


def test_interactions_name_their_target_and_never_what_was_typed(seen: dict[str, Any]) -> None:
    actions = {(r["name"], r["attrs"]["target"]) for r in seen["rows"]("action")}
    assert actions == {("click", "#shop>button[work]"), ("keydown", "#shop>input[card]")}
    slow = [r["value"] for r in seen["rows"]("action") if r["name"] == "click"]
    assert slow[0] >= 120


def test_long_frames_have_the_duration_that_the_browser_gave_them(seen: dict[str, Any]) -> None:
    assert {r["value"] for r in seen["rows"]("longtask")} >= set(seen["frames"])


def test_the_pages_own_event_memory_and_visibility_arrive(seen: dict[str, Any]) -> None:
    [own] = seen["rows"]("custom")
    assert (own["name"], own["value"], own["attrs"]["items"], own["route"]) == ("checkout", 12.5, "3", "/page")
    assert all(r["value"] > 1 for r in seen["rows"]("memory"))
    assert [r["name"] for r in seen["rows"]("visibility")] == ["hidden"]


def test_the_route_change_is_told_with_where_it_came_from(seen: dict[str, Any]) -> None:
    [change] = [r for r in seen["rows"]("navigation") if r["name"] == "route"]
    origin = seen["origin"]
    told = {name: change["attrs"][name] for name in ("from", "to")}
    assert told == {"from": f"{origin}/page", "to": f"{origin}/product/42/reviews"}
    assert change["route"] == ROUTED


def test_nothing_that_was_typed_or_in_a_query_is_stored(stack: Stack, seen: dict[str, Any]) -> None:
    rows = stack.rows(f"SELECT * FROM rum.events FINAL WHERE session_id = '{seen['session']}'")
    text = json.dumps(rows)
    for secret in ("4111111111111111", "example.com", "b.example", "token=", "sort=", "secret", "visitor 7"):
        assert secret not in text, secret
