"""The real Grafana Faro in real Chromium, from another origin: what it saw is in Kafka, once."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from processors.core.fingerprints import frames
from schemas.event import Beacon
from tests.browser.conftest import visit
from tests.lab.arrived import as_text, events_of, intake
from tests.lab.lane import Lab, block

pytestmark = pytest.mark.browser

GENERATION = 910
VITALS = {"TTFB", "FCP", "LCP", "INP", "CLS"}


@dataclass(frozen=True)
class Visit:
    """What the page saw, and what of it is in Kafka."""

    page: dict[str, Any]
    beacons: list[Beacon]

    def items(self, kind: str) -> list[dict[str, Any]]:
        return [item["payload"] for item in self.page["items"] if item["type"] == kind]

    def events(self, name: str) -> list[dict[str, Any]]:
        return [item for item in self.items("event") if item["name"] == name]


@pytest.fixture(scope="module")
def faro(clients: None, kafka: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visit]:
    with intake(kafka, GENERATION, tmp_path_factory.mktemp("faro") / "log") as taken:
        page = visit("visit_faro.mjs", taken.collector.url)
        told = taken.beacons_once(lambda all_: {e.name for e in events_of(all_, "vital")} == VITALS, "all five vitals")
        yield Visit(page, told)


def test_every_web_vital_arrives_with_the_id_value_and_rating_that_the_page_saw(faro: Visit) -> None:
    seen = {
        (
            item["context"]["id"],
            next(name for name in item["values"] if name.upper() in VITALS).upper(),
            next(value for name, value in item["values"].items() if name.upper() in VITALS),
            item["context"]["rating"],
            item["context"]["navigation_type"],
        )
        for item in faro.items("measurement")
        if item["type"] == "web-vitals"
    }
    stored = events_of(faro.beacons, "vital")
    assert {name for _, name, _, _, _ in seen} == VITALS
    assert {(e.metric_id, e.name, e.value, e.attrs["rating"], e.navigation_type) for e in stored} == seen
    assert len(stored) == len(seen)


def test_the_page_load_is_one_navigation_and_one_view(faro: Visit) -> None:
    (seen,) = faro.events("faro.performance.navigation")
    (load,), (view,) = events_of(faro.beacons, "navigation"), events_of(faro.beacons, "view")
    assert (load.value, load.metric_id) == (round(faro.page["load"]), seen["attributes"]["faroNavigationId"])
    assert (view.metric_id, view.view_id, view.route) == (f"view:{load.metric_id}", load.metric_id, "/basket/:id")
    assert load.attrs["transferSize"] == int(seen["attributes"]["transferSize"])


def test_every_resource_arrives_with_its_id_and_duration(faro: Visit) -> None:
    told = [item["attributes"] for item in faro.events("faro.performance.resource")]
    seen = {(a["faroResourceId"], a["initiatorType"], float(a["duration"]), int(a["responseStatus"])) for a in told}
    stored = events_of(faro.beacons, "resource")
    assert {(e.metric_id, e.name, e.value, e.status) for e in stored} == seen
    assert {"img", "script", "fetch"} <= {e.name for e in stored}
    assert {e.route for e in stored} == {"/basket/:id"}


def test_a_request_has_one_id_in_its_span_and_in_its_event(faro: Visit) -> None:
    spans = [
        span
        for item in faro.items("trace")
        for resource in item["resourceSpans"]
        for scope in resource["scopeSpans"]
        for span in scope["spans"]
    ]
    seen = {f"{span['traceId']}:{span['spanId']}" for span in spans if span["name"] in ("GET", "POST")}
    stored = events_of(faro.beacons, "request")
    assert len(seen) == 2
    assert {event.metric_id for event in stored} == seen
    assert len(stored) == 4  # each as a span and as an event: the processor counts it once
    assert {(e.name, e.status) for e in stored} == {("GET /api/items/:id", 200), ("GET /api/none/:id", 404)}
    lab = Lab()
    for offset, beacon in enumerate(faro.beacons):
        lab.feed(block(offset, beacon, appended_at=beacon.received_at))
    lab.checkpoint()
    requests = [row for row in lab.windows() if row.series.metric == "request"]
    assert sum(row.n for row in requests) == 2


def test_an_error_has_the_pages_message_and_a_stack_that_groups(faro: Visit) -> None:
    (seen,), (error,) = faro.items("exception"), events_of(faro.beacons, "error")
    (frame,) = seen["stacktrace"]["frames"]
    assert (error.name, error.attrs["message"]) == (seen["type"], seen["value"])
    assert (error.attrs["line"], error.attrs["column"]) == (frame["lineno"], frame["colno"])
    assert frames(str(error.attrs["stack"])) == ["fails /basket/42"]


def test_measurements_and_logs_are_custom(faro: Visit) -> None:
    custom = {e.name: e for e in events_of(faro.beacons, "custom")}
    assert (custom["cart.items"].value, custom["cart.weighed"].value) == (3, 1.5)
    assert custom["log"].attrs == {"level": "warn", "message": "a warning to [email]"}
    assert custom["session_start"].attrs == {"sdk": f"faro-web {faro.page['items'][0]['meta']['sdk']['version']}"}


def test_a_session_that_was_extended_is_another_one_and_names_the_one_before(faro: Visit) -> None:
    first, second = faro.page["first"], faro.page["second"]
    assert first != second
    assert {b.session_id for b in faro.beacons} == {first, second}
    assert {b.previous_session for b in faro.beacons if b.session_id == second} == {first}
    assert {b.previous_session for b in faro.beacons if b.session_id == first} == {""}
    by_session = {e.name: b.session_id for b in faro.beacons for e in b.events}
    assert (by_session["session_start"], by_session["session_extend"]) == (first, second)


def test_each_beacon_has_its_key_and_release_and_nothing_of_the_person(faro: Visit) -> None:
    posts = faro.page["posts"]
    assert {post["status"] for post in posts} == {202}
    assert {post["path"] for post in posts} == {"/collect/a-key"}
    assert {post["sent"]["idempotency-key"] for post in posts} <= {b.beacon_id for b in faro.beacons}
    assert all("x-faro-session-status" in post["told"]["access-control-expose-headers"] for post in posts)
    assert {(b.protocol, b.release, b.environment) for b in faro.beacons} == {("faro", "1.2.3", "staging")}
    assert len({b.user_hash for b in faro.beacons}) == 1
    assert all(b.user_hash and b.browser for b in faro.beacons)
    stored = as_text(faro.beacons)
    assert not [text for text in ("jane", "Jane", "u-1", "secret") if text in stored]
