"""The plain shape of `/api/v1/rum`: `{"events": [{type, sessionId, userId, timestamp, url, userAgent, data}]}`."""

import re
from collections.abc import Callable
from typing import Final

import msgspec

from ingest.draft import Decoded, Draft, Request, clock_of, draft
from ingest.event_time import client_ms
from ingest.json_body import read
from ingest.refusal import Refusal, excerpt
from ingest.routes import route_of
from ingest.values import unit_of, why_refused, wrong_value
from schemas.drop_reasons import DropReason
from schemas.event import AttrValue, Event
from schemas.limits import EVENTS_PER_BEACON

_ERROR_TYPE: Final = re.compile(r"(?:Uncaught (?:\(in promise\) )?)?([A-Za-z_$][\w$.]{0,60}(?:Error|Exception))\b")


class PlainEvent(msgspec.Struct):
    """One event; what is in ``data`` depends on the type."""

    type: str
    sessionId: str | int | None = None  # noqa: N815 - the client's spelling
    userId: str | int | None = None  # noqa: N815
    timestamp: float | str | None = None
    url: str | None = None
    userAgent: str | None = None  # noqa: N815
    data: msgspec.Raw = msgspec.Raw(b"{}")


class Visibility(msgspec.Struct):
    """Data of visibility_change."""

    hidden: bool
    timestamp: float | str | None = None


class Interaction(msgspec.Struct):
    """Data of user_interaction."""

    type: str
    target: str | None = None
    timestamp: float | str | None = None


class ResourceTiming(msgspec.Struct):
    """Data of resource_timing: ``name`` is the resource's url, ``type`` its initiator, ``duration`` in ms."""

    name: str
    duration: float | None
    size: float | None = None
    type: str | None = None


class JsError(msgspec.Struct):
    """Data of js_error."""

    message: str
    source: str | None = None
    line: int | None = None
    column: int | None = None
    stack: str | None = None


class Body(msgspec.Struct):
    """The whole body."""

    events: list[msgspec.Raw]


_BODY: Final = msgspec.json.Decoder(Body)
_EVENT: Final = msgspec.json.Decoder(PlainEvent)
_VISIBILITY: Final = msgspec.json.Decoder(Visibility)
_INTERACTION: Final = msgspec.json.Decoder(Interaction)
_RESOURCE: Final = msgspec.json.Decoder(ResourceTiming)
_JS_ERROR: Final = msgspec.json.Decoder(JsError)


def decode(body: bytes, request: Request) -> Decoded:
    """A beacon for each session in the body.

    Raises:
        Refusal: MALFORMED, the body is not of this shape or no event in it is good.
    """
    decoded = Decoded()
    clock = clock_of(request, decoded)
    sessions: dict[str, Draft] = {}
    for index, raw in enumerate(read(_BODY, body).events):
        place = f"events[{index}]"
        if index >= EVENTS_PER_BEACON:
            decoded.refuse(DropReason.TOO_MANY_EVENTS, f"more than {EVENTS_PER_BEACON} events in a beacon", place)
            continue
        try:
            told = read(_EVENT, bytes(raw))
            event, inner_time = _event(told)
        except Refusal as refusal:
            reason = DropReason.EVENT_MALFORMED if refusal.reason is DropReason.MALFORMED else refusal.reason
            decoded.refuse(reason, refusal.detail, place, excerpt(raw))
            continue
        when = told.timestamp if told.timestamp is not None else inner_time
        event.ts = clock.place(client_ms(when))
        _draft(sessions, told, request).beacon.events.append(event)
    decoded.drafts = list(sessions.values())
    return decoded.checked()


def _draft(sessions: dict[str, Draft], told: PlainEvent, request: Request) -> Draft:
    session_id = "" if told.sessionId is None else str(told.sessionId)
    made = sessions.get(session_id)
    if made is None:
        made = sessions[session_id] = draft(request, "plain")
        made.beacon.session_id = session_id
        made.user_agent = told.userAgent or made.user_agent
    if not made.user_id and told.userId is not None:
        made.user_id = str(told.userId)
    return made


def _event(told: PlainEvent) -> tuple[Event, float | str | None]:
    make = _MAKERS.get(told.type)
    if make is None:
        raise Refusal(DropReason.UNKNOWN_TYPE, f"type {told.type[:64]!r} is none of {', '.join(_MAKERS)}")
    event, when = make(bytes(told.data))
    page = told.url or ""
    event.url = event.url or page
    event.route = route_of(page)
    wrong = wrong_value(event.kind, event.name, event.value)
    if wrong is not None:
        raise Refusal(wrong, why_refused(wrong, event.name, event.value))
    return event, when


def _visibility(data: bytes) -> tuple[Event, float | str | None]:
    told = read(_VISIBILITY, data)
    return Event(ts=0, kind="visibility", name="hidden" if told.hidden else "visible", attrs={}), told.timestamp


def _interaction(data: bytes) -> tuple[Event, float | str | None]:
    told = read(_INTERACTION, data)
    attrs = {"target": told.target} if told.target else {}
    return Event(ts=0, kind="action", name=told.type, attrs=dict(attrs)), told.timestamp


def _resource(data: bytes) -> tuple[Event, float | str | None]:
    told = read(_RESOURCE, data)
    if told.duration is None:
        raise Refusal(DropReason.NOT_A_NUMBER, "the duration is not a number")
    event = Event(
        ts=0,
        kind="resource",
        name=told.type or "other",
        value=told.duration,
        unit=unit_of("resource", ""),
        url=told.name,
        attrs={} if told.size is None else {"size": told.size},
    )
    return event, None


def _js_error(data: bytes) -> tuple[Event, float | str | None]:
    told = read(_JS_ERROR, data)
    named = _ERROR_TYPE.match(told.message)
    attrs: dict[str, str | int | None] = {
        "message": told.message,
        "source": told.source,
        "line": told.line,
        "column": told.column,
        "stack": told.stack,
    }
    known: dict[str, AttrValue] = {name: value for name, value in attrs.items() if value is not None}
    return Event(ts=0, kind="error", name=named[1] if named else "Error", attrs=known), None


_MAKERS: Final[dict[str, Callable[[bytes], tuple[Event, float | str | None]]]] = {
    "visibility_change": _visibility,
    "user_interaction": _interaction,
    "resource_timing": _resource,
    "js_error": _js_error,
}
