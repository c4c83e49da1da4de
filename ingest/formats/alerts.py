"""`POST /api/v1/alerts`: `{type: "high_memory_usage", data: {usedMemoryMB, limitMB, url}}`."""

from typing import Final

import msgspec

from ingest.draft import Decoded, Request, clock_of, draft
from ingest.event_time import client_ms
from ingest.json_body import read
from ingest.refusal import excerpt
from ingest.routes import route_of
from ingest.values import unit_of, why_refused, wrong_value
from schemas.drop_reasons import DropReason
from schemas.event import Event

HIGH_MEMORY: Final = "high_memory_usage"


class Memory(msgspec.Struct):
    """What the alert is about, in MB."""

    usedMemoryMB: float | None  # noqa: N815 - the client's spelling
    limitMB: float | None = None  # noqa: N815
    url: str | None = None


class Alert(msgspec.Struct):
    """The body."""

    type: str
    data: Memory
    timestamp: float | str | None = None
    userAgent: str | None = None  # noqa: N815


_BODY: Final = msgspec.json.Decoder(Alert)


def decode(body: bytes, request: Request) -> Decoded:
    """A beacon of the alert and of the memory in use.

    Raises:
        Refusal: MALFORMED, or the type is not known, or the memory is not a good number.
    """
    told = read(_BODY, body)
    decoded = Decoded()
    made = draft(request, "alerts")
    made.user_agent = told.userAgent or made.user_agent
    used, url = told.data.usedMemoryMB, told.data.url or ""
    wrong = DropReason.NOT_A_NUMBER if used is None else wrong_value("memory", "usedMemoryMB", used)
    if told.type != HIGH_MEMORY:
        detail = f"type {told.type[:64]!r} is not {HIGH_MEMORY!r}"
        decoded.refuse(DropReason.UNKNOWN_TYPE, detail, "$.type", excerpt(told))
    elif wrong is not None:
        decoded.refuse(wrong, why_refused(wrong, "usedMemoryMB", used), "$.data.usedMemoryMB", excerpt(told))
    else:
        ts = clock_of(request, decoded).place(client_ms(told.timestamp))
        numbers = {"usedMemoryMB": used, "limitMB": told.data.limitMB}
        attrs = {name: value for name, value in numbers.items() if value is not None}
        route = route_of(url)
        made.beacon.events += [
            Event(ts=ts, kind="alert", name=told.type, url=url, route=route, attrs=dict(attrs)),
            Event(
                ts=ts,
                kind="memory",
                name="usedMemoryMB",
                value=used,
                unit=unit_of("memory", ""),
                url=url,
                route=route,
                attrs={},
            ),
        ]
    decoded.drafts.append(made)
    return decoded.checked()
