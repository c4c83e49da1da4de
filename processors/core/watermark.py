"""Event time of a lane."""

from dataclasses import dataclass


@dataclass
class Watermark:
    """The highest event time seen in ms; it never falls, and moves by data only (ticks are data)."""

    at: int = 0

    def advance(self, ts: int) -> None:
        """Move on to ``ts`` if it is later."""
        if ts > self.at:
            self.at = ts

    def has_passed(self, end: int, lateness_ms: int) -> bool:
        """True when something that ended at ``end`` can no longer change: end + lateness <= watermark."""
        return end + lateness_ms <= self.at
