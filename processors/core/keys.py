"""Keys of a lane's state: one prefix byte a kind, then what sorts and finds it."""

from functools import lru_cache
from typing import Final

import xxhash

LANE_KEY: Final = b"l"
VISIT: Final = b"s"
WINDOW: Final = b"w"
HELD: Final = b"h"
LEDGER: Final = b"g"
CAPS: Final = b"c"
EXPIRY: Final = b"x"
"""When a visit may be forgotten: kept in the local store only, made anew from the visits."""


def visit_key(site: str, session_id: str) -> bytes:
    """Key of a visit: a 128-bit digest of (site, session id)."""
    return VISIT + xxhash.xxh3_128_digest(f"{site}\x00{session_id}".encode())


def window_key(start: int, series: tuple[str, ...]) -> bytes:
    """Key of a window: its start sorts first, so that old windows are one range."""
    return WINDOW + start.to_bytes(8) + xxhash.xxh3_128_digest("\x00".join(series).encode())


def windows_before(start: int) -> tuple[bytes, bytes]:
    """The key range [low, high) of all windows that start before ``start``."""
    return WINDOW, WINDOW + max(start, 0).to_bytes(8)


@lru_cache(maxsize=4_096)
def ledger_key(minute: int, site: str) -> bytes:
    """Key of a ledger minute: its start sorts first, so that old minutes are one range."""
    return LEDGER + minute.to_bytes(8) + xxhash.xxh3_128_digest(site.encode())


def ledger_before(minute: int) -> tuple[bytes, bytes]:
    """The key range [low, high) of all ledger minutes that start before ``minute``."""
    return LEDGER, LEDGER + max(minute, 0).to_bytes(8)


@lru_cache(maxsize=4_096)
def caps_key(site: str) -> bytes:
    """Key of a site's caps."""
    return CAPS + xxhash.xxh3_128_digest(site.encode())


def held_key(visit: bytes, number: int) -> bytes:
    """Key of the n-th held line of a visit."""
    return HELD + visit[1:] + number.to_bytes(4)


def expiry_key(at: int, visit: bytes) -> bytes:
    """Key of the reminder to look at a visit at event time ``at``."""
    return EXPIRY + at.to_bytes(8) + visit[1:]


def expiries_until(at: int) -> tuple[bytes, bytes]:
    """The key range [low, high) of all reminders up to and with ``at``."""
    return EXPIRY, EXPIRY + (at + 1).to_bytes(8)


def visit_of_expiry(key: bytes) -> bytes:
    """The visit that a reminder is for."""
    return VISIT + key[9:]


_ID_LENGTH: Final = 64


def bounded_id(text: str) -> str:
    """An id as state keeps it: itself when short, else its 128-bit digest."""
    return text if len(text) <= _ID_LENGTH else f"#{xxhash.xxh3_128_hexdigest(text.encode())}"


def url_id(url: str) -> str:
    """A url as state keeps it."""
    return xxhash.xxh3_64_hexdigest(url.encode())


def tracked_id(name: str, metric_id: str) -> str:
    """The id of a measurement within its visit: metric name, colon, metric id."""
    return f"{name}:{bounded_id(metric_id)}" if len(name) <= _ID_LENGTH else bounded_id(f"{name}:{metric_id}")
