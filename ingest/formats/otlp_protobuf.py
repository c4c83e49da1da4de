"""OTLP in protobuf, read by OpenTelemetry's own package into the shapes that JSON is read into."""

from collections.abc import Iterable, Iterator
from typing import Final, TypeVar

from google.protobuf.message import DecodeError, Message
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1 import common_pb2
from opentelemetry.proto.logs.v1 import logs_pb2
from opentelemetry.proto.metrics.v1 import metrics_pb2
from opentelemetry.proto.trace.v1 import trace_pb2

from ingest.formats.otlp_shapes import Group, LogRecord, Point, Series, Span, SpanEvent
from ingest.formats.otlp_values import AnyValue, Attributes, KeyValue, KeyValues, plain
from ingest.refusal import Refusal
from schemas.drop_reasons import DropReason

MEDIA_TYPE: Final = "application/x-protobuf"

_Request = TypeVar("_Request", bound=Message)
_Pairs = Iterable[common_pb2.KeyValue]


def is_protobuf(content_type: str, body: bytes) -> bool:
    """Whether a body is protobuf: its type says so, and it does not begin as JSON does (no OTLP message could)."""
    return "protobuf" in content_type.lower() and body[:1] != b"{"


def span_groups(body: bytes) -> Iterator[Group]:
    """The spans of each resource and instrumentation.

    Raises:
        Refusal: MALFORMED.
    """
    for r, one in enumerate(_parse(ExportTraceServiceRequest(), body).resource_spans):
        resource = _resource(one.resource.attributes)
        for s, scoped in enumerate(one.scope_spans):
            place = f"resourceSpans[{r}].scopeSpans[{s}].spans"
            yield Group(place, resource, scoped.scope.name, [_span(span) for span in scoped.spans])


def log_groups(body: bytes) -> Iterator[Group]:
    """The log records of each resource and instrumentation.

    Raises:
        Refusal: MALFORMED.
    """
    for r, one in enumerate(_parse(ExportLogsServiceRequest(), body).resource_logs):
        resource = _resource(one.resource.attributes)
        for s, scoped in enumerate(one.scope_logs):
            place = f"resourceLogs[{r}].scopeLogs[{s}].logRecords"
            yield Group(place, resource, scoped.scope.name, [_record(record) for record in scoped.log_records])


def metric_series(body: bytes) -> Iterator[Series]:
    """The data points of each metric.

    Raises:
        Refusal: MALFORMED.
    """
    for r, one in enumerate(_parse(ExportMetricsServiceRequest(), body).resource_metrics):
        resource = _resource(one.resource.attributes)
        for s, scoped in enumerate(one.scope_metrics):
            for m, metric in enumerate(scoped.metrics):
                place = f"resourceMetrics[{r}].scopeMetrics[{s}].metrics[{m}].dataPoints"
                yield Series(place, resource, metric.name, metric.unit, _points(metric))


def _parse(request: _Request, body: bytes) -> _Request:
    try:
        request.ParseFromString(body)
    except DecodeError as error:
        raise Refusal(DropReason.MALFORMED, f"not a protobuf {request.DESCRIPTOR.full_name}: {error}") from error
    return request


def _span(span: trace_pb2.Span) -> Span:
    return Span(
        traceId=span.trace_id.hex(),
        spanId=span.span_id.hex(),
        name=span.name,
        startTimeUnixNano=span.start_time_unix_nano,
        endTimeUnixNano=span.end_time_unix_nano,
        attributes=_pairs(span.attributes),
        events=[SpanEvent(e.name, e.time_unix_nano, _pairs(e.attributes)) for e in span.events],
    )


def _record(record: logs_pb2.LogRecord) -> LogRecord:
    return LogRecord(
        timeUnixNano=record.time_unix_nano,
        observedTimeUnixNano=record.observed_time_unix_nano,
        severityNumber=record.severity_number,
        severityText=record.severity_text,
        eventName=record.event_name,
        body=_value(record.body),
        attributes=_pairs(record.attributes),
    )


def _points(metric: metrics_pb2.Metric) -> list[Point]:
    numbers = (*metric.gauge.data_points, *metric.sum.data_points)
    histograms = (*metric.histogram.data_points, *metric.exponential_histogram.data_points)
    return [*(_number(point) for point in numbers), *(_histogram(point) for point in histograms)]


def _number(point: metrics_pb2.NumberDataPoint) -> Point:
    made = Point(point.start_time_unix_nano, point.time_unix_nano, _pairs(point.attributes))
    if point.HasField("as_int"):
        made.asInt = point.as_int
    elif point.HasField("as_double"):
        made.asDouble = point.as_double
    return made


def _histogram(point: metrics_pb2.HistogramDataPoint | metrics_pb2.ExponentialHistogramDataPoint) -> Point:
    made = Point(point.start_time_unix_nano, point.time_unix_nano, _pairs(point.attributes), count=point.count)
    made.sum = point.sum if point.HasField("sum") else None
    made.min = point.min if point.HasField("min") else None
    made.max = point.max if point.HasField("max") else None
    return made


def _resource(attributes: _Pairs) -> Attributes:
    return plain(_pairs(attributes))


def _pairs(attributes: _Pairs) -> list[KeyValue]:
    return [KeyValue(pair.key, _value(pair.value)) for pair in attributes]


def _value(value: common_pb2.AnyValue) -> AnyValue | None:
    kind = value.WhichOneof("value")
    if kind == "string_value":
        return AnyValue(stringValue=value.string_value)
    if kind == "bool_value":
        return AnyValue(boolValue=value.bool_value)
    if kind == "int_value":
        return AnyValue(intValue=value.int_value)
    if kind == "double_value":
        return AnyValue(doubleValue=value.double_value)
    if kind == "kvlist_value":
        return AnyValue(kvlistValue=KeyValues(_pairs(value.kvlist_value.values)))
    return None
