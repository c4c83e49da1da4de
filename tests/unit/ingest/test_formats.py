"""What each format's events become."""

from typing import Any, ClassVar

import msgspec
import pytest

from ingest.draft import Decoded, Request
from ingest.formats import ROUTES
from ingest.refusal import Refusal
from ingest.sites import Site
from schemas.drop_reasons import DropReason
from schemas.event import Event
from schemas.limits import EVENTS_PER_BEACON, TIMING_CAP_MS, WEIGHT_MAX

NOW = 1_750_000_000_000
REQUEST = Request(Site("shop", "production"), NOW, "192.0.2.1", "agent")
PAGE = "https://shop.example/product/123?x=1"


def decode(path: str, body: Any) -> Decoded:
    return ROUTES[path].decode(body if isinstance(body, bytes) else msgspec.json.encode(body), REQUEST)


def only_event(path: str, body: Any) -> Event:
    (draft,) = decode(path, body).drafts
    (event,) = draft.beacon.events
    return event


def refusal(path: str, body: Any) -> Refusal:
    with pytest.raises(Refusal) as raised:
        decode(path, body)
    assert raised.value.reason is DropReason.MALFORMED
    return raised.value


def batch(*events: dict[str, Any], **more: Any) -> dict[str, Any]:
    view = {"view_id": "w", "url": PAGE, "navigation_type": "navigate", "started_at": NOW - 900}
    head = {"v": 1, "beacon_id": "b", "session_id": "s", "seq": 3, "sent_at": NOW, "views": [view]}
    return {**head, "events": list(events), **more}


def vital(**more: Any) -> dict[str, Any]:
    return {"t": NOW - 5, "k": "vital", "n": "LCP", "v": 2500.1, "id": "v6-1", "view": 0, **more}


