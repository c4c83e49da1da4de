"""The browser SDK's batch (`"v": 1`, docs/collector.md): shared fields and page views once, then the events."""

from typing import Annotated, Final, Literal, get_args

import msgspec
from msgspec import UNSET, Meta, UnsetType

from ingest.draft import Decoded, Draft, Request, clock_of, draft
from ingest.event_time import Clock
from ingest.json_body import read
from ingest.refusal import Refusal, excerpt
from ingest.routes import route_of
from ingest.values import unit_of, why_refused, wrong_value
from schemas.drop_reasons import DropReason
from schemas.event import AttrValue, Event, Kind
from schemas.limits import EVENTS_PER_BEACON, WEIGHT_MAX, WEIGHT_ONE
from schemas.measures import KINDS

KINDS_KNOWN: Final[frozenset[str]] = frozenset(get_args(Kind))
_WITHOUT_VALUE: Final = frozenset(kind for kind, measure in KINDS.items() if not measure.cap)
_WITH_URL: Final = ("resource", "request")
_REASONS_TOLD: Final = 16


class View(msgspec.Struct):
    """A page view that events point at by its place in the list."""

    view_id: str
    url: str = ""
    route: str = ""
    referrer: str = ""
    navigation_type: str = ""
    started_at: float = 0


class WireEvent(msgspec.Struct):
    """One event: client time in ms, kind, name, value (null: the client's NaN), id, index of its view, attributes."""

    t: float
    k: str
    n: str = ""
    v: float | UnsetType | None = UNSET
    id: str = ""
    view: int = 0
    a: dict[str, str | int | float | bool | None] = {}


class Head(msgspec.Struct, kw_only=True):
    """What all events of a batch share."""

    v: Literal[1]
    key: str = ""
    beacon_id: Annotated[str, Meta(min_length=1)]
    session_id: Annotated[str, Meta(min_length=1)]
    seq: Annotated[int, Meta(ge=0, le=2**53 - 1)] = 0
    sent_at: float = 0
    session_start: float = 0
    sample_rate: Annotated[float, Meta(gt=0, le=1)] = 1
    dropped: dict[str, Annotated[int, Meta(ge=0, le=2**53 - 1)]] = {}
    release: str = ""
    environment: str = ""
    user_id: str = ""
    views: list[View] = []


class Batch(Head, kw_only=True):
    """A batch whose events are all well formed."""

    events: list[WireEvent]


class MixedBatch(Head, kw_only=True):
    """A batch with some event that is not: each is read on its own."""

    events: list[msgspec.Raw]


BATCH: Final = msgspec.json.Decoder(Batch)
_MIXED: Final = msgspec.json.Decoder(MixedBatch)
_EVENT: Final = msgspec.json.Decoder(WireEvent)


def decode(body: bytes, request: Request) -> Decoded:
    """The beacon of a batch; events that are not good are told apart.

    Raises:
        Refusal: MALFORMED, the batch is not one or no event in it is good.
    """
    decoded = Decoded()
    head: Head
    events: list[tuple[int, WireEvent]]
    try:
        batch = read(BATCH, body)
        head, events = batch, list(enumerate(batch.events))
    except Refusal:
        mixed = read(_MIXED, body)
        head, events = mixed, _readable(mixed.events, decoded)
    made = _draft(head, request)
    clock = clock_of(request, decoded, head.sent_at)
    for index, wire in events:
        event = _event(wire, index, head.views, clock, decoded)
        if event is not None:
            made.beacon.events.append(event)
    decoded.drafts.append(made)
    return decoded.checked()


def _readable(events: list[msgspec.Raw], decoded: Decoded) -> list[tuple[int, WireEvent]]:
    good: list[tuple[int, WireEvent]] = []
    for index, raw in enumerate(events):
        try:
            good.append((index, read(_EVENT, bytes(raw))))
        except Refusal as refusal:
            decoded.refuse(DropReason.EVENT_MALFORMED, refusal.detail, f"events[{index}]", excerpt(raw))
    return good


def _draft(head: Head, request: Request) -> Draft:
    made = draft(request, "rum")
    beacon = made.beacon
    beacon.beacon_id, beacon.session_id, beacon.seq = head.beacon_id, head.session_id, head.seq
    beacon.sent_at = int(head.sent_at) if 0 < head.sent_at < 2**53 else 0
    beacon.dropped = dict(list(head.dropped.items())[:_REASONS_TOLD])
    beacon.release = head.release
    beacon.environment = head.environment or beacon.environment
    beacon.weight = max(round(min(WEIGHT_ONE / head.sample_rate, WEIGHT_MAX)), WEIGHT_ONE)  # of 5e-324 it is inf
    made.user_id = head.user_id
    return made


def _event(wire: WireEvent, index: int, views: list[View], clock: Clock, decoded: Decoded) -> Event | None:
    if index >= EVENTS_PER_BEACON:
        decoded.refuse(
            DropReason.TOO_MANY_EVENTS, f"more than {EVENTS_PER_BEACON} events in a beacon", f"events[{index}]"
        )
        return None
    if wire.k not in KINDS_KNOWN:
        _refuse(decoded, DropReason.UNKNOWN_TYPE, f"kind {wire.k[:64]!r} is not known", wire, index)
        return None
    if not 0 <= wire.view < max(len(views), 1):
        _refuse(decoded, DropReason.EVENT_MALFORMED, f"view {wire.view} of {len(views)} views", wire, index)
        return None
    kind, name, value = wire.k, wire.n, None if wire.v is UNSET else wire.v
    if kind == "vital":
        name = name.upper()
    elif kind == "request" and (name[:1] == "/" or "://" in name):
        name = route_of(name)
    wrong = DropReason.NOT_A_NUMBER if wire.v is None else wrong_value(kind, name, value)
    if wrong is not None:
        _refuse(decoded, wrong, why_refused(wrong, name, value), wire, index)
        return None
    event = Event(
        ts=clock.place(wire.t),
        kind=kind,  # type: ignore[arg-type] # known, see above
        name=name,
        value=None if kind in _WITHOUT_VALUE else value,
        unit=unit_of(kind, name) if value is not None else "",
        metric_id=wire.id,
        attrs=_told(wire.a),
    )
    if views:
        _show(event, views[wire.view])
    if kind in _WITH_URL:
        _move_attrs(event)
    return event


def _told(attrs: "dict[str, AttrValue | None]") -> dict[str, AttrValue]:
    """Without those of null."""
    if None in attrs.values():
        return {key: told for key, told in attrs.items() if told is not None}
    return attrs  # type: ignore[return-value] # just looked


def _refuse(decoded: Decoded, reason: DropReason, detail: str, wire: WireEvent, index: int) -> None:
    decoded.refuse(reason, detail, f"events[{index}]", excerpt(wire))


def _show(event: Event, view: View) -> None:
    if not view.route:
        view.route = route_of(view.url)  # once for all events of the view
    event.view_id, event.url, event.route = view.view_id, view.url, view.route
    event.navigation_type = view.navigation_type
    if event.kind == "view":
        event.metric_id = f"view:{view.view_id}"
        if view.referrer:
            event.attrs["referrer"] = view.referrer


def _move_attrs(event: Event) -> None:
    """A resource's own url and a response's status have fields; the page stays in the route."""
    url, status = event.attrs.pop("url", None), event.attrs.pop("status", None)
    if isinstance(url, str):
        event.url = url
    if isinstance(status, int) and 0 <= status <= 999:
        event.status = status
