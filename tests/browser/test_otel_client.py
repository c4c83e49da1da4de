"""OpenTelemetry's real browser packages in real Chromium, in both encodings: what they saw is in Kafka, once."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from schemas.event import Beacon
from tests.browser.conftest import visit
from tests.lab.arrived import as_text, events_of, intake

pytestmark = pytest.mark.browser

GENERATIONS = {"json": 920, "protobuf": 921}
TYPES = {"json": "application/json", "protobuf": "application/x-protobuf"}
VITALS = {"TTFB", "FCP", "LCP", "INP", "CLS"}


@dataclass(frozen=True)
class Visit:
    """What went to the page's exporters, and what of it is in Kafka."""

    encoding: str
    page: dict[str, Any]
    beacons: list[Beacon]

    def seen(self, signal: str, *names: str) -> list[dict[str, Any]]:
        return [one for one in self.page["items"] if one["signal"] == signal and one["name"] in names]


@pytest.fixture(scope="module", params=sorted(GENERATIONS))
def otel(
    request: pytest.FixtureRequest, clients: None, kafka: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Visit]:
    encoding: str = request.param
    with intake(kafka, GENERATIONS[encoding], tmp_path_factory.mktemp("otel") / "log") as taken:
        page = visit("visit_otel.mjs", taken.collector.url, encoding)
        expected = len(page["items"]) + len([i for i in page["items"] if i["name"] == "documentLoad"])
        told = taken.beacons_once(lambda all_: sum(len(b.events) for b in all_) >= expected, "all that was exported")
        yield Visit(encoding, page, told)


def test_everything_exported_arrives_once(otel: Visit) -> None:
    loads = otel.seen("span", "documentLoad")
    assert len(loads) == 1
    assert sum(len(b.events) for b in otel.beacons) == len(otel.page["items"]) + len(loads)
    assert len({b.beacon_id for b in otel.beacons}) == len(otel.beacons)


def test_every_web_vital_arrives_with_the_id_value_and_rating_that_the_page_saw(otel: Visit) -> None:
    prefix = "browser.web_vital."
    seen = {
        (
            one["attributes"][f"{prefix}id"],
            one["attributes"][f"{prefix}name"].upper(),
            one["attributes"][f"{prefix}value"],
            one["attributes"][f"{prefix}rating"],
            one["attributes"][f"{prefix}navigation_type"],
        )
        for one in otel.seen("log", "browser.web_vital")
    }
    stored = [e for e in events_of(otel.beacons, "vital") if e.metric_id != "v6-own"]
    assert {name for _, name, _, _, _ in seen} == VITALS
    assert {(e.metric_id, e.name, e.value, e.attrs["rating"], e.navigation_type) for e in stored} == seen
    assert {e.route for e in stored} <= {"/basket/:id", "/checkout/:id"}


def test_every_span_arrives_under_its_id_with_its_duration(otel: Visit) -> None:
    kinds = {
        "documentLoad": "navigation",
        "documentFetch": "resource",
        "resourceFetch": "resource",
        "longtask": "longtask",
        "click": "action",
        "GET": "request",
        "POST": "request",
    }
    seen = {(one["id"], kinds[one["name"]]): one["ms"] for one in otel.page["items"] if one["signal"] == "span"}
    stored = {(e.metric_id, e.kind): e.value for b in otel.beacons for e in b.events if ":" in e.metric_id}
    stored = {key: value for key, value in stored.items() if key[1] != "view"}
    assert set(kinds) == {one["name"] for one in otel.page["items"] if one["signal"] == "span"}
    assert stored == pytest.approx(seen, abs=1e-3)


def test_requests_are_named_by_method_and_route_on_their_page(otel: Visit) -> None:
    stored = {(e.name, e.status, e.route, e.url) for e in events_of(otel.beacons, "request")}
    origin = otel.page["origin"]
    assert stored == {
        ("GET /api/items/:id", 200, "/basket/:id", f"{origin}/api/items/7"),
        ("POST /api/none/:id", 404, "/basket/:id", f"{origin}/api/none/8"),
    }


def test_the_page_load_is_told_by_its_span_and_by_its_timings(otel: Visit) -> None:
    (timings,) = otel.seen("log", "browser.navigation_timing")
    duration = timings["attributes"]["browser.resource_timing.duration"]
    assert duration == otel.page["load"]
    stored = events_of(otel.beacons, "navigation")
    assert sorted(e.metric_id == "" for e in stored) == [False, True]
    assert duration in {e.value for e in stored}
    assert {e.route for e in stored} == {"/basket/:id"}


def test_a_soft_navigation_is_a_view_of_its_own_route(otel: Visit) -> None:
    views = events_of(otel.beacons, "view")
    assert [e.route for e in views if e.navigation_type == "soft-navigation"] == ["/checkout/:id"]
    assert [e.route for e in views if e.navigation_type != "soft-navigation"] == ["/basket/:id"] * 2


def test_an_error_has_the_pages_message_and_stack(otel: Visit) -> None:
    (seen,), (error,) = otel.seen("log", "exception"), events_of(otel.beacons, "error")
    assert (error.name, error.attrs["message"]) == ("TypeError", seen["attributes"]["exception.message"])
    assert error.attrs["stack"] == seen["attributes"]["exception.stacktrace"]
    assert error.route == "/basket/:id"


def test_metrics_arrive_with_their_numbers(otel: Visit) -> None:
    (lcp,) = [e for e in events_of(otel.beacons, "vital") if e.metric_id == "v6-own"]
    assert (lcp.name, lcp.value, lcp.unit) == ("LCP", 1500, "ms")
    custom = {e.name: e for e in events_of(otel.beacons, "custom")}
    assert (custom["cart.items"].value, custom["cart.items"].attrs) == (3, {"step": "pay"})
    assert (custom["cart.bytes"].value, custom["cart.bytes"].attrs) == (None, {"value": 70_000, "unit": "By"})


def test_all_is_of_one_session_and_nothing_of_the_person_is_left(otel: Visit) -> None:
    assert {(b.protocol, b.session_id) for b in otel.beacons} == {("otlp", otel.page["session"])}
    assert {b.release for b in otel.beacons} == {"1.2.3"}
    assert {b.source for b in otel.beacons} == {"browser"}
    stored = as_text(otel.beacons)
    assert not [text for text in ("jane", "u-1", "secret") if text in stored]


def test_each_request_is_answered_in_its_own_encoding(otel: Visit) -> None:
    posts = otel.page["posts"]
    assert {post["path"] for post in posts} == {"/v1/traces", "/v1/logs", "/v1/metrics"}
    assert {post["status"] for post in posts} == {200}
    wanted = TYPES[otel.encoding]
    assert {(post["sent"]["content-type"], post["told"]["content-type"]) for post in posts} == {(wanted, wanted)}
