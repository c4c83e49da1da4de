"""`POST /api/v1/metrics/react`: `{componentId, phase, duration, timestamp}`, one render of React's Profiler."""

from typing import Final, Literal

import msgspec

from ingest.draft import Decoded, Request, clock_of, draft
from ingest.event_time import client_ms
from ingest.json_body import read
from ingest.refusal import excerpt
from ingest.routes import route_of
from ingest.values import unit_of, why_refused, wrong_value
from schemas.drop_reasons import DropReason
from schemas.event import Event


class Render(msgspec.Struct):
    """The body; ``duration`` in ms, ``timestamp`` in ms or ISO 8601."""

    componentId: str  # noqa: N815 - the client's spelling
    phase: Literal["mount", "update", "nested-update"]
    duration: float | None
    timestamp: float | str | None = None
    url: str | None = None
    userAgent: str | None = None  # noqa: N815


_BODY: Final = msgspec.json.Decoder(Render)


def decode(body: bytes, request: Request) -> Decoded:
    """A beacon of one render.

    Raises:
        Refusal: MALFORMED, or the duration is not good.
    """
    told = read(_BODY, body)
    decoded = Decoded()
    made = draft(request, "react")
    made.user_agent = told.userAgent or made.user_agent
    wrong = DropReason.NOT_A_NUMBER if told.duration is None else wrong_value("render", "duration", told.duration)
    if wrong is not None:
        decoded.refuse(wrong, why_refused(wrong, "duration", told.duration), "$", excerpt(told))
        return decoded.checked()
    event = Event(
        ts=clock_of(request, decoded).place(client_ms(told.timestamp)),
        kind="render",
        name=told.componentId,
        value=told.duration,
        unit=unit_of("render", ""),
        url=told.url or "",
        route=route_of(told.url or ""),
        attrs={"phase": told.phase},
    )
    made.beacon.events.append(event)
    decoded.drafts.append(made)
    return decoded.checked()
