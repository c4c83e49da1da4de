"""OTLP's spans, log records and data points: one shape for JSON and protobuf (opentelemetry-proto)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import msgspec

from ingest.formats.otlp_values import AnyValue, Attributes, KeyValue, Number
from ingest.json_body import read

T = TypeVar("T")


class SpanEvent(msgspec.Struct):
    """Something at a moment of a span."""

    name: str = ""
    timeUnixNano: Number = 0  # noqa: N815 - OTLP's spelling
    attributes: list[KeyValue] = []


class Span(msgspec.Struct):
    """Something that took time."""

    traceId: str = ""  # noqa: N815
    spanId: str = ""  # noqa: N815
    name: str = ""
    startTimeUnixNano: Number = 0  # noqa: N815
    endTimeUnixNano: Number = 0  # noqa: N815
    attributes: list[KeyValue] = []
    events: list[SpanEvent] = []


class LogRecord(msgspec.Struct):
    """A log line, or an event where it has an event name."""

    timeUnixNano: Number = 0  # noqa: N815
    observedTimeUnixNano: Number = 0  # noqa: N815
    severityNumber: int | str = 0  # noqa: N815
    severityText: str = ""  # noqa: N815
    eventName: str = ""  # noqa: N815
    body: AnyValue | None = None
    attributes: list[KeyValue] = []


class Point(msgspec.Struct):
    """A data point: a number, or a histogram's count, sum, min and max."""

    startTimeUnixNano: Number = 0  # noqa: N815
    timeUnixNano: Number = 0  # noqa: N815
    attributes: list[KeyValue] = []
    asDouble: Number | None = None  # noqa: N815
    asInt: Number | None = None  # noqa: N815
    count: Number | None = None
    sum: Number | None = None
    min: Number | None = None
    max: Number | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Items of one resource and one instrumentation. An item is a Raw JSON text, or what protobuf read of it."""

    place: str
    resource: Attributes
    scope: str
    items: list[Any]


@dataclass(frozen=True, slots=True)
class Series:
    """The data points of one metric, each as the items of a group are."""

    place: str
    resource: Attributes
    name: str
    unit: str
    points: list[Any]


def reader(kind: type[T]) -> Callable[[Any], T]:
    """Reads items of a kind, which protobuf's are already; raises Refusal (MALFORMED)."""
    decoder: Final = msgspec.json.Decoder(kind)

    def record(item: Any) -> T:
        return read(decoder, bytes(item)) if isinstance(item, msgspec.Raw) else item

    return record
