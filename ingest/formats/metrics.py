"""`POST /api/v1/metrics`: `{metric, value, timestamp, url, userAgent}`, one vital, reported again as it grows.

The client names neither sessions nor measurements: the visitor is a hash, and the processor makes the metric id.
"""

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


class Metric(msgspec.Struct):
    """The body; ``timestamp`` is ISO 8601 or ms."""

    metric: str
    value: float | None
    timestamp: str | float | None = None
    url: str | None = None
    userAgent: str | None = None  # noqa: N815 - the client's spelling


_BODY: Final = msgspec.json.Decoder(Metric)


def decode(body: bytes, request: Request) -> Decoded:
    """A beacon of one vital.

    Raises:
        Refusal: MALFORMED, or the value or the metric's name is not good.
    """
    told = read(_BODY, body)
    decoded = Decoded()
    made = draft(request, "metrics")
    made.user_agent = told.userAgent or made.user_agent
    name = told.metric.upper()
    wrong = DropReason.NOT_A_NUMBER if told.value is None else wrong_value("vital", name, told.value)
    if wrong is not None:
        decoded.refuse(wrong, why_refused(wrong, told.metric, told.value), "$", excerpt(told))
        return decoded.checked()
    event = Event(
        ts=clock_of(request, decoded).place(client_ms(told.timestamp)),
        kind="vital",
        name=name,
        value=told.value,
        unit=unit_of("vital", name),
        url=told.url or "",
        route=route_of(told.url or ""),
        attrs={},
    )
    made.beacon.events.append(event)
    decoded.drafts.append(made)
    return decoded.checked()