class TestBatch:
    path = "/api/v1/rum"

    def test_what_events_share_is_the_beacons(self) -> None:
        more = {"sample_rate": 0.25, "dropped": {"queue_full": 2}, "release": "r1", "user_id": "jane"}
        (draft,) = decode(self.path, batch(vital(), **more)).drafts
        beacon = draft.beacon
        assert (beacon.protocol, beacon.site, beacon.environment) == ("rum", "shop", "production")
        assert (beacon.beacon_id, beacon.session_id, beacon.seq, beacon.sent_at) == ("b", "s", 3, NOW)
        assert (beacon.weight, beacon.dropped, beacon.release) == (4_000, {"queue_full": 2}, "r1")
        assert (draft.user_id, draft.user_agent) == ("jane", "agent")

    def test_a_vital_has_its_views_page_and_route(self) -> None:
        assert only_event(self.path, batch(vital(n="lcp"))) == Event(
            ts=NOW - 5,
            kind="vital",
            name="LCP",
            value=2500.1,
            unit="ms",
            metric_id="v6-1",
            view_id="w",
            route="/product/:id",
            url=PAGE,
            navigation_type="navigate",
            attrs={},
        )

    def test_the_clients_route_wins(self) -> None:
        view = {"view_id": "w", "url": PAGE, "route": "Product", "referrer": "https://a.example/?q"}
        assert only_event(self.path, batch(vital(), views=[view])).route == "Product"

    def test_a_view_is_named_by_its_id(self) -> None:
        view = {"view_id": "w", "url": PAGE, "referrer": "https://a.example/"}
        event = only_event(self.path, batch({"t": NOW, "k": "view", "n": "page_view", "id": "w"}, views=[view]))
        assert (event.metric_id, event.view_id, event.value) == ("view:w", "w", None)
        assert event.attrs == {"referrer": "https://a.example/"}

    def test_a_request_keeps_its_own_url_and_status(self) -> None:
        attrs = {"url": "https://api.example/cart", "status": 503, "size": 9, "gone": None}
        event = only_event(self.path, batch(vital(k="request", n="/cart/77", v=12, a=attrs)))
        assert event.name == "/cart/:id"
        assert (event.url, event.status, event.route) == ("https://api.example/cart", 503, "/product/:id")
        assert event.attrs == {"size": 9}

    @pytest.mark.parametrize(
        ("bad", "reason"),
        [
            ({"k": "dance"}, DropReason.UNKNOWN_TYPE),
            ({"n": "XYZ"}, DropReason.UNKNOWN_METRIC),
            ({"v": None}, DropReason.NOT_A_NUMBER),
            ({"v": -0.1}, DropReason.NEGATIVE),
            ({"v": TIMING_CAP_MS + 0.1}, DropReason.OUTLIER),
            ({"v": "1"}, DropReason.EVENT_MALFORMED),
            ({"t": "now"}, DropReason.EVENT_MALFORMED),
            ({"view": 1}, DropReason.EVENT_MALFORMED),
            ({"view": -1}, DropReason.EVENT_MALFORMED),
            ({"a": {"x": [1]}}, DropReason.EVENT_MALFORMED),
        ],
    )
    def test_a_bad_event_is_told_and_the_good_are_kept(self, bad: dict[str, Any], reason: DropReason) -> None:
        decoded = decode(self.path, batch(vital(id="1"), vital(**bad), vital(id="2")))
        assert [e.metric_id for e in decoded.drafts[0].beacon.events] == ["1", "2"]
        assert [(r.reason, r.place) for r in decoded.refused] == [(reason, "events[1]")]

    @pytest.mark.parametrize("value", [b"1e400", b"9" * 400, b"-1e400"])
    def test_a_number_beyond_all_numbers_spoils_only_its_event(self, value: bytes) -> None:
        body = msgspec.json.encode(batch(vital(), vital(v=777))).replace(b"777", value)
        decoded = decode(self.path, body)
        assert len(decoded.drafts[0].beacon.events) == len(decoded.refused) == 1

    def test_at_the_cap_is_believed_and_cls_0_is_a_value(self) -> None:
        decoded = decode(self.path, batch(vital(v=TIMING_CAP_MS), vital(n="CLS", v=0)))
        assert [(e.value, e.unit) for e in decoded.drafts[0].beacon.events] == [(TIMING_CAP_MS, "ms"), (0, "score")]

    def test_no_good_event_is_a_refusal_that_tells_each(self) -> None:
        told = refusal(self.path, batch(vital(v=-1), vital(n="x")))
        assert [e.reason for e in told.events] == [DropReason.NEGATIVE, DropReason.UNKNOWN_METRIC]

    def test_events_beyond_the_limit_are_refused_one_by_one(self) -> None:
        decoded = decode(self.path, batch(*[vital()] * (EVENTS_PER_BEACON + 2)))
        assert len(decoded.drafts[0].beacon.events) == EVENTS_PER_BEACON
        assert [r.reason for r in decoded.refused] == [DropReason.TOO_MANY_EVENTS] * 2

    @pytest.mark.parametrize(
        "more",
        [
            {"v": 2},
            {"v": "1"},
            {"v": None},
            {"beacon_id": ""},
            {"session_id": ""},
            {"sample_rate": 0},
            {"sample_rate": 1.1},
            {"seq": -1},
            {"views": [{}]},
            {"events": {}},
            {"events": []},
        ],
    )
    def test_a_wrong_head_is_a_refusal_that_says_where(self, more: dict[str, Any]) -> None:
        assert refusal(self.path, batch(vital(), **more)).detail

    @pytest.mark.parametrize("rate", [1e-9, 5e-324])
    def test_a_sample_rate_has_a_floor(self, rate: float) -> None:
        assert decode(self.path, batch(vital(), sample_rate=rate)).drafts[0].beacon.weight == WEIGHT_MAX

    def test_a_text_cut_within_a_surrogate_pair_is_repaired(self) -> None:
        body = msgspec.json.encode(batch(vital(k="error", n="E", v=0, a={"message": "CUT"})))
        (draft,) = decode(self.path, body.replace(b"CUT", rb"whole \ud83d\ude00, half \ud83d")).drafts
        assert draft.beacon.events[0].attrs["message"] == "whole 😀, half \ufffd"


