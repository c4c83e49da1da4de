"""What must not be stored is removed before Kafka: e-mails, tokens, card numbers, queries (design section 4)."""

import re
from collections.abc import Collection
from functools import lru_cache
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from schemas.limits import URL_LENGTH

EMAIL: Final = "[email]"
TOKEN: Final = "[token]"  # noqa: S105 - the placeholder
CARD: Final = "[card]"
_CACHED: Final = 8_192
SHORT: Final = 256
"""Texts up to this length are remembered; longer ones seldom come again."""
_MARGIN: Final = 256

# Each begins only where a run of its characters begins, so that a search stays linear in the text's length.
_EMAIL: Final = re.compile(r"(?<![\w.+-])[\w.+-]++(?:@|%40)(?:[\w-]++\.)+[^\W\d_][\w-]++")
_JWT: Final = re.compile(r"(?<![\w-])eyJ[\w-]*+\.[\w-]++(?:\.[\w-]+)?", re.ASCII)
_BEARER: Final = re.compile(r"\b(bearer|basic)(\s+|%20|\+)[\w.~+/=-]{6,}", re.IGNORECASE | re.ASCII)
_DIGITS: Final = re.compile(r"(?<![\d.])\d++(?:(?:[ +-]|%20)\d++)*+", re.ASCII)
_QUERY: Final = re.compile(
    r"((?:https?|wss?|ftp|file|blob:https?)://[^\s?#\"'<>()]*)[?#][^\s\"'<>()]*?((?::\d+){1,2})?(?=[\s\"'<>()]|$)",
    re.IGNORECASE,
)
_USERINFO: Final = re.compile(r"://[^\s/@?#]+@")
_PLAIN_URL: Final = re.compile(r"https?://[a-z0-9.-]+(?::\d+)?(?:/[^\s@\\]*)?", re.ASCII)
_SEPARATOR: Final = re.compile(r"([ +-]|%20)")
_CARD_DIGITS: Final = range(13, 20)


def scrub_text(text: str) -> str:
    """The text without e-mails, JWTs, bearer tokens, card numbers (Luhn), credentials and queries within urls."""
    if "://" in text:
        text = _USERINFO.sub("://", text)
        if "?" in text or "#" in text:
            text = _QUERY.sub(lambda found: found[1] + (found[2] or ""), text)
    if "eyJ" in text:
        text = _JWT.sub(TOKEN, text)
    lowered = text.lower()
    if "bearer" in lowered or "basic" in lowered:
        text = _BEARER.sub(rf"\1 {TOKEN}", text)
    if "@" in text or "%40" in text:
        text = _EMAIL.sub(EMAIL, text)
    if len(text) >= 13:
        text = _DIGITS.sub(_card, text)
    return text


def scrub_bounded(text: str, length: int) -> str:
    """The text scrubbed, then cut to ``length`` characters; what a first cut may have halved is left out."""
    if len(text) <= length:
        return (scrub_short(text) if len(text) <= SHORT else _clean(scrub_text(text)))[:length]
    taken = text[: length + _MARGIN]
    if len(text) > len(taken):
        head, space, _ = taken.rpartition(" ")
        taken = head if space and len(head) >= length - _MARGIN else taken[:length]
    return _clean(scrub_text(taken))[:length]


def scrub_url(url: str, allow: Collection[str] = ()) -> str:
    """The url without credentials and fragment and with only the allowed query parameters, scrubbed and cut.

    A `data:` url keeps its media type; what is no url is scrubbed as text.
    """
    bare, mark, query = url[: URL_LENGTH * 2].partition("#")[0].partition("?")
    if mark and allow and ("%" in query or any(name in query for name in allow)):
        return _cached_url(f"{bare}?{query}", frozenset(allow))
    return _cached_bare(bare)


@lru_cache(maxsize=_CACHED)
def _cached_bare(bare: str) -> str:
    if _PLAIN_URL.fullmatch(bare):
        return _clean(scrub_text(bare))[:URL_LENGTH]
    return _whole_url(bare, frozenset())


@lru_cache(maxsize=_CACHED)
def _cached_url(url: str, allow: frozenset[str]) -> str:
    return _whole_url(url, allow)


def _whole_url(url: str, allow: frozenset[str]) -> str:
    if url[:5].lower() == "data:":
        return url[:64].partition(",")[0].partition(";")[0]
    bare, _, query = url.partition("?")
    try:
        parts = urlsplit(bare)
        host = parts.netloc.rpartition("@")[2]
        bare = f"{parts.scheme}://{host}{parts.path}" if parts.netloc and parts.scheme else bare
    except ValueError:  # such as an unfinished IPv6 host: cut like any text
        bare = bare.rpartition("@")[2]
    if query and allow:
        kept = urlencode([(k, scrub_text(v)) for k, v in parse_qsl(query, max_num_fields=None) if k in allow])
        bare = f"{bare}?{kept}" if kept else bare
    return _clean(scrub_text_keeping_query(bare))[:URL_LENGTH]


def scrub_text_keeping_query(url: str) -> str:
    """The url's text scrubbed, its (already chosen) query kept."""
    bare, mark, query = url.partition("?")
    return scrub_text(bare) + mark + query


@lru_cache(maxsize=_CACHED)
def scrub_short(text: str) -> str:
    """A text of at most SHORT characters scrubbed, and cut to these."""
    return _clean(scrub_text(text))[:SHORT]


def _clean(text: str) -> str:
    """Without control characters, which have no business in a name, a message or a log line."""
    return text if text.isprintable() else "".join(c for c in text if (c >= " " and c != "\x7f") or c in "\n\t")


def _card(found: re.Match[str]) -> str:
    """Card numbers within a run of digits in groups: any groups next to each other can be one."""
    if len(found[0]) < _CARD_DIGITS.start:
        return found[0]
    pieces = _SEPARATOR.split(found[0])
    groups, place = pieces[::2], 0
    kept: list[str] = []
    while place < len(groups):
        size = _card_at(groups, place)
        kept.append(CARD if size else groups[place])
        place += size or 1
        if place < len(groups):
            kept.append(pieces[2 * place - 1])
    return "".join(kept)


def _card_at(groups: list[str], place: int) -> int:
    """How many groups from this one on make a card number, the most; 0: none do."""
    longest, digits = 0, ""
    if groups[place][0] not in "23456":
        return 0
    for size, group in enumerate(groups[place : place + _CARD_DIGITS.stop], 1):
        digits += group
        if len(digits) >= _CARD_DIGITS.stop:
            break
        if len(digits) in _CARD_DIGITS and _luhn(digits):
            longest = size
    return longest


def _luhn(digits: str) -> bool:
    """The check digit of card numbers, which begin with 2 to 6 (ISO/IEC 7812-1); a time in ms begins with 1."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0
