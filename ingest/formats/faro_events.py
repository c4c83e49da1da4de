"""Faro's events by their names: timings of the page and its resources, requests, views, actions, sessions."""

from collections.abc import Callable
from typing import Final

import msgspec

from ingest.formats.faro_items import Context, known
from ingest.formats.faro_meta import Meta, Page, route_named
from ingest.formats.otlp_events import http_request, is_request, without
from ingest.formats.otlp_spans import page_view
from ingest.formats.otlp_values import Attributes, real
from ingest.routes import route_of
from ingest.values import unit_of
from schemas.event import Event, Kind
from schemas.limits import TEXT_LENGTH

_NS: Final = 1_000_000
_TRACING: Final = "faro.tracing."
_ACTION: Final = "faro.user.action"
_DURATION_NS: Final = "duration_ns"
_USUAL_DOMAIN: Final = "browser"
_SESSIONS: Final = ("session_start", "session_resume", "session_extend")


class Trace(msgspec.Struct):
    """The span that an event tells of."""

    trace_id: str = ""
    span_id: str = ""


class Told(msgspec.Struct):
    """One event; its attributes are texts, numbers too."""

    name: str
    timestamp: str | float | None = None
    domain: str | None = None
    attributes: Context | None = None
    trace: Trace | None = None


def event_of(told: Told, page: Page, meta: Meta) -> list[Event]:
    """What the event becomes; those that Faro has no name for are custom."""
    attrs = known(told.attributes)
    make = _MAKERS.get(told.name)
    if make is not None:
        return make(attrs, page)
    if told.name.startswith(_TRACING) and is_request(attrs):
        return [_request(told, attrs)]
    if told.name in _SESSIONS and meta.sdk:
        attrs["sdk"] = f"{meta.sdk.name or ''} {meta.sdk.version or ''}".strip()
    if told.domain and told.domain != _USUAL_DOMAIN:
        attrs["domain"] = told.domain
    return [Event(ts=0, kind="custom", name=told.name[:TEXT_LENGTH], attrs=attrs)]


def _navigation(attrs: Attributes, page: Page) -> list[Event]:
    """A page load, which is a view too; its id is Faro's navigation id."""
    known_as = str(attrs.get("faroNavigationId") or "")
    made = _timed("navigation", "navigation", attrs.get("duration"), _numbers(without(attrs, *_OWN_FIELDS)))
    made.navigation_type, made.view_id = str(attrs.get("type") or ""), known_as
    made.url, made.route = page.url or str(attrs.get("name") or ""), page.route
    made.metric_id = known_as
    return [made, page_view(made, known_as)]


def _resource(attrs: Attributes, page: Page) -> list[Event]:  # noqa: ARG001 - of any page
    name = str(attrs.get("initiatorType") or "other")
    made = _timed("resource", name, attrs.get("duration"), _numbers(without(attrs, *_OWN_FIELDS)))
    made.url, made.metric_id = str(attrs.get("name") or ""), str(attrs.get("faroResourceId") or "")
    status = real(attrs.get("responseStatus"))
    if status is not None and 0 <= status <= 999:
        made.status = int(status)
    return [made]


def _view_changed(attrs: Attributes, page: Page) -> list[Event]:
    """Another view on the same page; the first one of a page load comes with the load."""
    route = route_named(str(attrs.get("toView") or ""))
    if not route_named(str(attrs.get("fromView") or "")) or not route:
        return [Event(ts=0, kind="custom", name="view_changed", attrs=attrs)]
    return [_soft(page.url, route, attrs)]


def _route_change(attrs: Attributes, page: Page) -> list[Event]:
    url = str(attrs.get("toUrl") or page.url)
    return [_soft(url, route_named(str(attrs.get("toRoute") or "")) or route_of(url), attrs)]


def _soft(url: str, route: str, attrs: Attributes) -> Event:
    return Event(
        ts=0, kind="view", name="page_view", url=url, route=route, navigation_type="soft-navigation", attrs=dict(attrs)
    )


def _action(attrs: Attributes, page: Page) -> list[Event]:  # noqa: ARG001 - on any page
    name, duration = attrs.get("userActionName"), attrs.get("userActionDuration")
    return [_timed("action", str(name or "action"), duration, without(attrs, "userActionName", "userActionDuration"))]


def _request(told: Told, attrs: Attributes) -> Event:
    """A request that a span tells of, too: under the span's id, so that it counts once."""
    nanoseconds = real(attrs.get(_DURATION_NS))
    made = http_request(without(attrs, _DURATION_NS), None if nanoseconds is None else nanoseconds / _NS)
    if told.trace and told.trace.trace_id and told.trace.span_id:
        made.metric_id = f"{told.trace.trace_id}:{told.trace.span_id}"
    return made


def _timed(kind: Kind, name: str, duration: str | float | None, attrs: Attributes) -> Event:
    value = real(duration)
    unit = unit_of(kind, name) if value is not None else ""
    return Event(ts=0, kind=kind, name=name[:TEXT_LENGTH], value=value, unit=unit, attrs=attrs)


_TLS: Final = "tlsNegotiationTime"
_TCP: Final = "tcpHandshakeTime"
_OWN_FIELDS: Final = (
    "name",
    "duration",
    "type",
    "initiatorType",
    "responseStatus",
    "httpHost",
    "faroNavigationId",
    "faroPreviousNavigationId",
    "faroResourceId",
)


def _numbers(attrs: Attributes) -> Attributes:
    """The timings and sizes as numbers, the rest as it is, without what is not known.

    Faro takes the TLS time from a start that is 0 without TLS: longer than the handshake it was part of, it was none.
    """
    told: Attributes = {}
    for key, text in attrs.items():
        number = real(text)
        if number is not None:
            told[key] = number
        elif text != "unknown":
            told[key] = text
    if (real(told.get(_TLS)) or 0) > (real(told.get(_TCP)) or 0):
        del told[_TLS]
    return told


_MAKERS: Final[dict[str, Callable[[Attributes, Page], list[Event]]]] = {
    "faro.performance.navigation": _navigation,
    "faro.performance.resource": _resource,
    "view_changed": _view_changed,
    "route_change": _route_change,
    _ACTION: _action,
}
