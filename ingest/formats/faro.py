"""`POST /collect`: Grafana Faro's TransportBody `{meta, measurements, events, exceptions, logs, traces}`.

Observed of @grafana/faro-web-sdk 2.12; the Idempotency-Key, the same at each attempt, is the beacon's id.
"""

from collections.abc import Callable
from typing import Any, Final

import msgspec

from ingest.draft import Decoded, Request, clock_of
from ingest.event_time import Clock, client_ms
from ingest.formats import otlp_json
from ingest.formats.faro_events import Told, event_of
from ingest.formats.faro_items import Exception_, Log, Measurement, error, log, measured
from ingest.formats.faro_meta import Meta, Page, draft_of, page_of
from ingest.formats.items import Items
from ingest.formats.otlp_shapes import Span, reader
from ingest.formats.otlp_spans import span_events
from ingest.formats.otlp_values import plain
from ingest.formats.web_vitals import page_time
from ingest.json_body import read
from ingest.refusal import Refusal, excerpt
from schemas.drop_reasons import DropReason
from schemas.event import Event


class Body(msgspec.Struct):
    """The whole body; one of the lists at least has items."""

    meta: Meta
    measurements: list[msgspec.Raw] = []
    events: list[msgspec.Raw] = []
    exceptions: list[msgspec.Raw] = []
    logs: list[msgspec.Raw] = []
    traces: msgspec.Raw = msgspec.Raw()


_BODY: Final = msgspec.json.Decoder(Body)
_measurement: Final = reader(Measurement)
_told: Final = reader(Told)
_exception: Final = reader(Exception_)
_log: Final = reader(Log)
_span: Final = reader(Span)


def decode(body: bytes, request: Request) -> Decoded:
    """The beacon of the session in ``meta``.

    Raises:
        Refusal: MALFORMED, the body is not of this shape or no item in it is good.
    """
    told = read(_BODY, body)
    decoded = Decoded()
    clock, items, page = clock_of(request, decoded), Items(decoded), page_of(told.meta)
    made = draft_of(told.meta, request)
    events = made.beacon.events
    events += items.take("measurements", told.measurements, _at(clock, page, _measurement, measured))
    events += items.take("events", told.events, _at(clock, page, _told, lambda e: event_of(e, page, told.meta)))
    events += items.take("exceptions", told.exceptions, _at(clock, page, _exception, error))
    events += items.take("logs", told.logs, _at(clock, page, _log, log))
    if told.traces:
        events += _of_traces(bytes(told.traces), items, clock, page, decoded)
    made.page_time = next(filter(None, (page_time(event.metric_id) for event in events)), 0)
    decoded.drafts.append(made)
    return decoded.checked()


def _at(
    clock: Clock, page: Page, record: Callable[[Any], Any], events_of: Callable[[Any], list[Event]]
) -> Callable[[Any], list[Event]]:
    """Items of a kind to events on the page, at the time that the item tells."""

    def made(item: Any) -> list[Event]:
        told = record(item)
        when = clock.place(client_ms(told.timestamp))
        return [page.shows(event, when) for event in events_of(told)]

    return made


def _of_traces(traces: bytes, items: Items, clock: Clock, page: Page, decoded: Decoded) -> list[Event]:
    """The spans that came along (OTLP in JSON); where they are none, the rest of the body is still good."""

    def made(item: Any) -> list[Event]:
        span = _span(item)
        return [page.shows(event, event.ts) for event in span_events(span, plain(span.attributes), clock)]

    try:
        groups = list(otlp_json.span_groups(traces, "traces."))
    except Refusal as refusal:
        decoded.refuse(DropReason.EVENT_MALFORMED, refusal.detail, "traces", excerpt(msgspec.Raw(traces)))
        return []
    return [event for group in groups for event in items.take(group.place, group.items, made)]
