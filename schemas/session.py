"""Session rows: the whole of one visit as a lane knows it (design section 6)."""

from typing import Final

import msgspec


class SessionRow(msgspec.Struct, omit_defaults=True):
    """One session, absolute: a higher version replaces it. Identity: (site, session_id, opened_at, lane).

    ``opened_at`` is the event time in ms that opened it and never changes; ``started_at`` and ``ended_at`` are the
    first and last event times seen. ``engaged_ms`` adds the gaps between events, long ones cut. ``weight`` is
    1 / client sample rate (1000 = 1.0). ``worst_vital`` is the metric behind ``worst_rating``.
    """

    site: str
    session_id: str
    opened_at: int
    lane: int
    version: int
    started_at: int
    ended_at: int
    environment: str = ""
    source: str = ""
    protocol: str = ""
    release: str = ""
    device: str = ""
    browser: str = ""
    os: str = ""
    country: str = ""
    connection: str = ""
    user_hash: str = ""
    previous_session: str = ""
    entry_route: str = ""
    exit_route: str = ""
    views: int = 0
    events: int = 0
    errors: int = 0
    duplicates: int = 0
    engaged_ms: int = 0
    worst_vital: str = ""
    worst_rating: str = ""
    weight: int = 1000


_encoder: Final = msgspec.json.Encoder()
_decoder: Final = msgspec.json.Decoder(SessionRow)


def session_key(site: str, session_id: str, opened_at: int) -> bytes:
    """The Kafka key of a session within its lane's partition: a JSON list."""
    return _encoder.encode([site, session_id, opened_at])


def encode_session(row: SessionRow) -> bytes:
    """The row as JSON."""
    return _encoder.encode(row)


def decode_session(value: bytes) -> SessionRow:
    """The row of a `rum.sessions` record.

    Raises:
        msgspec.DecodeError: not a session row.
    """
    return _decoder.decode(value)
