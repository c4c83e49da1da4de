"""What each item of a Faro body becomes."""

from typing import Any

import msgspec
import pytest

from ingest.draft import Decoded, Draft, Request
from ingest.formats import ROUTES, route_at
from ingest.normalise import Knowledge, normalise
from ingest.refusal import Refusal
from ingest.salts import SALT_BYTES, SaltBook
from ingest.sites import Site
from processors.core.fingerprints import frames
from schemas.drop_reasons import DropReason
from schemas.event import Event
from schemas.limits import EVENTS_PER_BEACON, TIMING_CAP_MS

NOW = 1_750_000_000_000
AT = "2025-06-15T15:06:39.500Z"  # 500 ms before
REQUEST = Request(Site("shop", "production"), NOW, "192.0.2.1", "agent", "key-1")
PAGE = "https://shop.example/basket/42?x=1"
META: dict[str, Any] = {
    "sdk": {"name": "faro-web", "version": "2.12.1"},
    "app": {"name": "shop", "version": "1.2.3", "environment": "staging"},
    "session": {"id": "s-2", "attributes": {"previousSession": "s-1"}},
    "page": {"url": PAGE},
    "browser": {"userAgent": "Mozilla/5.0 of the page"},
    "user": {"id": "u-1", "email": "jane@shop.example", "username": "jane", "fullName": "Jane Doe"},
}


def decode(meta: Any = META, **lists: Any) -> Decoded:
    return ROUTES["/collect"].decode(msgspec.json.encode({"meta": meta, **lists}), REQUEST)


def events(meta: Any = META, **lists: Any) -> list[Event]:
    (draft,) = decode(meta, **lists).drafts
    return draft.beacon.events


def only(meta: Any = META, **lists: Any) -> Event:
    (event,) = events(meta, **lists)
    return event


