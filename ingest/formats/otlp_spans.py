"""What a span becomes: the spans of OpenTelemetry's browser instrumentations by their names, others by attributes."""

from typing import Final

from ingest.event_time import Clock
from ingest.formats.otlp_events import (
    URL,
    event,
    exception,
    http_request,
    is_exception,
    is_request,
    on_page,
    text,
    web_vital,
    without,
)
from ingest.formats.otlp_shapes import Span, SpanEvent
from ingest.formats.otlp_values import Attributes, ms, nanoseconds, plain, real, span_ms
from ingest.routes import route_of
from schemas.event import Event

_TIMINGS: Final = 32
_LONG_TASK: Final = "longtask"


def span_events(span: Span, attrs: Attributes, clock: Clock) -> list[Event]:
    """The span's event (two of a page load: it is a view, too) and one for each exception in it.

    The trace and span id are the measurement's: told twice, as Faro does, it counts once.

    Raises:
        Refusal: MALFORMED, a time is none.
    """
    start, end = nanoseconds(span.startTimeUnixNano), nanoseconds(span.endTimeUnixNano)
    made = [_of_span(span, attrs, start, span_ms(start, end))]
    known_as = f"{span.traceId}:{span.spanId}" if span.traceId and span.spanId else ""
    for one in made:
        one.ts = clock.place(ms(start))
        one.metric_id = one.metric_id or known_as
    if made[0].kind == "navigation":
        made.append(page_view(made[0], known_as))
    for number, within in enumerate(span.events):
        told = plain(within.attributes) if within.attributes else {}
        if is_exception(within.name, told):
            failed = exception(told)
            failed.url, failed.route = failed.url or made[0].url, failed.route or made[0].route
            failed.metric_id = f"{known_as}:{number}" if known_as else ""
            failed.ts = clock.place(ms(nanoseconds(within.timeUnixNano) or start))
            made.append(failed)
    return made


def page_view(load: Event, known_as: str) -> Event:
    """The view that a page load is."""
    return Event(
        ts=load.ts,
        kind="view",
        name="page_view",
        url=load.url,
        route=load.route,
        metric_id=f"view:{known_as}" if known_as else "",
        view_id=load.view_id,
        navigation_type=load.navigation_type,
        attrs={},
    )


def _of_span(span: Span, attrs: Attributes, start: int, duration: float | None) -> Event:
    vital = web_vital(span.name, attrs)
    if vital is not None:
        return vital
    url, rest = text(attrs, URL), without(attrs, *URL)
    if span.name == "documentLoad":
        made = event("navigation", "navigation", duration, {**_timings(span, start), **rest}, url)
        made.route = route_of(url)
    elif span.name in ("documentFetch", "resourceFetch"):
        name = "navigation" if span.name == "documentFetch" else "other"
        made = event("resource", name, duration, {**_timings(span, start), **rest}, url)
    elif span.name == _LONG_TASK:
        made = _long_task(attrs, duration)
    elif "event_type" in attrs:
        made = on_page("action", str(attrs["event_type"]), duration, without(attrs, "event_type"))
    elif is_request(attrs):
        made = http_request(attrs, duration)
    else:
        made = event("custom", span.name, duration, rest, url)
    return made


def _long_task(attrs: Attributes, duration: float | None) -> Event:
    exact = real(attrs.get("longtask.duration"))
    name = text(attrs, ["longtask.name"]) or _LONG_TASK
    value = exact if exact is not None else duration
    return event("longtask", name, value, without(attrs, "longtask.name", "longtask.duration", "longtask.entry_type"))


def _timings(span: Span, start: int) -> Attributes:
    """The moments within a load (`responseStart`, `domInteractive` …) as ms since its start; one before it was none."""
    told: dict[str, SpanEvent] = {one.name: one for one in span.events[:_TIMINGS] if one.name}
    since = {name: span_ms(start, nanoseconds(one.timeUnixNano)) for name, one in told.items()}
    return {name: value for name, value in since.items() if value is not None and value >= 0}
