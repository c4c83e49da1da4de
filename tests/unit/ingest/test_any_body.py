"""Whatever the bytes, a format answers with beacons or with a refusal, and what it lets through is a valid line."""

import json
import time
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.draft import Request
from ingest.formats import ROUTES
from ingest.formats.boomerang_parameters import PARAMETERS
from ingest.normalise import Knowledge, normalise
from ingest.refusal import Refusal
from ingest.salts import SALT_BYTES, SaltBook
from ingest.sites import Site
from schemas.block import join_lines, split_lines
from schemas.drop_reasons import DropReason
from schemas.event import decode_beacon, encode_beacon

NOW = 1_750_000_000_000
REQUEST = Request(Site("shop"), NOW, "192.0.2.1", "agent")
BOOK = SaltBook(["shop"])
for key, value in BOOK.to_publish(NOW, lambda: bytes(SALT_BYTES)):
    BOOK.read(key, value)

PATHS = sorted(ROUTES)
FORMS = {"/boomerang", "/boomerang/"}
JSON = sorted(set(ROUTES) - FORMS)

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(
        [2**63, 2**64, -(2**63) - 1, 10**400, "jane@x.io", "LCP", "cls", "click", "\x00", "high_memory_usage"]
    )
)
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
maybe = scalars | anything


