"""What OTLP's clients are told: the response message of their request, in the encoding that they asked in."""

from typing import Final

import msgspec
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceResponse
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from ingest.draft import Decoded
from ingest.formats.answers import Answer, Headers

_Response = type[ExportTraceServiceResponse] | type[ExportLogsServiceResponse] | type[ExportMetricsServiceResponse]

_JSON: Final = ((b"content-type", b"application/json"),)
_PROTOBUF: Final = ((b"content-type", b"application/x-protobuf"),)
_JSON_NAMES: Final = {
    "rejected_spans": "rejectedSpans",
    "rejected_log_records": "rejectedLogRecords",
    "rejected_data_points": "rejectedDataPoints",
}


def otlp_answer(headers: Headers, decoded: Decoded, response: _Response, rejected: str) -> Answer:
    """200, with the partial success where some items were refused. ``rejected`` is the field of their number."""
    number = len(decoded.refused)
    why = f"{decoded.refused[0].place}: {decoded.refused[0].reason.value}" if number else ""
    if b"protobuf" in headers.get(b"content-type", b"").lower():
        told = response()
        if number:
            setattr(told.partial_success, rejected, number)
            told.partial_success.error_message = why
        return Answer(200, _PROTOBUF, told.SerializeToString())
    if not number:
        return Answer(200, _JSON, b"{}")
    partial = {"partialSuccess": {_JSON_NAMES[rejected]: str(number), "errorMessage": why}}
    return Answer(200, _JSON, msgspec.json.encode(partial))
