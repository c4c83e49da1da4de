"""`POST /v1/traces`: OTLP's ExportTraceServiceRequest, in JSON or protobuf, of browser instrumentations."""

from typing import Any, Final

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from ingest.draft import Decoded, Request, clock_of
from ingest.formats import otlp_json, otlp_protobuf
from ingest.formats.answers import Answer, Headers
from ingest.formats.otlp_answers import otlp_answer
from ingest.formats.otlp_beacons import Beacons
from ingest.formats.otlp_shapes import Span, reader
from ingest.formats.otlp_spans import span_events
from ingest.formats.otlp_values import Attributes, plain
from schemas.event import Event

read_span: Final = reader(Span)


def decode(body: bytes, request: Request) -> Decoded:
    """The beacons of the spans.

    Raises:
        Refusal: MALFORMED, the body is no such request or no span in it is good.
    """
    beacons = Beacons(request)
    clock = clock_of(request, beacons.decoded)

    def told(item: Any) -> tuple[Attributes, list[Event]]:
        span = read_span(item)
        attrs = plain(span.attributes)
        return attrs, span_events(span, attrs, clock)

    protobuf = otlp_protobuf.is_protobuf(request.content_type, body)
    for group in otlp_protobuf.span_groups(body) if protobuf else otlp_json.span_groups(body):
        beacons.take(group.place, group.resource, group.items, told)
    return beacons.finished(body)


def accepted(headers: Headers, decoded: Decoded) -> Answer:
    """200 with an ExportTraceServiceResponse."""
    return otlp_answer(headers, decoded, ExportTraceServiceResponse, "rejected_spans")