def named(name: str, attributes: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    return {"name": name, "timestamp": AT, "domain": "browser", "attributes": attributes or {}, **more}


def log(**more: Any) -> dict[str, Any]:
    return {"message": "hello", "level": "warn", "timestamp": AT, **more}


def refused(**lists: Any) -> list[tuple[DropReason, str]]:
    try:
        found = decode(**lists).refused
    except Refusal as refusal:
        found = refusal.events
    return [(event.reason, event.place) for event in found]


class TestMeta:
    def draft(self, **more: Any) -> Draft:
        (draft,) = decode({**META, **more}, logs=[log()]).drafts
        return draft

    def test_who_sends_is_the_beacons(self) -> None:
        draft = self.draft()
        beacon = draft.beacon
        assert (beacon.protocol, beacon.site) == ("faro", "shop")
        assert (beacon.environment, beacon.release) == ("staging", "1.2.3")
        assert (beacon.session_id, beacon.previous_session) == ("s-2", "s-1")
        assert (draft.user_id, draft.user_agent) == ("u-1", "Mozilla/5.0 of the page")

    def test_without_any_meta_it_is_a_visitor_of_the_site(self) -> None:
        (draft,) = decode({}, logs=[log()]).drafts
        assert (draft.beacon.session_id, draft.beacon.environment, draft.user_agent) == ("", "production", "agent")

    def test_the_idempotency_key_names_the_beacon_and_nothing_of_the_person_is_left(self) -> None:
        book = SaltBook(["shop"])
        for key, value in book.to_publish(NOW, lambda: bytes(SALT_BYTES)):
            book.read(key, value)
        draft = self.draft(session={"id": "jane@shop.example", "attributes": {"previousSession": "jane@shop.example"}})
        normalise(draft, Knowledge(REQUEST, b"body", book))
        assert draft.beacon.beacon_id == "key-1"
        assert draft.beacon.previous_session == draft.beacon.session_id
        whole = msgspec.json.encode(draft.beacon)
        assert not any(text in whole for text in (b"jane", b"Jane", b"u-1", b"x=1"))

    @pytest.mark.parametrize(
        ("app", "release"),
        [({"version": "1"}, "1"), ({"release": "r"}, "r"), ({"gitHash": "abc"}, "abc"), ({"name": "shop"}, "")],
    )
    def test_the_release_is_the_apps_version_or_what_stands_for_it(self, app: dict[str, str], release: str) -> None:
        assert self.draft(app=app).beacon.release == release

    def test_a_hash_that_the_page_made_of_its_user_will_do(self) -> None:
        assert self.draft(user={"hash": "h-1", "email": "jane@shop.example"}).user_id == "h-1"

    @pytest.mark.parametrize(
        ("view", "route"),
        [
            ("checkout", "checkout"),
            ("/product/123", "/product/:id"),
            ("default", "/basket/:id"),
            ("unknown", "/basket/:id"),
            ("", "/basket/:id"),
        ],
    )
    def test_the_views_name_is_the_route_where_it_says_something(self, view: str, route: str) -> None:
        assert only({**META, "view": {"name": view}}, logs=[log()]).route == route

    def test_a_pages_own_id_is_the_views(self) -> None:
        assert only({**META, "page": {"url": PAGE, "id": "p-1"}}, logs=[log()]).view_id == "p-1"


class TestMeasurements:
    def vital(self, **more: Any) -> dict[str, Any]:
        context = {"id": "v6-1", "rating": "good", "navigation_type": "back-forward-cache", "load_state": "complete"}
        values = {"lcp": 2500.1, "delta": 2.5, "time_to_first_byte": 31.6}
        return {"type": "web-vitals", "values": values, "context": context, "timestamp": AT, **more}

    def test_a_web_vital_keeps_its_id_its_rating_and_its_attribution(self) -> None:
        assert only(measurements=[self.vital()]) == Event(
            ts=NOW - 500,
            kind="vital",
            name="LCP",
            value=2500.1,
            unit="ms",
            metric_id="v6-1",
            route="/basket/:id",
            url=PAGE,
            navigation_type="back-forward-cache",
            attrs={"rating": "good", "load_state": "complete", "delta": 2.5, "time_to_first_byte": 31.6},
        )

    def test_a_vitals_id_tells_the_day_of_a_visitor_without_a_session(self) -> None:
        told = self.vital(context={"id": f"v6-{NOW - 9_000}-1234567890123"})
        (draft,) = decode({}, measurements=[told], logs=[log()]).drafts
        assert draft.page_time == NOW - 9_000

    def test_cls_0_is_a_value(self) -> None:
        event = only(measurements=[self.vital(values={"cls": 0, "delta": 0})])
        assert (event.name, event.value, event.unit) == ("CLS", 0, "score")

    def test_another_measurement_is_an_event_a_number_of_no_unit(self) -> None:
        told = {"type": "cart", "values": {"items": 3, "weighed": 1.5}, "context": {"step": "pay"}, "timestamp": AT}
        found = events(measurements=[told])
        assert [(e.kind, e.name, e.value, e.unit, e.attrs) for e in found] == [
            ("custom", "cart.items", 3, "", {"step": "pay"}),
            ("custom", "cart.weighed", 1.5, "", {"step": "pay"}),
        ]

    @pytest.mark.parametrize(
        ("values", "reason"),
        [
            ({"lcp": None}, DropReason.NOT_A_NUMBER),
            ({"lcp": -1}, DropReason.NEGATIVE),
            ({"lcp": TIMING_CAP_MS + 0.1}, DropReason.OUTLIER),
            ({"fsp": 1}, DropReason.UNKNOWN_METRIC),
            ({}, DropReason.UNKNOWN_METRIC),
            ({"lcp": "1"}, DropReason.EVENT_MALFORMED),
            ({"lcp": True}, DropReason.EVENT_MALFORMED),
        ],
    )
    def test_a_bad_vital_is_refused_alone(self, values: dict[str, Any], reason: DropReason) -> None:
        good, bad = self.vital(), self.vital(values=values)
        assert refused(measurements=[good, bad]) == [(reason, "measurements[1]")]
        assert only(measurements=[bad, good]).value == 2500.1

    def test_a_number_that_is_none_spoils_no_other_of_its_measurement(self) -> None:
        told = {"type": "cart", "values": {"items": None, "weighed": 1.5}}
        assert refused(measurements=[told]) == [(DropReason.NOT_A_NUMBER, "measurements[0]")]
        assert only(measurements=[told]).name == "cart.weighed"

    def test_a_beacon_holds_so_many_events_and_no_more(self) -> None:
        told = {"type": "x", "values": {f"k{n}": n for n in range(EVENTS_PER_BEACON + 1)}}
        assert refused(measurements=[told], logs=[log()]) == [
            (DropReason.TOO_MANY_EVENTS, "measurements[0]"),
            (DropReason.TOO_MANY_EVENTS, "logs[0]"),
        ]
        assert len(events(measurements=[told])) == EVENTS_PER_BEACON


class TestEvents:
    def test_a_page_load_is_a_navigation_and_a_view(self) -> None:
        told = {"name": PAGE, "duration": "555", "type": "back_forward", "faroNavigationId": "n-1", "ttfb": "32"}
        load, view = events(events=[named("faro.performance.navigation", {**told, "cacheHitStatus": "unknown"})])
        assert load == Event(
            ts=NOW - 500,
            kind="navigation",
            name="navigation",
            value=555,
            unit="ms",
            metric_id="n-1",
            view_id="n-1",
            route="/basket/:id",
            url=PAGE,
            navigation_type="back_forward",
            attrs={"ttfb": 32},
        )
        assert (view.kind, view.metric_id, view.view_id, view.route) == ("view", "view:n-1", "n-1", "/basket/:id")
        assert (view.ts, view.navigation_type, view.attrs) == (NOW - 500, "back_forward", {})

    def test_a_resource_has_its_own_url_and_the_pages_route(self) -> None:
        told = {
            "name": "https://cdn.example/a.js",
            "duration": "77",
            "initiatorType": "script",
            "responseStatus": "200",
            "faroResourceId": "r-1",
            "transferSize": "815079",
            "protocol": "h2",
        }
        event = only(events=[named("faro.performance.resource", told)])
        assert (event.kind, event.name, event.value, event.unit) == ("resource", "script", 77, "ms")
        assert (event.url, event.route) == ("https://cdn.example/a.js", "/basket/:id")
        assert (event.status, event.metric_id) == (200, "r-1")
        assert event.attrs == {"transferSize": 815079, "protocol": "h2"}

    @pytest.mark.parametrize(("tls", "kept"), [("10", {"tlsNegotiationTime": 10}), ("11", {})])
    def test_a_tls_time_longer_than_its_handshake_is_none(self, tls: str, kept: dict[str, float]) -> None:
        told = {"name": "/a", "duration": "1", "tcpHandshakeTime": "10", "tlsNegotiationTime": tls}
        event = only(events=[named("faro.performance.resource", told)])
        assert event.attrs == {"tcpHandshakeTime": 10, **kept}

    def test_the_first_view_of_a_load_is_its_name_and_the_next_a_view(self) -> None:
        first = named("view_changed", {"fromView": "unknown", "toView": "home"})
        second = named("view_changed", {"fromView": "home", "toView": "checkout"})
        found = events(events=[first, second])
        assert [(e.kind, e.name, e.route, e.navigation_type) for e in found] == [
            ("custom", "view_changed", "/basket/:id", ""),
            ("view", "page_view", "checkout", "soft-navigation"),
        ]

    def test_a_change_of_the_route_is_a_view_of_its_page(self) -> None:
        to = {"toRoute": "/product/:id", "toUrl": "https://shop.example/product/9", "fromRoute": "/"}
        event = only(events=[named("route_change", to)])
        assert (event.kind, event.route, event.url) == ("view", "/product/:id", "https://shop.example/product/9")

    def test_a_user_action_has_its_name_and_duration(self) -> None:
        told = {"userActionName": "pay", "userActionDuration": "120.5", "userActionTrigger": "click"}
        event = only(events=[named("faro.user.action", told)])
        assert (event.kind, event.name, event.value, event.unit) == ("action", "pay", 120.5, "ms")
        assert event.attrs == {"userActionTrigger": "click"}

    @pytest.mark.parametrize("name", ["session_start", "session_resume", "session_extend"])
    def test_a_session_begins_with_the_client_that_began_it(self, name: str) -> None:
        event = only(events=[named(name)])
        assert (event.kind, event.name, event.value, event.attrs) == ("custom", name, None, {"sdk": "faro-web 2.12.1"})

    def test_an_event_of_the_page_is_custom(self) -> None:
        event = only(events=[named("added to cart", {"sku": "9"}, domain="shop")])
        assert (event.kind, event.name, event.attrs) == ("custom", "added to cart", {"sku": "9", "domain": "shop"})


class TestErrors:
    def test_an_error_has_a_stack_that_fingerprints_read(self) -> None:
        told = {
            "type": "TypeError",
            "value": "x is null",
            "timestamp": AT,
            "stacktrace": {
                "frames": [
                    {"filename": "https://shop.example/app.js?v=1", "function": "pay", "lineno": 3, "colno": 7},
                    {"filename": "https://shop.example/app.js", "function": "new Cart", "lineno": 9},
                    {"filename": "https://shop.example/", "function": "?"},
                ]
            },
            "context": {"step": "pay", "stack": "not this"},
        }
        event = only(exceptions=[told])
        assert (event.kind, event.name, event.value, event.ts) == ("error", "TypeError", None, NOW - 500)
        assert event.attrs == {
            "message": "x is null",
            "stack": "TypeError: x is null\n"
            "    at pay (https://shop.example/app.js?v=1:3:7)\n"
            "    at new.Cart (https://shop.example/app.js:9)\n"
            "    at https://shop.example/",
            "source": "https://shop.example/app.js?v=1",
            "line": 3,
            "column": 7,
            "step": "pay",
        }
        assert frames(str(event.attrs["stack"]))[:2] == ["pay /app.js", "new.Cart /app.js"]

    def test_an_error_without_frames_has_no_stack(self) -> None:
        assert only(exceptions=[{"value": "gone"}]).attrs == {"message": "gone"}


def test_a_log_line_is_custom_with_its_level() -> None:
    event = only(logs=[log(context={"level": "not this", "from": "console"})])
    assert (event.kind, event.name, event.value) == ("custom", "log", None)
    assert event.attrs == {"level": "warn", "message": "hello", "from": "console"}


SPAN = {
    "traceId": "75cb14ef5b5996fa6aab3534e19195f7",
    "spanId": "82cc98ea4aeeecbd",
    "name": "GET",
    "startTimeUnixNano": f"{NOW - 400}000000",
    "endTimeUnixNano": f"{NOW - 361}000064",
    "attributes": [
        {"key": "http.request.method", "value": {"stringValue": "GET"}},
        {"key": "url.full", "value": {"stringValue": "https://shop.example/api/items/7"}},
        {"key": "http.response.status_code", "value": {"intValue": 200}},
        {"key": "session.id", "value": {"stringValue": "s-2"}},
        {"key": "user.email", "value": {"stringValue": "jane@shop.example"}},
    ],
}


def test_a_span_and_the_event_of_it_are_one_request() -> None:
    attributes = {
        "http.request.method": "GET",
        "url.full": "https://shop.example/api/items/7",
        "http.response.status_code": "200",
        "user.email": "jane@shop.example",
        "duration_ns": "39000064",
    }
    told = named("faro.tracing.fetch", attributes, trace={"trace_id": SPAN["traceId"], "span_id": SPAN["spanId"]})
    by_event, by_span = events(events=[told], traces={"resourceSpans": [{"scopeSpans": [{"spans": [SPAN]}]}]})
    assert by_span == Event(
        ts=NOW - 400,
        kind="request",
        name="GET /api/items/:id",
        value=39.000064,
        unit="ms",
        metric_id="75cb14ef5b5996fa6aab3534e19195f7:82cc98ea4aeeecbd",
        route="/basket/:id",
        url="https://shop.example/api/items/7",
        status=200,
        attrs={},
    )
    by_event.ts = by_span.ts
    assert by_event == by_span


def test_spans_that_are_none_spoil_nothing_else() -> None:
    assert refused(logs=[log()], traces={"resourceSpans": 1}) == [(DropReason.EVENT_MALFORMED, "traces")]
    bad = {"resourceSpans": [{"scopeSpans": [{"spans": [{**SPAN, "startTimeUnixNano": "soon"}, SPAN]}]}]}
    place = "traces.resourceSpans[0].scopeSpans[0].spans[0]"
    assert refused(traces=bad) == [(DropReason.EVENT_MALFORMED, place)]


@pytest.mark.parametrize(
    ("body", "where"),
    [
        (b'{"logs":[{}]}', "meta"),
        (b'{"meta":{"session":{"id":1}},"logs":[{}]}', "$.meta.session.id"),
        (b'{"meta":{},"events":{}}', "$.events"),
        (b'{"meta":{}}', "no good event"),
    ],
)
def test_a_body_that_is_none_is_refused_and_says_where(body: bytes, where: str) -> None:
    with pytest.raises(Refusal, match=where.replace("$", r"\$")) as raised:
        ROUTES["/collect"].decode(body, REQUEST)
    assert raised.value.reason is DropReason.MALFORMED


def test_a_good_body_is_answered_202_without_a_body() -> None:
    answer = ROUTES["/collect"].accepted({}, decode(logs=[log()]))
    assert (answer.status, answer.headers, answer.body) == (202, (), b"")


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/collect", ("/collect", "")),
        ("/collect/", ("/collect", "")),
        ("/collect/a-key", ("/collect", "a-key")),
        ("/collect/a-key/", ("/collect", "a-key")),
        ("/v1/traces", ("/v1/traces", "")),
        ("/collect/a/b", None),
        ("/api/v1/rum/", None),
        ("/v1/traces/", None),
        ("/x/collect/key", None),
        ("/collector", None),
        ("/", None),
        ("", None),
    ],
)
def test_a_path_finds_its_route_and_faros_names_a_key(path: str, found: tuple[str, str] | None) -> None:
    assert route_at(path) == (found and (ROUTES[found[0]], found[1]))
