"""Times in a query string: ISO 8601 or ms since the epoch."""

from datetime import UTC, datetime
from typing import Final

from api.problems import Fault, ProblemError

_EARLIEST_MS: Final = 0
_LATEST_MS: Final = 4_102_444_800_000
"""The year 2100: ClickHouse's DateTime ends soon after."""


def parse_ms(text: str, where: str) -> int:
    """A time in ms. ISO 8601 without an offset is UTC; a ``+`` that the URL turned into a space is understood.

    Raises:
        ProblemError: neither form, or outside 1970 to 2100.
    """
    text = text.strip()
    try:
        value = int(text) if text.lstrip("-").isdecimal() else _iso_ms(text)
    except (ValueError, OverflowError):
        raise ProblemError(Fault.INVALID, f"{text[:40]!r} is neither ISO 8601 nor ms since the epoch", where) from None
    if not _EARLIEST_MS <= value <= _LATEST_MS:
        raise ProblemError(Fault.INVALID, f"{text[:40]!r} is outside 1970 to 2100", where)
    return value


def _iso_ms(text: str) -> int:
    date, _, offset = text.partition(" ")
    parsed = datetime.fromisoformat(f"{date}+{offset}" if "T" in date and offset else text)
    if parsed.tzinfo is None:
        parsed = parsed.replace(tzinfo=UTC)
    return round(parsed.timestamp() * 1000)


def iso(seconds: int) -> str:
    """Seconds since the epoch as ISO 8601 in UTC."""
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
