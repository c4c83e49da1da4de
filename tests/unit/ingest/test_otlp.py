"""What OTLP's spans, log records and data points become, told in JSON or in protobuf."""

from typing import Any

import msgspec
import pytest
from google.protobuf.json_format import ParseDict
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest, ExportLogsServiceResponse
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
    ExportMetricsServiceResponse,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

from ingest.draft import Decoded, Request
from ingest.formats import ROUTES
from ingest.refusal import Refusal
from ingest.sites import Site
from schemas.drop_reasons import DropReason
from schemas.event import Beacon, Event
from schemas.limits import EVENTS_PER_BEACON, TIMING_CAP_MS

NOW = 1_750_000_000_000
REQUEST = Request(Site("shop", "production"), NOW, "192.0.2.1", "agent", content_type="application/json")
PROTOBUF = Request(Site("shop", "production"), NOW, "192.0.2.1", "agent", content_type="application/x-protobuf")
PAGE = "https://shop.example/basket/42?x=1"
TRACE, SPAN = "75cb14ef5b5996fa6aab3534e19195f7", "82cc98ea4aeeecbd"
MESSAGES: dict[str, Any] = {
    "/v1/traces": ExportTraceServiceRequest,
    "/v1/logs": ExportLogsServiceRequest,
    "/v1/metrics": ExportMetricsServiceRequest,
}


def at(ms: float) -> str:
    """Nanoseconds of so many ms after NOW."""
    return str(NOW * 1_000_000 + round(ms * 1_000_000))


def attributes(told: dict[str, Any]) -> list[dict[str, Any]]:
    def value(of: Any) -> dict[str, Any]:
        kinds = {bool: "boolValue", int: "intValue", float: "doubleValue", str: "stringValue"}
        return {kinds[type(of)]: of}

    return [{"key": key, "value": value(of)} for key, of in told.items()]


