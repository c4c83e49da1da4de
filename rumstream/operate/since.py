"""Times as an operator writes them."""

import re
from datetime import UTC, datetime
from typing import Final

_AGO: Final = re.compile(r"(\d{1,6})([smhd])")
_UNIT_MS: Final = {"s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}


def since(text: str, now_ms: int) -> int:
    """Ms since the epoch of "30m", "2h", "7d" ago, or of a date or time in ISO 8601 (UTC where it names no zone).

    Raises:
        ValueError: it is neither.
    """
    ago = _AGO.fullmatch(text)
    if ago:
        return max(now_ms - int(ago[1]) * _UNIT_MS[ago[2]], 0)
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is no time: 30m, 2h or 7d ago, or 2026-05-01 or 2026-05-01T12:00Z") from None
    return max(round((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() * 1000), 0)
