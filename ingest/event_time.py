"""When an event happened, told by a client whose clock may be anything (design section 4)."""

from collections import Counter
from datetime import UTC, datetime
from math import isfinite

from schemas.limits import CLIENT_CLOCK_MS

FUTURE = "future"
PAST = "past"
UNTOLD = "outside_clock"


class Clock:
    """Turns client times into event times. All times in ms since the epoch; each clamp is counted by reason.

    With ``sent_at`` (the client's clock at sending) the client's offset cancels out: received_at − (sent_at − t),
    clamped to [received_at − 24 h, received_at]. Without it t is believed inside the clamp, else it is received_at.
    """

    def __init__(self, received_at: int, sent_at: float, clamped: Counter[str]) -> None:
        self._now = received_at
        self._offset = received_at - sent_at if isfinite(sent_at) and sent_at > 0 else None
        self._clamped = clamped

    def place(self, client_time: float | None) -> int:
        """Event time of a client time; received_at where there is none."""
        now = self._now
        if client_time is None or not isfinite(client_time):
            return now
        ts = client_time if self._offset is None else client_time + self._offset
        earliest = max(now - CLIENT_CLOCK_MS, 0)
        if earliest <= ts <= now:
            return int(ts)
        if self._offset is None:
            self._clamped[UNTOLD] += 1
            return now
        if ts > now:
            self._clamped[FUTURE] += 1
            return now
        self._clamped[PAST] += 1
        return earliest


def client_ms(told: str | float | None) -> float | None:
    """A client's time in ms, from a number or an ISO 8601 text (without a zone: UTC); None where it is neither."""
    if told is None or isinstance(told, (int, float)):
        return told
    try:
        at = datetime.fromisoformat(told)
    except ValueError:
        return None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() * 1000
