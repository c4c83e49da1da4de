"""The salts all collectors share through `rum.salts`: one a day, one a site; which of two is the salt.

The smallest wins and is published again, so that the topic's last record of a key, which alone outlives compaction,
is the one that every collector uses. Pure: records in, records to publish out.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Final

from ingest.visitors import DAY_MS

SALT_BYTES: Final = 32
LIFE_DAYS: Final = 2
"""A day's salt serves that day and the next, then it is destroyed."""

_AHEAD_MS: Final = 3_600_000
"""The next day's salt is made this long before midnight, so that a conflict is settled before it is used."""

Record = tuple[str, bytes | None]


def day_key(day: int) -> str:
    """The topic's key of a day's salt, `day/2026-01-31`."""
    return f"day/{datetime.fromtimestamp(day * DAY_MS / 1000, UTC).date().isoformat()}"


def site_key(site: str) -> str:
    """The topic's key of a site's salt, which is kept as long as the site."""
    return f"site/{site}"


class SaltBook:
    """What this collector knows of the salts."""

    def __init__(self, sites: Iterable[str]) -> None:
        self._sites = [site_key(site) for site in sites]
        self._coming: list[str] = []
        self._smallest: dict[str, bytes] = {}
        self._last: dict[str, bytes | None] = {}
        self._proposed: dict[str, bytes] = {}

    def read(self, key: str, value: bytes | None) -> None:
        """Take in a record of the topic; None is a tombstone."""
        if value is not None and len(value) != SALT_BYTES:
            return
        self._last[key] = value
        if value is not None:
            self._smallest[key] = min(value, self._smallest.get(key, value))

    def of_day(self, day: int) -> bytes | None:
        """The salt of a UTC day (number since the epoch); None where it is not known, or destroyed."""
        return self._smallest.get(day_key(day))

    def of_site(self, site: str) -> bytes | None:
        """The salt of a site; None where it is not known yet."""
        return self._smallest.get(site_key(site))

    def prepare(self, sites: Iterable[str]) -> bool:
        """Have these sites' salts made, if need be; True once all are known, and `serve` loses nobody."""
        self._coming = [key for key in map(site_key, sites) if key not in self._smallest]
        return not self._coming

    def serve(self, sites: Iterable[str]) -> None:
        """These are the sites from now on."""
        self._sites, self._coming = [site_key(site) for site in sites], []

    def is_preparing(self) -> bool:
        """True while salts of sites to come are not known."""
        return any(key not in self._smallest for key in self._coming)

    def is_complete(self, now_ms: int) -> bool:
        """True when every salt that may be asked for now is known."""
        return all(key in self._smallest for key in [*self._sites, *_days(now_ms, ahead_ms=0)])

    def to_publish(self, now_ms: int, fresh: Callable[[], bytes]) -> list[Record]:
        """What has to be written now: new salts, the smallest over a larger one, tombstones of days that are over."""
        records: list[Record] = []
        live = [*self._sites, *self._coming, *_days(now_ms, ahead_ms=_AHEAD_MS)]
        for key in live:
            smallest = self._smallest.get(key)
            if smallest is None:
                records.append((key, self._proposed.setdefault(key, fresh())))
            elif self._last.get(key) != smallest:
                records.append((key, smallest))
        oldest = day_key(now_ms // DAY_MS - LIFE_DAYS + 1)
        for key in [k for k in (*self._smallest, *self._last) if k.startswith("day/") and k < oldest]:
            self._smallest.pop(key, None)
            self._proposed.pop(key, None)
            if self._last.pop(key, None) is not None:
                records.append((key, None))
        return records


def _days(now_ms: int, ahead_ms: int) -> list[str]:
    today, newest = now_ms // DAY_MS, (now_ms + ahead_ms) // DAY_MS
    return [day_key(day) for day in range(today - LIFE_DAYS + 1, newest + 1)]
