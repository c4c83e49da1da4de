"""`POST /v1/logs`: OTLP's ExportLogsServiceRequest: logs, and the events of OpenTelemetry's browser packages."""

from typing import Any, Final

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse

from ingest.draft import Decoded, Request, clock_of
from ingest.event_time import Clock
from ingest.formats import otlp_json, otlp_protobuf
from ingest.formats.answers import Answer, Headers
from ingest.formats.otlp_answers import otlp_answer
from ingest.formats.otlp_beacons import Beacons
from ingest.formats.otlp_events import URL, event, exception, is_exception, on_page, text, web_vital, without
from ingest.formats.otlp_shapes import LogRecord, reader
from ingest.formats.otlp_spans import page_view
from ingest.formats.otlp_values import Attributes, ms, nanoseconds, plain, real, scalar
from ingest.routes import route_of
from schemas.event import Event

_record: Final = reader(LogRecord)
_LEVELS: Final = ("trace", "debug", "info", "warn", "error", "fatal")
_TIMING: Final = "browser.resource_timing."
_LOAD: Final = "browser.navigation_timing."
_NAVIGATION: Final = "browser.navigation."
_ACTION: Final = "browser.user_action."


def decode(body: bytes, request: Request) -> Decoded:
    """The beacons of the log records.

    Raises:
        Refusal: MALFORMED, the body is no such request or no record in it is good.
    """
    beacons = Beacons(request)
    clock = clock_of(request, beacons.decoded)

    def told(item: Any) -> tuple[Attributes, list[Event]]:
        record = _record(item)
        attrs = plain(record.attributes)
        return attrs, [_event(record, attrs, clock)]

    protobuf = otlp_protobuf.is_protobuf(request.content_type, body)
    for group in otlp_protobuf.log_groups(body) if protobuf else otlp_json.log_groups(body):
        beacons.take(group.place, group.resource, group.items, told)
    return beacons.finished(body)


def accepted(headers: Headers, decoded: Decoded) -> Answer:
    """200 with an ExportLogsServiceResponse."""
    return otlp_answer(headers, decoded, ExportLogsServiceResponse, "rejected_log_records")


def _event(record: LogRecord, attrs: Attributes, clock: Clock) -> Event:
    name = record.eventName or text(attrs, ["event.name"])
    attrs = without(attrs, "event.name")
    in_body = plain(record.body.kvlistValue.values) if record.body and record.body.kvlistValue else {}
    made = _of_name(name, {**in_body, **attrs}) or _log(name, record, {**in_body, **attrs})
    made.ts = clock.place(ms(nanoseconds(record.timeUnixNano) or nanoseconds(record.observedTimeUnixNano)))
    made.metric_id = made.metric_id or text(attrs, ["log.record.uid"])
    return made


def _of_name(name: str, attrs: Attributes) -> Event | None:
    vital = web_vital(name, attrs)
    if vital is not None:
        return vital
    if is_exception(name, attrs):
        return exception(attrs)
    url, rest = text(attrs, URL), without(attrs, *URL)
    if name == "browser.navigation":
        return _view(url, attrs)
    if name == "browser.navigation_timing":
        made = event("navigation", "navigation", _duration(attrs), _timings(rest), url)
        made.route, made.navigation_type = route_of(url), text(attrs, [f"{_LOAD}type"])
        return made
    if name == "browser.resource_timing":
        return event(
            "resource", text(attrs, [f"{_TIMING}initiator_type"]) or "other", _duration(attrs), _timings(rest), url
        )
    if name.startswith(_ACTION):
        return on_page("action", name.removeprefix(_ACTION), None, attrs)
    return None


def _view(url: str, attrs: Attributes) -> Event:
    """A page load or, in the same document, a soft navigation."""
    soft = attrs.get(f"{_NAVIGATION}same_document") is True
    load = event("navigation", "navigation", None, {}, url)
    load.route, load.navigation_type = route_of(url), "soft-navigation" if soft else "navigate"
    return page_view(load, "")


def _duration(attrs: Attributes) -> float | None:
    return real(attrs.get(f"{_TIMING}duration", attrs.get(f"{_LOAD}duration")))


def _timings(attrs: Attributes) -> Attributes:
    short = {key.removeprefix(_TIMING).removeprefix(_LOAD): told for key, told in attrs.items()}
    return without(short, "duration", "type", "initiator_type")


def _log(name: str, record: LogRecord, attrs: Attributes) -> Event:
    message = scalar(record.body)
    told: Attributes = {"level": record.severityText.lower() or _level(record.severityNumber)}
    if message is not None:
        told["message"] = message
    return event("custom", name or "log", None, {**told, **attrs, **told})


def _level(severity: int | str) -> str:
    """The level of a severity number: four to a level, from 1 on."""
    return _LEVELS[(severity - 1) // 4] if isinstance(severity, int) and 1 <= severity <= 24 else "unspecified"
