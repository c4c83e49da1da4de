"""Beacon and event: what a web page said, as it travels in `rum.beacons` (design section 4)."""

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from schemas.limits import TEXT_LENGTH, URL_LENGTH, WEIGHT_MAX, WEIGHT_ONE

SCHEMA_VERSION: Final = 1

Kind = Literal[
    "vital",
    "navigation",
    "view",
    "resource",
    "request",
    "error",
    "action",
    "longtask",
    "render",
    "memory",
    "visibility",
    "alert",
    "custom",
]
Source = Literal["browser", "server", "lab"]
Protocol = Literal[
    "rum", "plain", "metrics", "react", "alerts", "web-vitals", "faro", "boomerang", "otlp", "server", "lab"
]
AttrValue = str | int | float | bool

Count = Annotated[int, Meta(ge=0, le=2**53 - 1)]
"""A time in ms or a number that every JSON reader keeps exact."""

Weight = Annotated[int, Meta(ge=WEIGHT_ONE, le=WEIGHT_MAX)]
Text = Annotated[str, Meta(max_length=TEXT_LENGTH)]
Url = Annotated[str, Meta(max_length=URL_LENGTH)]


class Event(msgspec.Struct, omit_defaults=True, gc=False):
    """One thing that happened on a page.

    ``ts`` is event time in ms since the epoch. ``value`` is in ``unit`` (``ms``, ``score``, ``MB``); None means
    the event is counted but carries no measurement. ``metric_id`` names a measurement that later reports may
    correct, or where they say ``adds``, add to (docs/decisions/0004); ``view_id`` the page view. ``name`` is bounded:
    metric, component, endpoint template, initiator type.
    Texts are cut to schemas.limits before they are encoded; the decoder refuses longer ones.
    """

    ts: Count
    kind: Kind
    name: Text = ""
    value: float | None = None
    unit: Text = ""
    metric_id: Text = ""
    view_id: Text = ""
    route: Text = ""
    url: Url = ""
    navigation_type: Text = ""
    status: Count = 0
    adds: bool = False
    attrs: dict[str, AttrValue] = {}


class Beacon(msgspec.Struct, omit_defaults=True):
    """One request of one client: what its events share, and the events.

    ``received_at`` is the collector's clock in ms, ``sent_at`` the client's at this attempt (0: not told).
    ``weight`` is 1 / client sample rate in fixed point (1000 = 1.0). ``site`` is the immutable id, never the key.
    """

    schema: Count
    beacon_id: Text
    site: Text
    session_id: Text
    received_at: Count
    protocol: Protocol
    environment: Text = ""
    source: Source = "browser"
    seq: Count = 0
    dropped: dict[str, Count] = {}
    sent_at: Count = 0
    device: Text = ""
    browser: Text = ""
    os: Text = ""
    country: Text = ""
    connection: Text = ""
    release: Text = ""
    user_hash: Text = ""
    previous_session: Text = ""
    weight: Weight = 1000
    events: list[Event] = []


_encoder: Final = msgspec.json.Encoder()
_decoder: Final = msgspec.json.Decoder(Beacon)


def encode_beacon(beacon: Beacon) -> bytes:
    """One beacon as one JSON line, without the newline. JSON escapes newlines, so a line never splits."""
    return _encoder.encode(beacon)


def decode_beacon(line: bytes | memoryview) -> Beacon:
    """The beacon of one line.

    Raises:
        msgspec.DecodeError: not JSON, or (ValidationError) not a beacon; the message says where.
    """
    return _decoder.decode(line)
