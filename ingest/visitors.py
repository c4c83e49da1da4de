"""Session ids for clients that have none, and ids that say nothing about a person (design section 4)."""

import re
from hashlib import blake2b
from ipaddress import IPv6Address, ip_address
from typing import Final

import xxhash

from schemas.limits import TEXT_LENGTH

DAY_MS: Final = 86_400_000
_DIGEST: Final = 16
_OPAQUE: Final = re.compile(rf"[\w.:~+/=|,!()*-]{{1,{TEXT_LENGTH}}}", re.ASCII)


def network_of(ip: str) -> str:
    """The address, of IPv6 the /64 (its lower half changes by itself, RFC 8981); what is no address stays."""
    try:
        address = ip_address(ip)
    except ValueError:
        return ip
    if not isinstance(address, IPv6Address):
        return ip
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return address.packed[:8].hex()


def day_of(page_time: int, received_at: int) -> int:
    """The UTC day (number since the epoch) whose salt names a visitor.

    The page's own time says so where it is of the day before at the earliest, so that midnight does not split a page
    view; else the time of arrival.
    """
    today = received_at // DAY_MS
    told = page_time // DAY_MS
    return told if today - 1 <= told <= today else today


def visitor_id(salt: bytes, site: str, ip: str, user_agent: str) -> str:
    """A visitor for a day: a keyed hash (BLAKE2b) of site, network and user agent."""
    told = f"{site}\x00{network_of(ip)}\x00{user_agent}".encode("utf-8", "replace")
    return "d:" + blake2b(told, key=salt, digest_size=_DIGEST).hexdigest()


def user_hash(salt: bytes, user_id: str) -> str:
    """A user id hashed with the site's salt; empty where there is none."""
    return blake2b(user_id.encode("utf-8", "replace"), key=salt, digest_size=_DIGEST).hexdigest() if user_id else ""


def anonymous_session(salt: bytes, site: str, told: str) -> str:
    """A client's session under the day's salt: the same for a day, and nobody's when the salt is destroyed."""
    return "a:" + blake2b(f"{site}\x00{told}".encode("utf-8", "replace"), key=salt, digest_size=_DIGEST).hexdigest()


def opaque(salt: bytes, told: str) -> str:
    """A client's id as it is, or its keyed hash where it is too long or could be an address or a token."""
    if not told or ("eyJ" not in told and _OPAQUE.fullmatch(told)):
        return told
    return "x:" + blake2b(told.encode("utf-8", "replace"), key=salt, digest_size=_DIGEST).hexdigest()


def body_id(site: str, session_id: str, body: bytes) -> str:
    """The beacon id of a client that has none: xxh3_128 of site, session and the body's bytes."""
    digest = xxhash.xxh3_128(f"{site}\x00{session_id}\x00".encode("utf-8", "replace"))
    digest.update(body)
    return f"h:{digest.hexdigest()}"