def span(name: str, told: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    ids = {"traceId": TRACE, "spanId": SPAN}
    times = {"startTimeUnixNano": at(-500), "endTimeUnixNano": at(-460.5)}
    return {**ids, "name": name, **times, "attributes": attributes(told or {}), **more}


def moment(name: str, ms: float, told: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"name": name, "timeUnixNano": at(ms), "attributes": attributes(told or {})}


def traces(*spans: Any, resource: dict[str, Any] | None = None) -> dict[str, Any]:
    scope = {"scope": {"name": "any"}, "spans": list(spans)}
    return {"resourceSpans": [{"resource": {"attributes": attributes(resource or {})}, "scopeSpans": [scope]}]}


def logs(*records: Any, resource: dict[str, Any] | None = None) -> dict[str, Any]:
    scope = {"scope": {"name": "any"}, "logRecords": list(records)}
    return {"resourceLogs": [{"resource": {"attributes": attributes(resource or {})}, "scopeLogs": [scope]}]}


def record(name: str, told: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    return {"eventName": name, "timeUnixNano": at(-5), "attributes": attributes(told or {}), **more}


def metrics(*every: Any, resource: dict[str, Any] | None = None) -> dict[str, Any]:
    scope = {"scope": {"name": "any"}, "metrics": list(every)}
    return {"resourceMetrics": [{"resource": {"attributes": attributes(resource or {})}, "scopeMetrics": [scope]}]}


def in_protobuf(path: str, body: dict[str, Any]) -> bytes:
    """The same request in protobuf, by protobuf's own rules of JSON, which has ids in base64."""
    message = ParseDict(body, MESSAGES[path](), ignore_unknown_fields=False)
    if isinstance(message, ExportTraceServiceRequest):
        for resource in message.resource_spans:
            for one in (one for scope in resource.scope_spans for one in scope.spans):
                one.trace_id, one.span_id = bytes.fromhex(TRACE), bytes.fromhex(SPAN)
    return bytes(message.SerializeToString())


def decode(path: str, body: dict[str, Any]) -> Decoded:
    return ROUTES[path].decode(msgspec.json.encode(body), REQUEST)


def beacons(path: str, body: dict[str, Any]) -> list[Beacon]:
    """The beacons of a body, which both encodings must tell alike."""
    told = [made.beacon for made in decode(path, body).drafts]
    again = [made.beacon for made in ROUTES[path].decode(in_protobuf(path, body), PROTOBUF).drafts]
    for one, other in zip(told, again, strict=True):
        assert one.beacon_id != other.beacon_id  # of other bytes
        assert msgspec.structs.replace(one, beacon_id="") == msgspec.structs.replace(other, beacon_id="")
    return told


def events(path: str, body: dict[str, Any]) -> list[Event]:
    (beacon,) = beacons(path, body)
    return beacon.events


def only(path: str, body: dict[str, Any]) -> Event:
    (event,) = events(path, body)
    return event


def refused(path: str, body: dict[str, Any]) -> list[tuple[DropReason, str]]:
    try:
        found = decode(path, body).refused
    except Refusal as refusal:
        found = refusal.events
    return [(event.reason, event.place) for event in found]


class TestSpans:
    path = "/v1/traces"

    def test_a_page_load_is_a_navigation_and_a_view(self) -> None:
        moments = [moment("fetchStart", -500), moment("domInteractive", -480.25), moment("unloadEventStart", -501)]
        load, view = events(self.path, traces(span("documentLoad", {"url.full": PAGE}, events=moments)))
        assert load == Event(
            ts=NOW - 500,
            kind="navigation",
            name="navigation",
            value=39.5,
            unit="ms",
            metric_id=f"{TRACE}:{SPAN}",
            route="/basket/:id",
            url=PAGE,
            attrs={"fetchStart": 0, "domInteractive": 19.75},
        )
        assert (view.kind, view.ts, view.metric_id) == ("view", NOW - 500, f"view:{TRACE}:{SPAN}")
        assert (view.route, view.url) == ("/basket/:id", PAGE)

    @pytest.mark.parametrize(("name", "kept"), [("documentFetch", "navigation"), ("resourceFetch", "other")])
    def test_what_was_fetched_is_a_resource_of_the_page_that_came_along(self, name: str, kept: str) -> None:
        asset = {"url.full": "https://cdn.example/a.js", "http.response_content_length": 42}
        body = traces(span(name, asset), span("documentLoad", {"url.full": PAGE}))
        resource = events(self.path, body)[0]
        assert (resource.kind, resource.name, resource.value) == ("resource", kept, 39.5)
        assert (resource.url, resource.route) == ("https://cdn.example/a.js", "/basket/:id")
        assert resource.attrs == {"http.response_content_length": 42}

    @pytest.mark.parametrize(
        "told",
        [
            {"http.request.method": "GET", "url.full": "/api/items/7", "http.response.status_code": 404},
            {"http.method": "get", "http.url": "/api/items/7", "http.status_code": 404},
            {"http.method": "GET", "http.target": "/api/items/7", "http.status_code": "404"},
        ],
    )
    def test_a_request_is_named_by_method_and_route_in_old_and_new_conventions(self, told: dict[str, Any]) -> None:
        event = only(self.path, traces(span("HTTP GET", told)))
        assert (event.kind, event.name, event.value, event.unit) == ("request", "GET /api/items/:id", 39.5, "ms")
        assert (event.url, event.status, event.attrs) == ("/api/items/7", 404, {})
        assert event.metric_id == f"{TRACE}:{SPAN}"

    def test_a_servers_own_route_wins(self) -> None:
        told = {"http.request.method": "GET", "url.path": "/items/7", "http.route": "/items/{item}"}
        (beacon,) = beacons(self.path, traces(span("GET", told), resource={"telemetry.sdk.language": "python"}))
        assert (beacon.source, beacon.events[0].name) == ("server", "GET /items/{item}")

    def test_an_interaction_is_an_action_on_its_page(self) -> None:
        told = {"event_type": "click", "target_element": "BUTTON", "url.full": PAGE}
        event = only(self.path, traces(span("Navigation: /x", told)))
        assert (event.kind, event.name, event.value, event.route) == ("action", "click", 39.5, "/basket/:id")
        assert event.attrs == {"target_element": "BUTTON"}

    def test_a_long_task_has_the_duration_that_it_tells(self) -> None:
        told = {"longtask.name": "self", "longtask.duration": 62, "longtask.attribution.name": "unknown"}
        event = only(self.path, traces(span("longtask", told)))
        assert (event.kind, event.name, event.value) == ("longtask", "self", 62)
        assert event.attrs == {"longtask.attribution.name": "unknown"}

    @pytest.mark.parametrize(
        ("name", "told"),
        [
            ("LCP", {"lcp.value": 1.5, "lcp.id": "v5-1", "lcp.rating": "good", "lcp.navigation_type": "reload"}),
            ("web-vitals", {"name": "lcp", "value": 1.5, "id": "v5-1", "rating": "good", "navigation_type": "reload"}),
        ],
    )
    def test_a_vital_may_be_a_span(self, name: str, told: dict[str, Any]) -> None:
        event = only(self.path, traces(span(name, told)))
        assert (event.kind, event.name, event.value, event.metric_id) == ("vital", "LCP", 1.5, "v5-1")
        assert (event.navigation_type, event.attrs) == ("reload", {"rating": "good"})

    def test_an_exception_in_a_span_is_an_error_beside_it(self) -> None:
        told = {"exception.type": "TypeError", "exception.message": "x is null", "exception.stacktrace": "at a (/a.js)"}
        failed = span("checkout", {"step": 3}, events=[moment("exception", -470, told)])
        custom, error = events(self.path, traces(failed))
        assert (custom.kind, custom.name, custom.value, custom.attrs) == ("custom", "checkout", 39.5, {"step": 3})
        assert (error.kind, error.name, error.ts) == ("error", "TypeError", NOW - 470)
        assert error.attrs == {"message": "x is null", "stack": "at a (/a.js)"}
        assert error.metric_id == f"{TRACE}:{SPAN}:0"

    def test_the_page_that_a_span_names_is_its_page(self) -> None:
        event = only(self.path, traces(span("checkout", {"page.url": PAGE})))
        assert (event.url, event.route, event.attrs) == (PAGE, "/basket/:id", {})
        assert only(self.path, traces(span("x", {"page.url": PAGE, "page.route": "basket"}))).route == "basket"

    def test_spans_of_several_pages_are_on_none_but_their_own(self) -> None:
        other = "https://shop.example/"
        body = traces(span("x"), span("documentLoad", {"url.full": PAGE}), span("documentLoad", {"url.full": other}))
        assert [e.route for e in events(self.path, body)] == ["", "/basket/:id", "/basket/:id", "/", "/"]

    @pytest.mark.parametrize(
        ("more", "reason"),
        [
            ({"startTimeUnixNano": "soon"}, DropReason.EVENT_MALFORMED),
            ({"startTimeUnixNano": -1}, DropReason.EVENT_MALFORMED),
            ({"endTimeUnixNano": 2**63}, DropReason.EVENT_MALFORMED),
            ({"endTimeUnixNano": at(-500.001)}, DropReason.NEGATIVE),
            ({"endTimeUnixNano": at(TIMING_CAP_MS - 499.999)}, DropReason.OUTLIER),
            ({"attributes": [{"key": 1}]}, DropReason.EVENT_MALFORMED),
            ({"spanId": None}, DropReason.EVENT_MALFORMED),
        ],
    )
    def test_a_bad_span_is_refused_alone(self, more: dict[str, Any], reason: DropReason) -> None:
        good, bad = span("good"), span("bad", **more)
        place = "resourceSpans[0].scopeSpans[0].spans[1]"
        assert refused(self.path, traces(good, bad)) == [(reason, place)]
        assert [made.beacon.events[0].name for made in decode(self.path, traces(bad, good)).drafts] == ["good"]

    def test_at_the_cap_a_span_is_still_believed(self) -> None:
        assert only(self.path, traces(span("x", endTimeUnixNano=at(TIMING_CAP_MS - 500)))).value == TIMING_CAP_MS

    @pytest.mark.parametrize("start", [at(-500), int(at(-500)), float(at(-500))])
    def test_times_are_texts_or_numbers(self, start: Any) -> None:
        (made,) = decode(self.path, traces(span("x", startTimeUnixNano=start))).drafts
        assert made.beacon.events[0].ts == NOW - 500

    @pytest.mark.parametrize("told", [200, "200", 200.0])
    def test_an_integer_is_a_number_or_a_text(self, told: Any) -> None:
        status = {"key": "n", "value": {"intValue": told}}
        (made,) = decode(self.path, traces(span("x", attributes=[status]))).drafts
        assert made.beacon.events[0].attrs == {"n": 200}

    @pytest.mark.parametrize(
        "value",
        [
            {"arrayValue": {"values": [{"intValue": 1}]}},
            {"kvlistValue": {"values": []}},
            {"bytesValue": "AA=="},
            {"doubleValue": "NaN"},
            {"doubleValue": "Infinity"},
            {"intValue": str(2**63)},
            {"intValue": "9" * 5_000},
            {},
        ],
    )
    def test_a_value_that_is_not_plain_is_left_out(self, value: dict[str, Any]) -> None:
        (made,) = decode(self.path, traces(span("x", attributes=[{"key": "a", "value": value}]))).drafts
        assert made.beacon.events[0].attrs == {}

    def test_a_body_holds_so_many_events_and_no_more(self) -> None:
        body = traces(*[span("x")] * (EVENTS_PER_BEACON + 1))
        assert len(events(self.path, traces(*[span("x")] * EVENTS_PER_BEACON))) == EVENTS_PER_BEACON
        place = f"resourceSpans[0].scopeSpans[0].spans[{EVENTS_PER_BEACON}]"
        assert refused(self.path, body) == [(DropReason.TOO_MANY_EVENTS, place)]


class TestWhose:
    path = "/v1/traces"
    resource: dict[str, Any] = {  # noqa: RUF012 - never changed
        "service.name": "shop",
        "service.version": "1.2.3",
        "deployment.environment.name": "staging",
        "telemetry.sdk.language": "webjs",
        "user_agent.original": "Mozilla/5.0 of the page",
        "user.id": "u-1",
        "user.email": "jane@shop.example",
        "host.name": "not kept",
    }

    def test_a_resource_is_the_beacons_and_no_events(self) -> None:
        told = {"session.id": "s-2", "session.previous_id": "s-1", "user.name": "Jane", "client.address": "192.0.2.9"}
        (made,) = decode(self.path, traces(span("x", told), resource=self.resource)).drafts
        beacon = made.beacon
        assert (beacon.protocol, beacon.site, beacon.source) == ("otlp", "shop", "browser")
        assert (beacon.environment, beacon.release) == ("staging", "1.2.3")
        assert (beacon.session_id, beacon.previous_session) == ("s-2", "s-1")
        assert (made.user_id, made.user_agent, beacon.events[0].attrs) == ("u-1", "Mozilla/5.0 of the page", {})

    def test_a_resource_that_tells_nothing_is_a_visitor_of_the_site(self) -> None:
        (made,) = decode(self.path, traces(span("x"))).drafts
        beacon = made.beacon
        assert (beacon.session_id, beacon.environment, beacon.source) == ("", "production", "browser")
        assert made.user_agent == "agent"

    def test_each_session_of_a_body_has_its_beacon(self) -> None:
        spans = [span(f"x{n}", {"session.id": session}) for n, session in enumerate(("a", "b", "a"))]
        told = beacons(self.path, traces(*spans))
        assert [(b.session_id, [e.name for e in b.events]) for b in told] == [("a", ["x0", "x2"]), ("b", ["x1"])]

    def test_the_same_bytes_are_the_same_beacons_and_others_are_not(self) -> None:
        spans = [span("x", {"session.id": session}) for session in ("a", "b")]
        first, again = ([m.beacon.beacon_id for m in decode(self.path, traces(*spans)).drafts] for _ in range(2))
        assert first == again
        assert len(set(first)) == 2
        other = [m.beacon.beacon_id for m in decode(self.path, traces(*spans[:1])).drafts]
        assert not set(other) & set(first)
        assert all(told.startswith("o:") for told in first)


class TestLogs:
    path = "/v1/logs"

    def test_a_web_vital_keeps_its_id_and_rating(self) -> None:
        vital = "browser.web_vital."
        told = {"name": "lcp", "value": 2500.1, "delta": 2.5, "rating": "good", "id": "v5-1"}
        named = {f"{vital}{key}": value for key, value in told.items()}
        more = {f"{vital}navigation_type": "prerender", "url.full": PAGE, "session.id": "s-1"}
        (beacon,) = beacons(self.path, logs(record("browser.web_vital", {**named, **more})))
        assert beacon.session_id == "s-1"
        assert beacon.events == [
            Event(
                ts=NOW - 5,
                kind="vital",
                name="LCP",
                value=2500.1,
                unit="ms",
                metric_id="v5-1",
                route="/basket/:id",
                url=PAGE,
                navigation_type="prerender",
                attrs={"rating": "good", "delta": 2.5},
            )
        ]

    def test_a_vitals_id_tells_the_day_of_a_visitor_without_a_session(self) -> None:
        named = {"name": "lcp", "value": 1, "id": f"v5-{NOW - 9_000}-1234567890123"}
        told = record("browser.web_vital", {f"browser.web_vital.{key}": value for key, value in named.items()})
        (draft,) = decode(self.path, logs(record("x"), told)).drafts
        assert draft.page_time == NOW - 9_000

    def test_a_vital_may_stand_in_the_body_of_its_event(self) -> None:
        values = attributes({"name": "cls", "value": 0.0, "id": "v5-2"})
        event = only(self.path, logs(record("browser.web_vital", body={"kvlistValue": {"values": values}})))
        assert (event.kind, event.name, event.value, event.metric_id) == ("vital", "CLS", 0, "v5-2")

    @pytest.mark.parametrize(
        ("told", "reason"),
        [
            ({"name": "fsp", "value": 1}, DropReason.UNKNOWN_METRIC),
            ({"name": "lcp", "value": "x"}, DropReason.NOT_A_NUMBER),
            ({"name": "lcp", "value": -0.1}, DropReason.NEGATIVE),
        ],
    )
    def test_a_bad_vital_is_refused_alone(self, told: dict[str, Any], reason: DropReason) -> None:
        bad = record("browser.web_vital", {f"browser.web_vital.{key}": value for key, value in told.items()})
        place = "resourceLogs[0].scopeLogs[0].logRecords[0]"
        assert refused(self.path, logs(bad, record("x"))) == [(reason, place)]

    def test_an_exception_is_an_error_on_its_page(self) -> None:
        told = {
            "exception.type": "TypeError",
            "exception.message": "x",
            "exception.stacktrace": "at a",
            "url.full": PAGE,
        }
        for body in (logs(record("exception", told)), logs(record("", told)), logs(record("device.crash", told))):
            event = only(self.path, body)
            assert (event.kind, event.name, event.route) == ("error", "TypeError", "/basket/:id")
            assert event.attrs == {"message": "x", "stack": "at a"}

    @pytest.mark.parametrize(("same", "kind"), [(False, "navigate"), (True, "soft-navigation")])
    def test_a_navigation_is_a_view(self, same: bool, kind: str) -> None:
        told = {"url.full": PAGE, "browser.navigation.same_document": same, "browser.navigation.type": "push"}
        event = only(self.path, logs(record("browser.navigation", told)))
        assert (event.kind, event.route, event.navigation_type, event.ts) == ("view", "/basket/:id", kind, NOW - 5)

    def test_the_timings_of_a_page_load_are_a_navigation(self) -> None:
        load, timing = "browser.navigation_timing.", "browser.resource_timing."
        told = {"url.full": PAGE, f"{load}type": "reload", f"{timing}duration": 534.1, f"{load}dom_complete": 533}
        event = only(self.path, logs(record("browser.navigation_timing", {**told, f"{timing}response_start": 48})))
        assert (event.kind, event.name, event.value, event.unit) == ("navigation", "navigation", 534.1, "ms")
        assert (event.route, event.navigation_type) == ("/basket/:id", "reload")
        assert event.attrs == {"dom_complete": 533, "response_start": 48}

    def test_a_resource_has_its_initiator_and_url(self) -> None:
        timing = "browser.resource_timing."
        told = {"url.full": "https://cdn.example/a.js", f"{timing}initiator_type": "script", f"{timing}duration": 68.4}
        event = only(self.path, logs(record("browser.resource_timing", {**told, f"{timing}transfer_size": 9})))
        assert (event.kind, event.name, event.value) == ("resource", "script", 68.4)
        assert (event.url, event.route, event.attrs) == ("https://cdn.example/a.js", "", {"transfer_size": 9})

    def test_a_click_is_an_action(self) -> None:
        event = only(self.path, logs(record("browser.user_action.click", {"browser.css_selector": "#buy"})))
        assert (event.kind, event.name, event.value) == ("action", "click", None)
        assert event.attrs == {"browser.css_selector": "#buy"}

    @pytest.mark.parametrize(
        ("more", "level"),
        [
            ({"severityText": "WARN"}, "warn"),
            ({"severityNumber": 0}, "unspecified"),
            ({"severityNumber": 1}, "trace"),
            ({"severityNumber": 4}, "trace"),
            ({"severityNumber": 5}, "debug"),
            ({"severityNumber": 24}, "fatal"),
        ],
    )
    def test_a_log_line_is_custom_with_its_level(self, more: dict[str, Any], level: str) -> None:
        event = only(self.path, logs(record("", {"from": "console"}, body={"stringValue": "hello"}, **more)))
        assert (event.kind, event.name, event.value) == ("custom", "log", None)
        assert event.attrs == {"level": level, "message": "hello", "from": "console"}

    def test_an_event_of_the_page_keeps_its_name_new_or_old(self) -> None:
        assert only(self.path, logs(record("cart.paid"))).name == "cart.paid"
        assert only(self.path, logs(record("", {"event.name": "cart.paid"}))).name == "cart.paid"

    def test_a_record_without_a_time_has_that_of_its_observation(self) -> None:
        told = {"eventName": "x", "observedTimeUnixNano": at(-7), "timeUnixNano": "0"}
        assert only(self.path, logs(told)).ts == NOW - 7


class TestMetrics:
    path = "/v1/metrics"

    def point(self, **more: Any) -> dict[str, Any]:
        return {"startTimeUnixNano": at(-900), "timeUnixNano": at(-5), **more}

    def gauge(self, name: str, unit: str = "", **more: Any) -> dict[str, Any]:
        return {"name": name, "unit": unit, "gauge": {"dataPoints": [self.point(**more)]}}

    @pytest.mark.parametrize("name", ["lcp", "web_vital.lcp", "web-vitals-LCP", "browser.web_vitals.lcp"])
    @pytest.mark.parametrize(("unit", "number"), [("s", 2.5), ("ms", 2500.0), ("us", 2_500_000.0), ("", 2500.0)])
    def test_a_vital_is_known_by_its_metrics_name_in_any_unit(self, name: str, unit: str, number: float) -> None:
        told = attributes({"id": "v6-1", "navigation_type": "reload", "rating": "good"})
        event = only(self.path, metrics(self.gauge(name, unit, asDouble=number, attributes=told)))
        assert (event.kind, event.name, event.unit) == ("vital", "LCP", "ms")
        assert event.value == pytest.approx(2500)
        assert (event.metric_id, event.navigation_type, event.attrs) == ("v6-1", "reload", {"rating": "good"})
        assert event.ts == NOW - 5

    def test_a_count_of_a_series_has_one_id_while_it_grows(self) -> None:
        def told(count: int, start: float, step: str) -> Event:
            point = self.point(asInt=str(count), attributes=attributes({"step": step}))
            point["startTimeUnixNano"] = at(start)
            total = {"aggregationTemporality": 2, "isMonotonic": True, "dataPoints": [point]}
            return only(self.path, metrics({"name": "cart.items", "sum": total}))

        first, later = told(3, -900, "pay"), told(5, -900, "pay")
        assert (first.kind, first.name, first.value, first.unit) == ("custom", "cart.items", 3, "")
        assert (first.metric_id, later.value) == (later.metric_id, 5)
        assert len({first.metric_id, told(3, -800, "pay").metric_id, told(3, -900, "ship").metric_id}) == 3

    def test_a_number_of_another_unit_is_no_duration(self) -> None:
        event = only(self.path, metrics(self.gauge("heap", "By", asInt="70000")))
        assert (event.value, event.unit, event.attrs) == (None, "", {"value": 70_000, "unit": "By"})

    @pytest.mark.parametrize("kind", ["histogram", "exponentialHistogram"])
    @pytest.mark.parametrize(
        ("told", "value", "attrs"),
        [
            ({"count": "1", "sum": 1.5}, 1500, {}),
            ({"count": "2", "sum": 3, "min": 1.5, "max": 1.5}, 1500, {"count": 2, "sum": 3, "min": 1.5, "max": 1.5}),
            ({"count": "2", "sum": 3, "min": 1, "max": 2}, None, {"count": 2, "sum": 3, "min": 1, "max": 2}),
            ({"count": "0"}, None, {"count": 0}),
        ],
    )
    def test_a_histogram_is_a_number_only_where_it_counted_one(
        self, kind: str, told: dict[str, Any], value: float | None, attrs: dict[str, Any]
    ) -> None:
        body = metrics({"name": "load", "unit": "s", kind: {"dataPoints": [self.point(**told)]}})
        event = only(self.path, body)
        assert (event.kind, event.value, event.attrs) == ("custom", value, attrs)

    @pytest.mark.parametrize(
        ("more", "reason"),
        [
            ({"asDouble": "NaN"}, DropReason.NOT_A_NUMBER),
            ({"asDouble": -1}, DropReason.NEGATIVE),
            ({"asDouble": TIMING_CAP_MS + 0.1}, DropReason.OUTLIER),
            ({"asInt": []}, DropReason.EVENT_MALFORMED),
            ({}, DropReason.EVENT_MALFORMED),
        ],
    )
    def test_a_bad_point_is_refused_alone(self, more: dict[str, Any], reason: DropReason) -> None:
        body = metrics(self.gauge("x", **more), self.gauge("y", asInt=1))
        place = "resourceMetrics[0].scopeMetrics[0].metrics[0].gauge.dataPoints[0]"
        assert refused(self.path, body) == [(reason, place)]

    def test_a_metric_that_is_none_is_refused_alone(self) -> None:
        body = metrics({"gauge": {"dataPoints": []}}, self.gauge("y", asInt=1))
        place = "resourceMetrics[0].scopeMetrics[0].metrics[0]"
        assert refused(self.path, body) == [(DropReason.EVENT_MALFORMED, place)]


@pytest.mark.parametrize(
    ("path", "body", "where"),
    [
        ("/v1/traces", b"{}", "resourceSpans"),
        ("/v1/traces", b'{"resourceSpans":{}}', "$.resourceSpans"),
        ("/v1/logs", b'{"resourceSpans":[]}', "resourceLogs"),
        ("/v1/metrics", b'{"resourceMetrics":[{"resource":{"attributes":[{}]}}]}', "$.resourceMetrics"),
        ("/v1/traces", b'{"resourceSpans":[]}', "no good event"),
    ],
)
def test_a_body_that_is_none_is_refused_and_says_where(path: str, body: bytes, where: str) -> None:
    with pytest.raises(Refusal, match=where.replace("$", r"\$")) as raised:
        ROUTES[path].decode(body, REQUEST)
    assert raised.value.reason is DropReason.MALFORMED


@pytest.mark.parametrize("path", sorted(MESSAGES))
def test_bytes_that_are_no_protobuf_are_refused_and_say_what_they_are_not(path: str) -> None:
    with pytest.raises(Refusal, match=MESSAGES[path].DESCRIPTOR.full_name):
        ROUTES[path].decode(b"\xff\xff", PROTOBUF)


def test_json_under_protobufs_name_is_read_as_json() -> None:
    assert ROUTES["/v1/traces"].decode(msgspec.json.encode(traces(span("x"))), PROTOBUF).drafts


ITEMS: dict[str, Any] = {
    "/v1/traces": (traces(span("x")), traces(span("x"), 1), ExportTraceServiceResponse),
    "/v1/logs": (logs(record("x")), logs(record("x"), 1), ExportLogsServiceResponse),
    "/v1/metrics": (
        metrics(TestMetrics().gauge("x", asInt=1)),
        metrics(TestMetrics().gauge("x", asInt=1), 1),
        ExportMetricsServiceResponse,
    ),
}
REJECTED = {
    "/v1/traces": ("rejectedSpans", "resourceSpans[0].scopeSpans[0].spans[1]: event_malformed"),
    "/v1/logs": ("rejectedLogRecords", "resourceLogs[0].scopeLogs[0].logRecords[1]: event_malformed"),
    "/v1/metrics": ("rejectedDataPoints", "resourceMetrics[0].scopeMetrics[0].metrics[1]: event_malformed"),
}


@pytest.mark.parametrize("path", sorted(ITEMS))
def test_the_answer_is_of_the_encoding_that_asked_and_tells_what_was_refused(path: str) -> None:
    whole, partial, response = ITEMS[path]
    field, why = REJECTED[path]
    in_json, protobuf = {b"content-type": b"application/json"}, {b"content-type": b"application/x-protobuf"}
    accepted = ROUTES[path].accepted

    answer = accepted(in_json, decode(path, whole))
    assert (answer.status, answer.headers, answer.body) == (200, ((b"content-type", b"application/json"),), b"{}")
    answer = accepted(protobuf, decode(path, whole))
    assert (answer.status, answer.headers) == (200, ((b"content-type", b"application/x-protobuf"),))
    assert answer.body == b""

    told = {"partialSuccess": {field: "1", "errorMessage": why}}
    answer = accepted(in_json, decode(path, partial))
    assert (answer.status, msgspec.json.decode(answer.body)) == (200, told)
    answer = accepted(protobuf, decode(path, partial))
    assert answer.status == 200
    assert response.FromString(answer.body) == ParseDict(told, response())
