"""How much of a site is taken: beacons and events a second, each with a burst, this process's share of them."""

from dataclasses import dataclass
from math import ceil
from typing import Final

from ingest.refusal import Refusal
from ingest.token_bucket import TokenBucket
from schemas.drop_reasons import DropReason
from schemas.limits import EVENTS_PER_BEACON

_RETRY_MAX_S: Final = 3_600


@dataclass(frozen=True)
class Limits:
    """Of a whole site. None: no limit; a burst of None: two seconds' worth, of events at least one beacon's most."""

    beacons_per_s: float | None = None
    beacons_burst: int | None = None
    events_per_s: float | None = None
    events_burst: int | None = None


class Quota:
    """The buckets of a site in one of ``processes`` collector processes, each of which takes its 1/N share."""

    __slots__ = ("_beacons", "_events")

    def __init__(self, limits: Limits, processes: int, now: float) -> None:
        self._beacons = _bucket(limits.beacons_per_s, limits.beacons_burst, 1, processes, now)
        self._events = _bucket(limits.events_per_s, limits.events_burst, EVENTS_PER_BEACON, processes, now)

    def take_beacon(self, now: float, site: str) -> None:
        """One beacon of the site, by the clock ``now`` in seconds.

        Raises:
            Refusal: QUOTA, with the seconds until there is room.
        """
        if self._beacons is not None and not self._beacons.take(now):
            raise _over(self._beacons, 1, "beacons", site)

    def take_events(self, number: int, now: float, site: str) -> None:
        """The events of one beacon.

        Raises:
            Refusal: QUOTA, with the seconds until there is room.
        """
        if self._events is not None and not self._events.take(now, number):
            raise _over(self._events, number, "events", site)

    def go_on_from(self, before: "Quota", now: float) -> None:
        """Keep what was used up under earlier rules."""
        for mine, earlier in ((self._beacons, before._beacons), (self._events, before._events)):
            if mine is not None and earlier is not None:
                mine.go_on_from(earlier, now)


def _bucket(rate: float | None, burst: int | None, least: int, processes: int, now: float) -> TokenBucket | None:
    if rate is None:
        return None
    whole = burst if burst is not None else max(2 * rate, least)
    return TokenBucket(rate / processes, max(whole / processes, 1), now)


def _over(bucket: TokenBucket, number: int, what: str, site: str) -> Refusal:
    wait = min(max(ceil(bucket.wait_s(number)), 1), _RETRY_MAX_S)
    return Refusal(DropReason.QUOTA, f"the site's quota of {what} is used up", retry_after_s=wait, site=site)