class TestPlain:
    path = "/api/v1/rum"

    def body(self, kind: str, data: Any, **more: Any) -> dict[str, Any]:
        common = {"type": kind, "sessionId": "s", "userId": 7, "timestamp": NOW - 9, "url": PAGE, "userAgent": "own"}
        return {"events": [{**common, "data": data, **more}]}

    @pytest.mark.parametrize(
        ("kind", "data", "event"),
        [
            ("visibility_change", {"hidden": True, "timestamp": 1}, {"kind": "visibility", "name": "hidden"}),
            ("visibility_change", {"hidden": False}, {"kind": "visibility", "name": "visible"}),
            (
                "user_interaction",
                {"type": "click", "target": "BUTTON#buy", "timestamp": 1},
                {"kind": "action", "name": "click", "attrs": {"target": "BUTTON#buy"}},
            ),
            (
                "resource_timing",
                {"name": "https://cdn.example/a.js?v=1", "duration": 12.5, "size": 900, "type": "script"},
                {
                    "kind": "resource",
                    "name": "script",
                    "value": 12.5,
                    "unit": "ms",
                    "url": "https://cdn.example/a.js?v=1",
                    "attrs": {"size": 900},
                },
            ),
            (
                "js_error",
                {"message": "Uncaught TypeError: x", "source": "a.js", "line": 1, "column": 2, "stack": "at f"},
                {
                    "kind": "error",
                    "name": "TypeError",
                    "attrs": {
                        "message": "Uncaught TypeError: x",
                        "source": "a.js",
                        "line": 1,
                        "column": 2,
                        "stack": "at f",
                    },
                },
            ),
            (
                "js_error",
                {"message": "Script error."},
                {"kind": "error", "name": "Error", "attrs": {"message": "Script error."}},
            ),
        ],
    )
    def test_each_type_becomes_its_kind(self, kind: str, data: Any, event: dict[str, Any]) -> None:
        expected: dict[str, Any] = {"ts": NOW - 9, "url": PAGE, "route": "/product/:id", "attrs": {}, **event}
        assert only_event(self.path, self.body(kind, data)) == Event(**expected)

    def test_the_beacon_has_the_clients_session_user_and_agent(self) -> None:
        (draft,) = decode(self.path, self.body("visibility_change", {"hidden": True})).drafts
        assert (draft.beacon.protocol, draft.beacon.session_id, draft.user_id) == ("plain", "s", "7")
        assert draft.user_agent == "own"

    def test_each_session_has_a_beacon_of_its_own(self) -> None:
        one, two = (self.body("visibility_change", {"hidden": True}, sessionId=s)["events"][0] for s in ("a", None))
        drafts = decode(self.path, {"events": [one, two, one]}).drafts
        assert [(d.beacon.session_id, len(d.beacon.events)) for d in drafts] == [("a", 2), ("", 1)]

    @pytest.mark.parametrize(
        ("kind", "data", "reason"),
        [
            ("dance", {}, DropReason.UNKNOWN_TYPE),
            ("js_error", {}, DropReason.EVENT_MALFORMED),
            ("js_error", [], DropReason.EVENT_MALFORMED),
            ("resource_timing", {"name": "a", "duration": None}, DropReason.NOT_A_NUMBER),
            ("resource_timing", {"name": "a", "duration": -1}, DropReason.NEGATIVE),
            ("resource_timing", {"name": "a", "duration": 60_000.5}, DropReason.OUTLIER),
        ],
    )
    def test_a_bad_event_is_told_and_the_good_are_kept(self, kind: str, data: Any, reason: DropReason) -> None:
        events = self.body("visibility_change", {"hidden": True})["events"] + self.body(kind, data)["events"]
        decoded = decode(self.path, {"events": events})
        assert [(r.reason, r.place) for r in decoded.refused] == [(reason, "events[1]")]
        assert len(decoded.drafts[0].beacon.events) == 1
        assert [e.reason for e in refusal(self.path, self.body(kind, data)).events] == [reason]


class TestMetrics:
    path = "/api/v1/metrics"
    good: ClassVar[dict[str, Any]] = {
        "metric": "lcp",
        "value": 1200,
        "timestamp": "2025-06-15T15:06:39.000Z",
        "url": PAGE,
        "userAgent": "own",
    }

    def test_a_metric_is_a_vital_without_an_id(self) -> None:
        assert only_event(self.path, self.good) == Event(
            ts=NOW - 1_000, kind="vital", name="LCP", value=1200, unit="ms", url=PAGE, route="/product/:id", attrs={}
        )
        (draft,) = decode(self.path, self.good).drafts
        assert (draft.beacon.protocol, draft.beacon.session_id, draft.user_agent) == ("metrics", "", "own")

    @pytest.mark.parametrize("name", ["lcp", "fid", "cls", "ttfb", "inp", "fcp", "LCP"])
    def test_every_metric_is_known(self, name: str) -> None:
        assert only_event(self.path, {"metric": name, "value": 0.1}).name == name.upper()

    @pytest.mark.parametrize(
        ("more", "reason"),
        [
            ({"metric": "xyz"}, DropReason.UNKNOWN_METRIC),
            ({"value": None}, DropReason.NOT_A_NUMBER),
            ({"value": -1}, DropReason.NEGATIVE),
            ({"value": 60_001}, DropReason.OUTLIER),
        ],
    )
    def test_what_is_not_good_is_refused_with_its_reason(self, more: dict[str, Any], reason: DropReason) -> None:
        assert [e.reason for e in refusal(self.path, {**self.good, **more}).events] == [reason]


