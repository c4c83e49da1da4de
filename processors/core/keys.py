"""Keys of a lane's state: one prefix byte a kind, then what sorts and finds it."""

from functools import lru_cache
from typing import Final

import xxhash

LANE_KEY: Final = b"l"
VISIT: Final = b"s"
PAGE: Final = b"v"
WINDOW: Final = b"w"
HELD: Final = b"h"
LEDGER: Final = b"g"
CAPS: Final = b"c"
EXPIRY: Final = b"x"
"""When a visit may be forgotten: kept in the local store only, made anew from the visits."""


def visit_key(site: str, session_id: str) -> bytes:
    """Key of a visit: a 128-bit digest of (site, session id)."""
    return VISIT + xxhash.xxh3_128_digest(f"{site}\x00{session_id}".encode())


def series_digest(series: tuple[str, ...]) -> bytes:
    """128 bits for a series."""
    return xxhash.xxh3_128_digest("\x00".join(series).encode())


def window_key(start: int, series: bytes) -> bytes:
    """Key of a window of a series (its digest): its start sorts first, so that old windows are one range."""
    return WINDOW + start.to_bytes(8) + series


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


def page_key(visit: bytes, opened_at: int, page: int) -> bytes:
    """Key of a page view of a session of a visit."""
    return PAGE + visit[1:] + opened_at.to_bytes(8) + page.to_bytes(8)


def page_of(view_id: str, metric_id: str) -> int:
    """A page view as a session keeps it: a 64-bit digest; a measurement without a view id has one of its own."""
    return xxhash.xxh3_64_intdigest((view_id or metric_id).encode())


def held_key(appended_at: int, offset: int) -> bytes:
    """Key of what is held back of a block: its append time sorts first, so that old ones are one range."""
    return HELD + appended_at.to_bytes(8) + offset.to_bytes(8)


def held_before(appended_at: int) -> tuple[bytes, bytes]:
    """The key range [low, high) of all that is held back of blocks appended before."""
    return HELD, HELD + max(appended_at, 0).to_bytes(8)


def expiry_key(at: int, visit: bytes) -> bytes:
    """Key of the reminder to look at a visit at event time ``at``."""
    return EXPIRY + at.to_bytes(8) + visit[1:]


def expiries_until(at: int) -> tuple[bytes, bytes]:
    """The key range [low, high) of all reminders up to and with ``at``."""
    return EXPIRY, EXPIRY + (at + 1).to_bytes(8)


def visit_of_expiry(key: bytes) -> bytes:
    """The visit that a reminder is for."""
    return VISIT + key[9:]


_ID_LENGTH: Final = 96


def beacon_key(beacon_id: str) -> int:
    """A beacon id as state keeps it: a 64-bit digest (of 10,000 ids two are alike once in 10^11 visits)."""
    return xxhash.xxh3_64_intdigest(beacon_id.encode())


def url_id(url: str) -> str:
    """A url as state keeps it."""
    return xxhash.xxh3_64_hexdigest(url.encode())


def tracked_id(name: str, metric_id: str) -> str:
    """The id of a measurement within its page view: metric name, colon, metric id; a long one as its digest."""
    known_as = f"{name}:{metric_id}"
    return known_as if len(known_as) <= _ID_LENGTH else f"#{xxhash.xxh3_128_hexdigest(known_as.encode())}"
