"""Window keys of series, looked up instead of made anew for every event."""

from collections.abc import Callable
from typing import Final

from processors.core.keys import window_key
from schemas.event import Beacon
from schemas.rollup import Series

_KEPT: Final = 100_000

Fold = Callable[[Series], Series]
_Shared = tuple[str, str, str, str, str, str, str]
_Own = tuple[int, str, str, str, str]


class SeriesNames:
    """(beacon, window, what was measured) to the window's key and folded series; bounded, and only a cache.

    Two levels: what all events of a beacon share is hashed once a beacon. To be forgotten when rosters change.
    """

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Forget all: the next look-up of each folds anew."""
        self._known: dict[_Shared, dict[_Own, tuple[bytes, Series]]] = {}
        self._size = 0
        self._beacon: Beacon | None = None
        self._of_beacon: dict[_Own, tuple[bytes, Series]] = {}

    def of(
        self, beacon: Beacon, fold: Fold, start: int, metric: str, name: str, route: str, navigation_type: str
    ) -> tuple[bytes, Series]:
        """Key and series of the window that starts at ``start``; ``fold`` is asked where they are not known yet."""
        if beacon is not self._beacon:
            self._turn_to(beacon)
        own = (start, metric, name, route, navigation_type)
        found = self._of_beacon.get(own)
        if found is None:
            series = fold(
                Series(
                    beacon.site,
                    beacon.environment,
                    beacon.source,
                    metric,
                    name,
                    route,
                    navigation_type,
                    beacon.device,
                    beacon.browser,
                    beacon.country,
                    beacon.release,
                )
            )
            found = self._of_beacon[own] = window_key(start, series), series
            self._size += 1
        return found

    def _turn_to(self, beacon: Beacon) -> None:
        if self._size > _KEPT:
            self._known, self._size = {}, 0
        shared = (
            beacon.site,
            beacon.environment,
            beacon.source,
            beacon.device,
            beacon.browser,
            beacon.country,
            beacon.release,
        )
        self._beacon, self._of_beacon = beacon, self._known.setdefault(shared, {})
