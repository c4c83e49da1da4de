"""Whatever the values, Faro and OTLP, in JSON and in protobuf, are answered with beacons or a refusal."""

import json
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

from ingest.draft import Request
from ingest.refusal import Refusal
from ingest.sites import Site
from tests.unit.ingest.test_any_body import NOW, answered, anything, maybe, scalars, shape, taken, values

PROTOBUF = Request(Site("shop"), NOW, "192.0.2.1", "agent", content_type="application/x-protobuf")
OTLP = ("/v1/logs", "/v1/metrics", "/v1/traces")

KEYS = (
    *("session.id", "session.previous_id", "user.id", "service.name", "service.version", "user_agent.original"),
    *("http.request.method", "http.method", "url.full", "http.url", "http.response.status_code", "event_type"),
    *("exception.type", "exception.message", "exception.stacktrace", "longtask.duration", "page.url", "page.route"),
    *("browser.web_vital.name", "browser.web_vital.value", "browser.web_vital.id", "lcp.value", "name", "value"),
)
TEXTS = (
    *("LCP", "cls", "GET", "404", "https://shop.example/product/9?q=jane@x.io", "/a/1", "webjs", "NaN", "inf", "1e400"),
    *("click", "TypeError", "\x00", "", "0", "9" * 40),
)
NAMES = (
    *("documentLoad", "documentFetch", "resourceFetch", "longtask", "click", "exception", "LCP", "browser.web_vital"),
    *("browser.navigation", "browser.navigation_timing", "browser.resource_timing", "browser.user_action.click", ""),
)
names = st.sampled_from(NAMES) | st.text(max_size=10)
texts = st.sampled_from(TEXTS) | st.text(max_size=10)
nanoseconds = st.integers(NOW * 10**6 - 10**15, NOW * 10**6 + 10**12)
times = nanoseconds | nanoseconds.map(str) | st.sampled_from([0, "0", -1, 2**63, 2**64, 10**30, 1.5, "1e3", "١"])
value = shape(
    {},
    {
        "stringValue": texts,
        "intValue": st.integers() | st.integers().map(str),
        "doubleValue": st.floats(),
        "boolValue": st.booleans(),
        "arrayValue": anything,
    },
)
attributes = st.lists(shape({"key": st.sampled_from(KEYS) | st.text(max_size=5)}, {"value": value}), max_size=8)
resource = shape({}, {"attributes": attributes})
scope = shape({}, {"name": st.text(max_size=5)})
happening = shape({}, {"name": names, "timeUnixNano": times, "attributes": attributes})
span = shape(
    {},
    {
        "name": names,
        "traceId": st.text(max_size=40),
        "spanId": st.text(max_size=20),
        "startTimeUnixNano": times,
        "endTimeUnixNano": times,
        "attributes": attributes,
        "events": st.lists(happening, max_size=3),
    },
)
record = shape(
    {},
    {
        "eventName": names,
        "timeUnixNano": times,
        "observedTimeUnixNano": times,
        "severityNumber": st.integers(),
        "severityText": st.text(max_size=5),
        "body": value | shape({}, {"kvlistValue": shape({}, {"values": attributes})}),
        "attributes": attributes,
    },
)
point = shape(
    {},
    {
        "startTimeUnixNano": times,
        "timeUnixNano": times,
        "asInt": st.integers() | texts,
        "asDouble": st.floats(),
        **dict.fromkeys(("count", "sum", "min", "max"), values),
        "attributes": attributes,
    },
)
points = shape({}, {"dataPoints": st.lists(point, max_size=3)})
metric = shape(
    {"name": st.sampled_from(["lcp", "web_vitals.cls", "x"])},
    {"unit": st.sampled_from(["s", "By", "1"]), "gauge": points, "sum": points, "histogram": points},
)


