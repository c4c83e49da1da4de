"""OTLP in JSON: the envelopes, whose items stay text until each is taken, so that a bad one spoils no other."""

from collections.abc import Iterator
from typing import Final

import msgspec

from ingest.draft import Decoded
from ingest.formats.otlp_shapes import Group, Series
from ingest.formats.otlp_values import Attributes, KeyValue, plain
from ingest.json_body import read
from ingest.refusal import Refusal, excerpt
from schemas.drop_reasons import DropReason


class Resource(msgspec.Struct):
    """Who sends: the attributes that all its items share."""

    attributes: list[KeyValue] = []


class Scope(msgspec.Struct):
    """The instrumentation."""

    name: str = ""


class ScopeSpans(msgspec.Struct):
    """The spans of one instrumentation."""

    scope: Scope = msgspec.field(default_factory=Scope)
    spans: list[msgspec.Raw] = []


class ResourceSpans(msgspec.Struct):
    """The spans of one resource."""

    resource: Resource = msgspec.field(default_factory=Resource)
    scopeSpans: list[ScopeSpans] = []  # noqa: N815 - OTLP's spelling


class Traces(msgspec.Struct):
    """The body of `/v1/traces`."""

    resourceSpans: list[ResourceSpans]  # noqa: N815


class ScopeLogs(msgspec.Struct):
    """The log records of one instrumentation."""

    scope: Scope = msgspec.field(default_factory=Scope)
    logRecords: list[msgspec.Raw] = []  # noqa: N815


class ResourceLogs(msgspec.Struct):
    """The log records of one resource."""

    resource: Resource = msgspec.field(default_factory=Resource)
    scopeLogs: list[ScopeLogs] = []  # noqa: N815


class Logs(msgspec.Struct):
    """The body of `/v1/logs`."""

    resourceLogs: list[ResourceLogs]  # noqa: N815


class Points(msgspec.Struct):
    """The data points of a metric."""

    dataPoints: list[msgspec.Raw] = []  # noqa: N815


class Metric(msgspec.Struct):
    """A metric of one kind; summaries are not kept."""

    name: str
    unit: str = ""
    gauge: Points | None = None
    sum: Points | None = None
    histogram: Points | None = None
    exponentialHistogram: Points | None = None  # noqa: N815


class ScopeMetrics(msgspec.Struct):
    """The metrics of one instrumentation."""

    metrics: list[msgspec.Raw] = []


class ResourceMetrics(msgspec.Struct):
    """The metrics of one resource."""

    resource: Resource = msgspec.field(default_factory=Resource)
    scopeMetrics: list[ScopeMetrics] = []  # noqa: N815


class Metrics(msgspec.Struct):
    """The body of `/v1/metrics`."""

    resourceMetrics: list[ResourceMetrics]  # noqa: N815


_TRACES: Final = msgspec.json.Decoder(Traces)
_LOGS: Final = msgspec.json.Decoder(Logs)
_METRICS: Final = msgspec.json.Decoder(Metrics)
_METRIC: Final = msgspec.json.Decoder(Metric)


def span_groups(body: bytes, place: str = "") -> Iterator[Group]:
    """The spans of each resource and instrumentation. ``place``: where in the request this body stands.

    Raises:
        Refusal: MALFORMED.
    """
    for r, one in enumerate(read(_TRACES, body).resourceSpans):
        resource = plain(one.resource.attributes)
        for s, scoped in enumerate(one.scopeSpans):
            at = f"{place}resourceSpans[{r}].scopeSpans[{s}].spans"
            yield Group(at, resource, scoped.scope.name, list(scoped.spans))


def log_groups(body: bytes) -> Iterator[Group]:
    """The log records of each resource and instrumentation.

    Raises:
        Refusal: MALFORMED.
    """
    for r, one in enumerate(read(_LOGS, body).resourceLogs):
        resource = plain(one.resource.attributes)
        for s, scoped in enumerate(one.scopeLogs):
            place = f"resourceLogs[{r}].scopeLogs[{s}].logRecords"
            yield Group(place, resource, scoped.scope.name, list(scoped.logRecords))


def metric_series(body: bytes, decoded: Decoded) -> Iterator[Series]:
    """The data points of each metric; a metric that is none is refused alone.

    Raises:
        Refusal: MALFORMED.
    """
    for r, one in enumerate(read(_METRICS, body).resourceMetrics):
        resource = plain(one.resource.attributes)
        for s, scoped in enumerate(one.scopeMetrics):
            for m, raw in enumerate(scoped.metrics):
                place = f"resourceMetrics[{r}].scopeMetrics[{s}].metrics[{m}]"
                try:
                    metric = read(_METRIC, bytes(raw))
                except Refusal as refusal:
                    decoded.refuse(DropReason.EVENT_MALFORMED, refusal.detail, place, excerpt(raw))
                    continue
                yield from _series(metric, place, resource)


def _series(metric: Metric, place: str, resource: Attributes) -> Iterator[Series]:
    kinds = {
        "gauge": metric.gauge,
        "sum": metric.sum,
        "histogram": metric.histogram,
        "exponentialHistogram": metric.exponentialHistogram,
    }
    for kind, points in kinds.items():
        if points is not None:
            at = f"{place}.{kind}.dataPoints"
            yield Series(at, resource, metric.name, metric.unit, list(points.dataPoints))
