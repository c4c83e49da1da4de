"""Beacon and event: what a web page said, as it travels in `rum.beacons` (design section 4)."""

from typing import Final, Literal

import msgspec

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


class Event(msgspec.Struct, omit_defaults=True, gc=False):
    """One thing that happened on a page.

    ``ts`` is event time in ms since the epoch. ``value`` is in ``unit`` (``ms``, ``score``, ``MB``); None means
    the event is counted but carries no measurement. ``metric_id`` names a measurement that later reports may
    correct; ``view_id`` the page view. ``name`` is bounded: metric, component, endpoint template, initiator type.
    """

    ts: int
    kind: Kind
    name: str = ""
    value: float | None = None
    unit: str = ""
    metric_id: str = ""
    view_id: str = ""
    route: str = ""
    url: str = ""
    navigation_type: str = ""
    status: int = 0
    attrs: dict[str, AttrValue] = {}


class Beacon(msgspec.Struct, omit_defaults=True):
    """One request of one client: what its events share, and the events.

    ``received_at`` is the collector's clock in ms, ``sent_at`` the client's at this attempt (0: not told).
    ``weight`` is 1 / client sample rate in fixed point (1000 = 1.0). ``site`` is the immutable id, never the key.
    """

    schema: int
    beacon_id: str
    site: str
    session_id: str
    received_at: int
    protocol: Protocol
    environment: str = ""
    source: Source = "browser"
    seq: int = 0
    dropped: dict[str, int] = {}
    sent_at: int = 0
    device: str = ""
    browser: str = ""
    os: str = ""
    country: str = ""
    connection: str = ""
    release: str = ""
    user_hash: str = ""
    previous_session: str = ""
    weight: int = 1000
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
