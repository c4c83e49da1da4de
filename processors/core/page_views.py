"""Page views: where their measurements are remembered, and those of clients that do not tell them."""

from collections.abc import Iterator
from typing import Final

from processors.core.keys import page_key, page_of, tracked_id, url_id
from processors.core.records import PageView, Segment, Tracked
from processors.core.turn import Turn
from schemas.drop_reasons import DropReason
from schemas.event import Event, Protocol
from schemas.limits import PAGES_PER_SESSION

NAMES_NO_METRICS: Final[frozenset[Protocol]] = frozenset({"metrics"})
NAMES_NO_VIEWS: Final[frozenset[Protocol]] = frozenset({"metrics", "web-vitals"})

_ONCE_A_VIEW: Final = {"TTFB": 1, "FCP": 2}


def page_in(turn: Turn, segment: Segment, page: int) -> tuple[bytes, PageView]:
    """Key and record of a page view in a session, an empty one where there is none yet."""
    place = (segment.opened_at, page)
    found = turn.pages.get(place)
    if found is None:
        key = page_key(turn.key, segment.opened_at, page)
        known = turn.memory.pages.get(key) if page in segment.pages else None
        found = turn.pages[place] = (key, PageView() if known is None else known)
    return found


def reports_of(turn: Turn, page: int, wanted: str) -> Iterator[tuple[Segment, Tracked]]:
    """The measurement as the visit's sessions know it, the latest session first."""
    for segment in reversed(turn.visit.segments):
        if page in segment.pages:
            known = page_in(turn, segment, page)[1].tracked.get(wanted)
            if known is not None:
                yield segment, known


def owner_of(turn: Turn, event: Event) -> Segment | None:
    """The session of an earlier report of the same measurement; None where there is none."""
    if not event.metric_id:
        return None
    page, wanted = page_of(event.view_id, event.metric_id), tracked_id(event.name, event.metric_id)
    return next((segment for segment, _ in reports_of(turn, page, wanted)), None)


def name_metrics(turn: Turn) -> DropReason | None:
    """Give metric ids to a client that has none (`/api/v1/metrics` sends LCP and CLS again as they grow).

    The id is made from url, metric and the number of the view. TTFB and FCP come once a view, so the second of
    either opens the next view of that url: a page load's FCP may arrive before its TTFB.
    """
    if turn.beacon.protocol not in NAMES_NO_METRICS:
        return None
    for event, segment in zip(turn.beacon.events, turn.segments, strict=True):
        if event.kind != "vital" or event.metric_id or segment is None:
            continue
        event.metric_id = f"{_view_of(turn, event)}@{url_id(event.url)}"
        event.view_id = event.view_id or event.metric_id
        turn.altered = True
    return None


def _view_of(turn: Turn, event: Event) -> int:
    urls = turn.visit.urls
    url = url_id(event.url)
    views = urls.get(url)
    if views is None:
        views = [1, 0]
        if len(urls) < PAGES_PER_SESSION:
            urls[url] = views
    bit = _ONCE_A_VIEW.get(event.name, 0)
    if views[1] & bit:
        views[0] += 1
        views[1] = 0
    views[1] |= bit
    return views[0]


def implied_view(event: Event) -> Event | None:
    """The page view that a TTFB stands for; only for the clients that name no views."""
    if event.name != "TTFB" or event.kind != "vital":
        return None
    return Event(
        ts=event.ts,
        kind="view",
        metric_id=f"ttfb:{event.metric_id}" if event.metric_id else "",
        route=event.route,
        navigation_type=event.navigation_type,
    )
