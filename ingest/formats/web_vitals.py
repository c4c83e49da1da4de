"""`POST /api/v1/vitals`: a Metric of Google's `web-vitals` (v3 to v6), or an array of them.

The library tells no time, no session and, before v6, no page: event time is the time of arrival, the visitor a hash,
and the route stays empty rather than be taken from Referer, which by then may be the next page's.
"""

import re
from typing import Any, Final

import msgspec

from ingest.draft import Decoded, Request, clock_of, draft
from ingest.event_time import client_ms
from ingest.json_body import read
from ingest.refusal import Refusal, excerpt
from ingest.routes import route_of
from ingest.values import unit_of, why_refused, wrong_value
from schemas.drop_reasons import DropReason
from schemas.event import AttrValue, Event
from schemas.limits import ATTRS_PER_EVENT, EVENTS_PER_BEACON

_ID_TIME: Final = re.compile(r"v\d{1,2}-(\d{12,14})-")


class Metric(msgspec.Struct):
    """One report; ``attribution`` is there in the library's attribution build."""

    name: str
    value: float | None
    id: str = ""
    delta: float | None = None
    rating: str | None = None
    navigationType: str | None = None  # noqa: N815 - the library's spelling
    navigationId: str | int | None = None  # noqa: N815
    navigationURL: str | None = None  # noqa: N815
    timestamp: float | str | None = None
    attribution: dict[str, Any] | None = None


_ONE: Final = msgspec.json.Decoder(Metric)
_MANY: Final = msgspec.json.Decoder(list[msgspec.Raw])


def page_time(metric_id: str) -> int:
    """The time (ms) within a web-vitals id such as `v5-1700000000000-1234567890123`; 0 where there is none."""
    found = _ID_TIME.match(metric_id)
    return int(found[1]) if found else 0


def decode(body: bytes, request: Request) -> Decoded:
    """One beacon of all reports in the body.

    Raises:
        Refusal: MALFORMED, the body is neither shape or no report in it is good.
    """
    decoded = Decoded()
    made = draft(request, "web-vitals")
    clock = clock_of(request, decoded)
    several = body.lstrip()[:1] == b"["
    reports = read(_MANY, body) if several else [msgspec.Raw(body)]
    for index, raw in enumerate(reports):
        place = f"$[{index}]" if several else "$"
        if index >= EVENTS_PER_BEACON:
            decoded.refuse(DropReason.TOO_MANY_EVENTS, f"more than {EVENTS_PER_BEACON} reports in a beacon", place)
            continue
        try:
            told = read(_ONE, bytes(raw))
        except Refusal as refusal:
            if not several:
                raise
            decoded.refuse(DropReason.EVENT_MALFORMED, refusal.detail, place, excerpt(raw))
            continue
        name = told.name.upper()
        wrong = DropReason.NOT_A_NUMBER if told.value is None else wrong_value("vital", name, told.value)
        if wrong is not None:
            decoded.refuse(wrong, why_refused(wrong, told.name, told.value), place, excerpt(raw))
            continue
        made.page_time = made.page_time or page_time(told.id)
        event = _event(told, name)
        event.ts = clock.place(client_ms(told.timestamp))
        made.beacon.events.append(event)
    decoded.drafts.append(made)
    return decoded.checked()


def _event(told: Metric, name: str) -> Event:
    url = told.navigationURL or ""
    return Event(
        ts=0,
        kind="vital",
        name=name,
        value=told.value,
        unit=unit_of("vital", name),
        metric_id=told.id,
        url=url,
        route=route_of(url),
        navigation_type=told.navigationType or "",
        attrs=_attrs(told.attribution),
    )


def _attrs(attribution: dict[str, Any] | None) -> dict[str, AttrValue]:
    """The attribution's plain values; its entries and nodes are left out."""
    if not attribution:
        return {}
    plain = [(k, v) for k, v in attribution.items() if isinstance(v, (str, int, float, bool))]
    return dict(plain[:ATTRS_PER_EVENT])
