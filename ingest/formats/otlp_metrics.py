"""`POST /v1/metrics`: OTLP's ExportMetricsServiceRequest: each data point an event, a vital where its name says so."""

import re
from typing import Any, Final

import xxhash
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceResponse

from ingest.draft import Decoded, Request, clock_of
from ingest.event_time import Clock
from ingest.formats import otlp_json, otlp_protobuf
from ingest.formats.answers import Answer, Headers
from ingest.formats.otlp_answers import otlp_answer
from ingest.formats.otlp_beacons import Beacons
from ingest.formats.otlp_events import event, text, without
from ingest.formats.otlp_shapes import Point, Series, reader
from ingest.formats.otlp_values import Attributes, integer, ms, nanoseconds, plain, real
from ingest.refusal import Refusal
from schemas.drop_reasons import DropReason
from schemas.event import Event

_point: Final = reader(Point)
_VITAL: Final = re.compile(r"(?:.*[._-])?(lcp|inp|cls|fcp|ttfb|fid|tbt)", re.IGNORECASE | re.DOTALL)
_IN_MS: Final = {"ms": 1.0, "s": 1_000.0, "us": 0.001, "ns": 0.000_001}
_NO_UNIT: Final = ("", "1")


def decode(body: bytes, request: Request) -> Decoded:
    """The beacons of the data points.

    Raises:
        Refusal: MALFORMED, the body is no such request or no data point in it is good.
    """
    beacons = Beacons(request)
    clock = clock_of(request, beacons.decoded)
    protobuf = otlp_protobuf.is_protobuf(request.content_type, body)
    every = otlp_protobuf.metric_series(body) if protobuf else otlp_json.metric_series(body, beacons.decoded)
    for series in every:

        def told(item: Any, series: Series = series) -> tuple[Attributes, list[Event]]:
            point = _point(item)
            attrs = plain(point.attributes)
            return attrs, [_event(series, point, attrs, clock)]

        beacons.take(series.place, series.resource, series.points, told)
    return beacons.finished(body)


def accepted(headers: Headers, decoded: Decoded) -> Answer:
    """200 with an ExportMetricsServiceResponse."""
    return otlp_answer(headers, decoded, ExportMetricsServiceResponse, "rejected_data_points")


def _event(series: Series, point: Point, attrs: Attributes, clock: Clock) -> Event:
    number, told = _measured(point)
    vital = _VITAL.fullmatch(series.name)
    if vital is not None and number is not None:
        made = event(
            "vital", vital[1].upper(), _scaled(number, series.unit), {**told, **without(attrs, "id", "navigation_type")}
        )
        made.metric_id, made.navigation_type = text(attrs, ["id"]), text(attrs, ["navigation_type"])
    else:
        value = None
        if number is not None and (series.unit in _IN_MS or series.unit in _NO_UNIT):
            value = _scaled(number, series.unit)
        elif number is not None:  # of another unit, such as bytes: no duration
            told = {"value": number, "unit": series.unit, **told}
        made = event("custom", series.name, value, {**told, **attrs})
        made.unit = made.unit if series.unit in _IN_MS else ""
    made.ts = clock.place(ms(nanoseconds(point.timeUnixNano)))
    made.metric_id = made.metric_id or _identity(series, point, attrs)
    return made


def _measured(point: Point) -> tuple[float | None, Attributes]:
    """The number of a point: of a histogram only where all it counted was the same; else its summary, as attributes.

    Raises:
        Refusal: NOT_A_NUMBER, MALFORMED.
    """
    if point.asInt is not None or point.asDouble is not None:
        number = integer(point.asInt) if point.asInt is not None else real(point.asDouble)
        if number is None:
            raise Refusal(DropReason.NOT_A_NUMBER, "the data point's value is not a number")
        return number, {}
    if point.count is None:
        raise Refusal(DropReason.MALFORMED, "the data point has neither a number nor a count")
    summary = {"count": integer(point.count), "sum": real(point.sum), "min": real(point.min), "max": real(point.max)}
    told: Attributes = {name: value for name, value in summary.items() if value is not None}
    if summary["count"] == 1:
        return summary["sum"], {}
    if summary["min"] is not None and summary["min"] == summary["max"]:
        return summary["min"], told
    return None, told


def _scaled(number: float, unit: str) -> float:
    return number * _IN_MS.get(unit, 1.0)


def _identity(series: Series, point: Point, attrs: Attributes) -> str:
    """Of one series since one start the last point counts: sums and histograms grow, a gauge is read again."""
    told = repr((series.name, str(point.startTimeUnixNano), sorted(attrs.items())))
    return xxhash.xxh3_128_hexdigest(told.encode("utf-8", "replace"))