def shape(required: dict[str, Any], optional: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """An object of the right names whose values are right or anything."""
    mixed = {name: strategy | maybe for name, strategy in optional.items()}
    return st.fixed_dictionaries(dict(required), optional=mixed)


times = st.integers(NOW - 10**9, NOW + 10**9)
values = st.floats(0, 70_000)
attrs = st.dictionaries(st.text(max_size=5), scalars, max_size=40)
wire = shape(
    {"t": times, "k": st.sampled_from(["vital", "view", "error", "request", "custom", "dance"])},
    {
        "n": st.sampled_from(["LCP", "cls", "TypeError"]),
        "v": values,
        "id": st.text(),
        "view": st.integers(0, 2),
        "a": attrs,
    },
)
view = shape({"view_id": st.text()}, {"url": st.text(), "route": st.text(), "referrer": st.text(), "started_at": times})
rum = shape(
    {
        "v": st.just(1),
        "beacon_id": st.text(min_size=1),
        "session_id": st.text(min_size=1),
        "events": st.lists(wire, max_size=4),
    },
    {
        "views": st.lists(view, max_size=2),
        "sent_at": times,
        "sample_rate": st.floats(0, 1),
        "dropped": st.dictionaries(st.text(), st.integers(0, 9), max_size=3),
        "release": st.text(),
        "user_id": st.text(),
    },
)
plain_data = shape(
    {},
    {
        "hidden": st.booleans(),
        "type": st.text(),
        "target": st.text(),
        "name": st.text(),
        "duration": values,
        "message": st.text(),
        "stack": st.text(),
    },
)
plain = st.fixed_dictionaries(
    {
        "events": st.lists(
            shape(
                {
                    "type": st.sampled_from(
                        ["js_error", "user_interaction", "resource_timing", "visibility_change", "x"]
                    )
                },
                {
                    "data": plain_data,
                    "sessionId": st.text(),
                    "userId": st.integers(),
                    "timestamp": times,
                    "url": st.text(),
                    "userAgent": st.text(),
                },
            ),
            max_size=4,
        )
    }
)
metric = shape(
    {"metric": st.sampled_from(["lcp", "x"]), "value": values},
    {"timestamp": st.datetimes().map(str), "url": st.text(), "userAgent": st.text()},
)
react = shape(
    {"componentId": st.text(), "phase": st.sampled_from(["mount", "x"]), "duration": values}, {"timestamp": times}
)
alert = shape(
    {
        "type": st.just("high_memory_usage"),
        "data": shape({"usedMemoryMB": values}, {"limitMB": values, "url": st.text()}),
    },
    {"timestamp": times},
)
web_vital = shape(
    {"name": st.sampled_from(["LCP", "X"]), "value": values},
    {"id": st.text(), "navigationType": st.text(), "navigationURL": st.text(), "attribution": attrs, "delta": values},
)
coded = st.text("0123456789az,|*-_~()'", max_size=20)
trie = st.recursive(
    coded | scalars, lambda inner: st.dictionaries(st.text("a/|\n", max_size=3), inner, max_size=4), max_leaves=9
)
jsurl = st.text("~()'*!%-.0123456789abcdefmnstuwx", max_size=60) | st.builds(json.dumps, maybe)
form_value = (
    st.sampled_from(["", "0", "1", "xhr", "spa", "bfcache", "error", "click", "api_custom_timer", "1e400", "-1", "nan"])
    | st.integers(-10, 10**14).map(str)
    | st.floats(0, 70_000).map(str)
    | st.text(max_size=20)
    | jsurl
    | st.builds(json.dumps, trie)
)
form = st.dictionaries(st.sampled_from(sorted(PARAMETERS)), form_value, max_size=16)
shaped = rum | plain | metric | react | alert | web_vital | st.lists(web_vital, max_size=3)


def taken(path: str, body: bytes, request: Request = REQUEST) -> int:
    """How many events of a body were taken; every line must be one that the processor can read.

    Raises:
        Refusal: none.
    """
    route = ROUTES[path]
    decoded = route.decode(body, request)
    assert decoded.drafts
    assert 200 <= route.accepted({b"content-type": request.content_type.encode()}, decoded).status < 300
    events = 0
    for made in decoded.drafts:
        normalise(made, Knowledge(request, body, BOOK))
        line = encode_beacon(made.beacon)
        assert split_lines(join_lines([line])) == [line]
        back = decode_beacon(line)
        assert back.session_id
        assert back.beacon_id
        assert back.events
        assert all(NOW - 86_400_000 <= event.ts <= NOW for event in back.events)
        events += len(back.events)
    return events


def answered(path: str, body: bytes, request: Request = REQUEST) -> Refusal | int:
    try:
        return taken(path, body, request)
    except Refusal as refusal:
        told = refusal
    assert told.reason is DropReason.MALFORMED
    assert told.detail
    return told


@pytest.mark.parametrize("path", PATHS)
@given(body=st.binary(max_size=200))
def test_any_bytes(path: str, body: bytes) -> None:
    answered(path, body)


@pytest.mark.parametrize("path", PATHS)
@given(body=anything)
def test_any_json(path: str, body: Any) -> None:
    answered(path, json.dumps(body).encode("utf-8", "surrogatepass"))


@pytest.mark.parametrize("path", JSON)
@settings(max_examples=300)
@given(body=shaped, ascii_only=st.booleans())
def test_any_values_in_the_right_shape(path: str, body: Any, ascii_only: bool) -> None:
    answered(path, json.dumps(body, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass"))


@settings(max_examples=200)
@given(forms=st.lists(form, min_size=1, max_size=2))
def test_any_values_in_a_form(forms: list[dict[str, Any]]) -> None:
    answered("/boomerang", as_forms(forms))


def as_json(body: Any) -> bytes:
    return json.dumps(body).encode("utf-8", "surrogatepass")


def as_forms(forms: list[dict[str, Any]]) -> bytes:
    return "\n".join(urlencode(told, errors="replace") for told in forms).encode()


SHAPES = {
    "/api/v1/rum": st.builds(as_json, rum | plain),
    "/api/v1/metrics": st.builds(as_json, metric),
    "/api/v1/metrics/react": st.builds(as_json, react),
    "/api/v1/alerts": st.builds(as_json, alert),
    "/api/v1/vitals": st.builds(as_json, web_vital | st.lists(web_vital, max_size=3)),
    "/boomerang": st.builds(as_forms, st.lists(form, min_size=1, max_size=2)),
}


@pytest.mark.long
@pytest.mark.timeout(2 * 3600)
@pytest.mark.parametrize("path", sorted(set(ROUTES) - {"/boomerang/"}))
@settings(max_examples=100_000, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_hundred_thousand_bodies(path: str, data: st.DataObject) -> None:
    """Mostly of the route's own shape; a route without one here is given any JSON."""
    shape_of_route = SHAPES.get(path, st.builds(as_json, anything))
    answered(path, data.draw(shape_of_route | shape_of_route | st.builds(as_json, anything) | st.binary(max_size=200)))


FOUND: list[tuple[str, bytes]] = [
    # 1 / sample_rate is infinite: it was a 500
    (
        "/api/v1/rum",
        b'{"v":1,"beacon_id":"b","session_id":"s","sample_rate":5e-324,"events":[{"t":1,"k":"error"}]}',
    ),
    # a lone half of a surrogate pair, an empty key first in an object, a page without a host
    ("/boomerang", b"pid=p&n=1&u=//[&err=~(~(m~'**d83d))"),
    ("/boomerang", b"pid=p&n=1&u=x&err=~(~null)&c.lt=~(~null)"),
    ("/boomerang", b"pid=p&n=1&u=x&c.lt=~(~(d~1e400))&t_done=1e99"),
]
"""Bodies that once were answered wrongly, or that stand where that is near."""


@pytest.mark.parametrize(("path", "body"), FOUND)
def test_what_was_found_is_answered(path: str, body: bytes) -> None:
    assert isinstance(answered(path, body), int)


GOOD: dict[str, bytes] = {
    "/api/v1/rum": b'{"v":1,"beacon_id":"b","session_id":"s",'
    b'"events":[{"t":1,"k":"error","n":"E","a":{"m":"HERE"}}],"x":0}',
    "/api/v1/metrics": b'{"metric":"lcp","value":1,"url":"HERE","x":0}',
    "/api/v1/metrics/react": b'{"componentId":"HERE","phase":"mount","duration":1,"x":0}',
    "/api/v1/alerts": b'{"type":"high_memory_usage","data":{"usedMemoryMB":1,"url":"HERE"},"x":0}',
    "/api/v1/vitals": b'{"name":"LCP","value":1,"navigationURL":"HERE","x":0}',
    "/boomerang": b"pid=p&n=1&u=https://shop.example/HERE&err=~(~(m~'HERE))",
    "/boomerang/": b'pid=p&n=1&u=/HERE&restiming={"https://cdn.example/HERE":"1a,b"}',
    "/collect": b'{"meta":{},"logs":[{"message":"HERE"}],"x":0}',
    "/v1/traces": b'{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"HERE"}]}]}],"x":0}',
    "/v1/logs": b'{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"eventName":"HERE"}]}]}],"x":0}',
    "/v1/metrics": b'{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"HERE",'
    b'"gauge":{"dataPoints":[{"asInt":1}]}}]}]}],"x":0}',
}


@pytest.mark.parametrize("path", PATHS)
def test_the_good_body_of_each_route_is_taken(path: str) -> None:
    assert isinstance(answered(path, GOOD[path]), int)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "text", [rb"\u0000", rb"\ud83d", rb"\ude00\ud83d", rb"\\ud83d", "\u2028é😀".encode(), rb"\r\n\u001b[31m"]
)
def test_odd_texts_are_taken(path: str, text: bytes) -> None:
    assert isinstance(answered(path, GOOD[path].replace(b"HERE", text)), int)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("text", [b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xc0\x80"])
def test_invalid_utf_8_is_refused(path: str, text: bytes) -> None:
    told = answered(path, GOOD[path].replace(b"HERE", text))
    assert isinstance(told, Refusal)


@pytest.mark.parametrize("path", JSON)
@pytest.mark.parametrize(
    "deep", [b"[" * 100_000, b"[" * 100_000 + b"]" * 100_000, b'{"a":' * 100_000 + b"1" + b"}" * 100_000]
)
def test_deep_json_is_refused_at_once(path: str, deep: bytes) -> None:
    begun = time.process_time()
    assert isinstance(answered(path, deep), Refusal)
    assert isinstance(answered(path, GOOD[path].replace(b":0}", b":" + deep + b"}")), Refusal)
    assert time.process_time() - begun < 1


@pytest.mark.parametrize("path", JSON)
def test_a_key_given_twice_counts_once(path: str) -> None:
    body = GOOD[path]
    assert answered(path, body[:-1] + b"," + body[1:]) == answered(path, body)


def test_ten_thousand_events_are_read_at_once() -> None:
    events = b",".join([b'{"t":1,"k":"vital","n":"LCP","v":1}'] * 10_000)
    begun = time.process_time()
    assert taken("/api/v1/rum", b'{"v":1,"beacon_id":"b","session_id":"s","events":[' + events + b"]}") == 1_000
    assert time.process_time() - begun < 1