class TestReact:
    path = "/api/v1/metrics/react"

    def test_a_render_is_named_by_its_component(self) -> None:
        body = {"componentId": "Cart", "phase": "nested-update", "duration": 3.5, "timestamp": NOW - 4}
        assert only_event(self.path, body) == Event(
            ts=NOW - 4, kind="render", name="Cart", value=3.5, unit="ms", attrs={"phase": "nested-update"}
        )

    @pytest.mark.parametrize("more", [{"phase": "unmount"}, {"duration": None}, {"duration": -1}, {"componentId": 1}])
    def test_what_is_not_good_is_refused(self, more: dict[str, Any]) -> None:
        assert refusal(self.path, {"componentId": "Cart", "phase": "mount", "duration": 1, **more}).detail


class TestAlerts:
    path = "/api/v1/alerts"

    def test_an_alert_is_an_alert_and_a_measurement(self) -> None:
        body = {"type": "high_memory_usage", "data": {"usedMemoryMB": 900, "limitMB": 1000, "url": PAGE}}
        (draft,) = decode(self.path, body).drafts
        alert, memory = draft.beacon.events
        assert (alert.kind, alert.name, alert.attrs) == (
            "alert",
            "high_memory_usage",
            {"usedMemoryMB": 900, "limitMB": 1000},
        )
        assert (memory.kind, memory.value, memory.unit, memory.route) == ("memory", 900, "MB", "/product/:id")

    @pytest.mark.parametrize(
        "body",
        [
            {"type": "fire", "data": {"usedMemoryMB": 1}},
            {"type": "high_memory_usage", "data": {"usedMemoryMB": -1}},
            {"type": "high_memory_usage", "data": {"usedMemoryMB": None}},
            {"type": "high_memory_usage"},
        ],
    )
    def test_what_is_not_good_is_refused(self, body: dict[str, Any]) -> None:
        assert refusal(self.path, body).detail


class TestWebVitals:
    path = "/api/v1/vitals"
    good: ClassVar[dict[str, Any]] = {
        "name": "CLS",
        "value": 0,
        "rating": "good",
        "delta": 0,
        "id": "v5-1749999990000-1234567890123",
        "navigationType": "back-forward-cache",
        "entries": [{"deep": [1]}],
    }

    def test_a_metric_keeps_its_id_and_has_the_time_of_arrival(self) -> None:
        assert only_event(self.path, self.good) == Event(
            ts=NOW,
            kind="vital",
            name="CLS",
            value=0,
            unit="score",
            metric_id=self.good["id"],
            navigation_type="back-forward-cache",
            attrs={},
        )
        (draft,) = decode(self.path, self.good).drafts
        assert (draft.beacon.protocol, draft.page_time) == ("web-vitals", 1_749_999_990_000)

    def test_an_array_is_one_beacon_and_v6_tells_the_page(self) -> None:
        six = {**self.good, "name": "LCP", "value": 9, "navigationId": 5, "navigationURL": PAGE}
        (draft,) = decode(self.path, [self.good, six]).drafts
        assert [(e.name, e.route) for e in draft.beacon.events] == [("CLS", ""), ("LCP", "/product/:id")]

    def test_attribution_keeps_its_plain_values(self) -> None:
        told = {"largestShiftTarget": "div", "largestShiftValue": 0.1, "largestShiftEntry": {"x": 1}, "none": None}
        assert only_event(self.path, {**self.good, "attribution": told}).attrs == {
            "largestShiftTarget": "div",
            "largestShiftValue": 0.1,
        }

    def test_bad_reports_are_told_and_the_good_are_kept(self) -> None:
        decoded = decode(self.path, [self.good, {**self.good, "value": None}, 5, {**self.good, "name": "X"}])
        assert [(r.reason, r.place) for r in decoded.refused] == [
            (DropReason.NOT_A_NUMBER, "$[1]"),
            (DropReason.EVENT_MALFORMED, "$[2]"),
            (DropReason.UNKNOWN_METRIC, "$[3]"),
        ]

    @pytest.mark.parametrize("body", [[], {}, 5, "text", [[]], {"name": "LCP"}])
    def test_what_is_no_metric_is_refused(self, body: Any) -> None:
        assert refusal(self.path, body).detail
