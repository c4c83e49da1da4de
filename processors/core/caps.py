"""How many series a site may have: what is beyond folds to `__other__`, totals stay exact (design section 6, Series).

A route is told apart while there is room on the site's roster. Once an hour (of the watermark) the roster is made
anew: the routes with most page views in the last hour stay, waiting ones among them. Names (with their metric) and
releases alike, by events. The product of all dimensions is bounded too: a window that already has its number of series
gives every further one the same few names.
"""

from typing import Final

from processors.core.config import CoreConfig
from processors.core.keys import caps_key, series_digest, window_key
from processors.core.memory import LaneMemory
from processors.core.records import Roster, SiteCaps
from processors.core.rows import empty_row
from schemas.measures import PAGE_VIEW
from schemas.rollup import OTHER, RollupRow, Series

HOUR_MS: Final = 3_600_000
_WAITING_FACTOR: Final = 2


def site_caps(memory: LaneMemory, config: CoreConfig, site: str) -> SiteCaps:
    """The site's caps for the watermark's hour; a new hour makes new rosters.

    Asked for every line, so that rosters change at the same line in every replay.
    """
    key = caps_key(site)
    caps = memory.caps.get(key)
    hour = memory.watermark.at // HOUR_MS
    if caps is None:
        caps = SiteCaps(site, hour)
        memory.caps.put(key, caps)
    elif caps.hour < hour:
        caps.hour = hour
        memory.cells.forget()  # first: what waits there is counted for these rosters
        for roster, room in (
            (caps.routes, config.routes_per_site),
            (caps.names, config.names_per_site),
            (caps.releases, config.releases_per_site),
        ):
            renew(roster, room)
        closed = memory.watermark.at - config.lateness_ms - config.window_ms
        caps.windows = {start: n for start, n in caps.windows.items() if start > closed}
        memory.caps.put(key, caps)
    return caps


def renew(roster: Roster, room: int) -> None:
    """The most counted of the last hour stay (ties by name); counting begins anew."""
    counted = {**roster.waiting, **roster.admitted}
    best = sorted(counted, key=lambda name: (-counted[name], name))[:room]
    roster.admitted, roster.waiting = dict.fromkeys(best, 0), {}


def told_apart(roster: Roster, name: str, room: int) -> bool:
    """Whether the roster has this name, or room for it."""
    if name in roster.admitted or not name:
        return True
    if len(roster.admitted) < room:
        roster.admitted[name] = 0
        return True
    return False


def count_seen(roster: Roster, name: str, room: int) -> None:
    """Count a name for the next roster; of those that are not on this one only a bounded number."""
    if name in roster.admitted:
        roster.admitted[name] += 1
    elif name in roster.waiting or len(roster.waiting) < _WAITING_FACTOR * room:
        roster.waiting[name] = roster.waiting.get(name, 0) + 1


def fold(caps: SiteCaps, config: CoreConfig, series: Series) -> Series:
    """The series with what the rosters do not tell apart folded. The same until the next hour's rosters."""
    if not told_apart(caps.routes, series.route, config.routes_per_site):
        series = series._replace(route=OTHER)
    if not told_apart(caps.names, roster_name(series.metric, series.name), config.names_per_site):
        series = series._replace(name=OTHER)
    if not told_apart(caps.releases, series.release, config.releases_per_site):
        series = series._replace(release=OTHER)
    return series


def opened(memory: LaneMemory, config: CoreConfig, start: int, key: bytes, series: Series) -> tuple[bytes, RollupRow]:
    """Key and row of the window, made if it is not there; those of another one where it would have too many series."""
    row = memory.windows.get(key)
    if row is not None:
        return key, row
    caps = site_caps(memory, config, series.site)
    already = caps.windows.get(start, 0)
    if already < config.series_per_window:
        caps.windows[start] = already + 1
        memory.caps.put(caps_key(series.site), caps)
    else:
        series = _folded_whole(series)
        key = window_key(start, series_digest(series))
        row = memory.windows.get(key)
    return key, row if row is not None else empty_row(series, start, config)


def rosters_of(
    caps: SiteCaps, metric: str, name: str, route: str, release: str
) -> list[tuple[dict[str, int], str]] | None:
    """Where `count_event` counts, for adding one without asking again this hour; None: not all is on the rosters."""
    if metric == PAGE_VIEW:
        wanted = [(caps.routes.admitted, route), (caps.releases.admitted, release)]
    else:
        wanted = [(caps.names.admitted, roster_name(metric, name))] if name else []
    return wanted if all(known in counts for counts, known in wanted) else None


def roster_name(metric: str, name: str) -> str:
    """How a name stands on the roster; '' for none, which always has room."""
    return f"{metric} {name}" if name else ""


def count_event(caps: SiteCaps, config: CoreConfig, metric: str, name: str, route: str, release: str) -> None:
    """Count what the next rosters are chosen by: a page view its route and release, another event its name."""
    if metric == PAGE_VIEW:
        count_seen(caps.routes, route, config.routes_per_site)
        count_seen(caps.releases, release, config.releases_per_site)
    elif name:
        count_seen(caps.names, roster_name(metric, name), config.names_per_site)


def _folded_whole(series: Series) -> Series:
    return series._replace(
        environment=OTHER,
        name=OTHER if series.name else "",
        route=OTHER,
        navigation_type=OTHER,
        device=OTHER,
        browser=OTHER,
        country=OTHER,
        release=OTHER,
    )