def otlp(resources: str, scopes: str, items: str, item: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    scoped = shape({items: st.lists(item | maybe, max_size=3)}, {"scope": scope})
    return st.fixed_dictionaries(
        {resources: st.lists(shape({scopes: st.lists(scoped, max_size=2)}, {"resource": resource}), max_size=2)}
    )


spans = otlp("resourceSpans", "scopeSpans", "spans", span)
BODIES = {
    "/v1/traces": spans,
    "/v1/logs": otlp("resourceLogs", "scopeLogs", "logRecords", record),
    "/v1/metrics": otlp("resourceMetrics", "scopeMetrics", "metrics", metric),
}

context = st.dictionaries(
    st.sampled_from(
        ["id", "duration", "name", "fromView", "toView", "navigation_type", "faroNavigationId", "userActionDuration"]
    )
    | st.text(max_size=5),
    texts | scalars,
    max_size=6,
)
at = {"timestamp": st.datetimes().map(str)}
frame = shape({}, {"filename": texts, "function": texts, "lineno": st.integers(), "colno": st.integers()})
meta = shape(
    {},
    {
        "session": shape({}, {"id": texts, "attributes": st.dictionaries(st.just("previousSession"), texts)}),
        "user": shape({}, {"id": texts, "email": texts, "hash": texts}),
        "page": shape({}, {"url": texts, "id": texts}),
        "view": shape({}, {"name": texts}),
        "app": shape({}, {"version": texts, "environment": texts}),
        "browser": shape({}, {"userAgent": texts}),
        "sdk": shape({}, {"name": texts, "version": texts}),
    },
)
measurement = shape(
    {"type": st.sampled_from(["web-vitals", "x"])},
    {"values": st.dictionaries(st.sampled_from(["lcp", "delta", "x"]), values), "context": context, **at},
)
event = shape(
    {
        "name": st.sampled_from(
            [
                *("faro.performance.navigation", "faro.performance.resource", "faro.tracing.fetch", "faro.user.action"),
                *("view_changed", "route_change", "session_extend", "x"),
            ]
        )
    },
    {"attributes": context, "trace": shape({}, {"trace_id": texts, "span_id": texts}), "domain": texts, **at},
)
failure = shape(
    {},
    {"type": texts, "value": texts, "context": context, "stacktrace": shape({}, {"frames": st.lists(frame)}), **at},
)
line = shape({}, {"message": texts, "level": texts, "context": context, **at})
faro = shape(
    {"meta": meta},
    {
        "measurements": st.lists(measurement | maybe, max_size=3),
        "events": st.lists(event | maybe, max_size=3),
        "exceptions": st.lists(failure | maybe, max_size=3),
        "logs": st.lists(line | maybe, max_size=3),
        "traces": spans,
    },
)


@pytest.mark.parametrize("path", OTLP)
@settings(max_examples=300)
@given(data=st.data())
def test_any_values_in_otlps_shape(path: str, data: st.DataObject) -> None:
    answered(path, json.dumps(data.draw(BODIES[path])).encode())


@settings(max_examples=300)
@given(body=faro)
def test_any_values_in_faros_shape(body: Any) -> None:
    answered("/collect", json.dumps(body).encode())


@pytest.mark.parametrize("path", OTLP)
@given(body=st.binary(max_size=200))
def test_any_bytes_as_protobuf(path: str, body: bytes) -> None:
    answered(path, body, PROTOBUF)


pairs = st.lists(
    st.builds(
        KeyValue,
        key=st.sampled_from(KEYS),
        value=st.builds(AnyValue, string_value=texts)
        | st.builds(AnyValue, int_value=st.integers(-(2**63), 2**63 - 1))
        | st.builds(AnyValue, double_value=st.floats())
        | st.builds(AnyValue, bytes_value=st.binary(max_size=3)),
    ),
    max_size=6,
)
unsigned = st.integers(0, 2**64 - 1) | nanoseconds


def whole(path: str, data: st.DataObject) -> bytes:
    """A protobuf request with one item of drawn values."""
    if path == "/v1/traces":
        traces = ExportTraceServiceRequest()
        drawn = traces.resource_spans.add().scope_spans.add().spans.add()
        drawn.name, drawn.trace_id = data.draw(names), data.draw(st.binary(max_size=20))
        drawn.start_time_unix_nano, drawn.end_time_unix_nano = data.draw(unsigned), data.draw(unsigned)
        drawn.attributes.extend(data.draw(pairs))
        drawn.events.add(name=data.draw(names), time_unix_nano=data.draw(unsigned), attributes=data.draw(pairs))
        return bytes(traces.SerializeToString())
    if path == "/v1/logs":
        logs = ExportLogsServiceRequest()
        written = logs.resource_logs.add().scope_logs.add().log_records.add()
        written.event_name, written.time_unix_nano = data.draw(names), data.draw(unsigned)
        written.attributes.extend(data.draw(pairs))
        written.body.kvlist_value.values.extend(data.draw(pairs))
        return bytes(logs.SerializeToString())
    metrics = ExportMetricsServiceRequest()
    measured = metrics.resource_metrics.add().scope_metrics.add().metrics
    measured.add(name="lcp").gauge.data_points.add(as_double=data.draw(st.floats()), time_unix_nano=data.draw(unsigned))
    measured.add(name="x", unit="s").histogram.data_points.add(count=data.draw(unsigned), sum=data.draw(st.floats()))
    return bytes(metrics.SerializeToString())


@pytest.mark.parametrize("path", OTLP)
@settings(max_examples=200)
@given(data=st.data())
def test_any_values_in_protobuf(path: str, data: st.DataObject) -> None:
    answered(path, whole(path, data), PROTOBUF)


def nested(depth: int) -> bytes:
    """A span whose attribute is a map in a map in a map …"""
    value = bytes(AnyValue(string_value="x").SerializeToString())
    for _ in range(depth):
        pair = b"\x0a\x01k\x12" + _length(value) + value
        values = b"\x0a" + _length(pair) + pair
        value = b"\x32" + _length(values) + values
    pair = b"\x0a\x01k\x12" + _length(value) + value
    span_told = b"\x2a\x01x\x4a" + _length(pair) + pair
    for tag in (b"\x12", b"\x12", b"\x0a"):
        span_told = tag + _length(span_told) + span_told
    return span_told


def test_deep_protobuf_is_refused_at_once() -> None:
    assert answered("/v1/traces", nested(10), PROTOBUF) == 1
    begun = time.process_time()
    told = answered("/v1/traces", nested(5_000), PROTOBUF)
    assert time.process_time() - begun < 1
    assert isinstance(told, Refusal)


def _length(of: bytes) -> bytes:
    left, told = len(of), bytearray()
    while left > 127:
        told.append(left & 127 | 128)
        left >>= 7
    return bytes([*told, left])


@pytest.mark.parametrize("path", OTLP)
@pytest.mark.parametrize("depth", [10, 100, 300, 900, 5_000])
def test_maps_in_maps_are_taken_or_refused(path: str, depth: int) -> None:
    told = b'{"kvlistValue":{"values":[{"key":"k","value":' * depth + b"{}" + b"}]}}" * depth
    attrs = b'{"name":"x","asInt":1,"attributes":[{"key":"a","value":' + told + b'}],"body":' + told + b"}"
    within = {
        "/v1/traces": b'{"resourceSpans":[{"scopeSpans":[{"spans":[%s]}]}]}',
        "/v1/logs": b'{"resourceLogs":[{"scopeLogs":[{"logRecords":[%s]}]}]}',
        "/v1/metrics": b'{"resourceMetrics":[{"scopeMetrics":[{"metrics":'
        b'[{"name":"x","gauge":{"dataPoints":[%s]}}]}]}]}',
    }
    assert answered(path, within[path] % attrs) == 1 or depth > 100


@pytest.mark.parametrize("path", OTLP)
def test_ten_thousand_attributes_are_read_at_once(path: str) -> None:
    many = [{"key": f"k{n}", "value": {"intValue": n}} for n in range(10_000)]
    spanned = {"resourceSpans": [{"scopeSpans": [{"spans": [{"name": "x", "attributes": many}]}]}]}
    logged = {"resourceLogs": [{"scopeLogs": [{"logRecords": [{"eventName": "x", "attributes": many}]}]}]}
    gauge = {"name": "x", "gauge": {"dataPoints": [{"asInt": 1, "attributes": many}]}}
    metered = {"resourceMetrics": [{"scopeMetrics": [{"metrics": [gauge]}]}]}
    body = {"/v1/traces": spanned, "/v1/logs": logged, "/v1/metrics": metered}[path]
    begun = time.process_time()
    assert taken(path, json.dumps(body).encode()) == 1
    assert time.process_time() - begun < 1


def test_ten_thousand_numbers_of_a_measurement_are_read_at_once() -> None:
    values_told = {f"k{n}": n for n in range(10_000)}
    body = json.dumps({"meta": {}, "measurements": [{"type": "x", "values": values_told}]}).encode()
    begun = time.process_time()
    assert taken("/collect", body) == 1_000
    assert time.process_time() - begun < 1
