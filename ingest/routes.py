"""Paths to routes: what differs from visitor to visitor becomes a placeholder (design section 4)."""

import re
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

from ingest.scrub import scrub_text
from schemas.limits import TEXT_LENGTH, URL_LENGTH

_SEGMENTS: Final = 16
_CACHED: Final = 8_192

_DATE: Final = re.compile(r"(?:19|20)\d\d-?(?:0[1-9]|1[0-2])(?:-?(?:0[1-9]|[12]\d|3[01]))?")
_ID: Final = re.compile(
    r"\d+(?:[.,_-]\d+)*"  # a number, or several
    r"|[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"  # UUID
    r"|(?=[a-fA-F]*\d)[0-9a-fA-F]{8,}"  # a hash in hex
    r"|(?=[^a-z]*[a-z])(?=[^A-Z]*[A-Z])(?=\D*\d)[A-Za-z0-9_-]{16,}"  # a hash in base64, a token
    r"|[0-9A-HJKMNP-TV-Z]{26}"  # ULID
)
_LONG_DIGITS: Final = re.compile(r"\d{5,}")
_MATRIX: Final = re.compile(r";.*")


def template(path: str) -> str:
    """The route of a path: `/product/123/reviews` becomes `/product/:id/reviews`, a date `:date`.

    Ids are numbers, UUIDs, hashes, scrubbed texts and slugs with five digits or more in a row. Segments beyond the
    sixteenth become `/…`; `;parameters` and a slash at the end go.
    """
    segments = [_segment(s) for s in path.split("/") if s]
    if len(segments) > _SEGMENTS:
        segments = [*segments[:_SEGMENTS], "…"]
    return ("/" + "/".join(segments))[:TEXT_LENGTH]


@lru_cache(maxsize=_CACHED)
def _route_of(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:  # such as an unfinished IPv6 host
        return ""
    if parts.scheme not in ("", "http", "https", "file"):
        return ""
    if not parts.path and not parts.netloc:
        return ""
    return template(scrub_text(parts.path))


def route_of(url: str) -> str:
    """The route of a url's path; empty where the url has none. Cached."""
    return _route_of(url[:URL_LENGTH].partition("#")[0].partition("?")[0]) if url else ""


def _segment(segment: str) -> str:
    segment = _MATRIX.sub("", segment)
    if _DATE.fullmatch(segment):
        return ":date"
    if _ID.fullmatch(segment) or _LONG_DIGITS.search(segment) or segment.startswith("["):
        return ":id"
    return segment
