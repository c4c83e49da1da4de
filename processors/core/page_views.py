"""Page views of clients that do not tell them."""

from typing import Final

from processors.core.keys import tracked_id, url_id
from processors.core.turn import Placed, Turn
from schemas.drop_reasons import DropReason
from schemas.event import Event, Protocol
from schemas.limits import PAGES_PER_SESSION

NAMES_NO_METRICS: Final[frozenset[Protocol]] = frozenset({"metrics"})
NAMES_NO_VIEWS: Final[frozenset[Protocol]] = frozenset({"metrics", "web-vitals"})

_ONCE_A_VIEW: Final = {"TTFB": 1, "FCP": 2}


def name_metrics(turn: Turn) -> DropReason | None:
    """Give metric ids to a client that has none (`/api/v1/metrics` sends LCP and CLS again as they grow).

    The id is made from url, metric and the number of the view. TTFB and FCP come once a view, so the second of
    either opens the next view of that url: a page load's FCP may arrive before its TTFB.
    """
    if turn.beacon.protocol not in NAMES_NO_METRICS:
        return None
    for placed in turn.placed:
        event = placed.event
        if event.kind != "vital" or event.metric_id or placed.segment is None:
            continue
        number = _view_of(turn, event)
        event.metric_id = f"{number}@{url_id(event.url)}"
        event.view_id = event.view_id or event.metric_id
        placed.tracked_id = tracked_id(event.name, event.metric_id)
        turn.altered = True
    return None


def _view_of(turn: Turn, event: Event) -> int:
    pages = turn.visit.pages
    url = url_id(event.url)
    page = pages.get(url)
    if page is None:
        page = [1, 0]
        if len(pages) < PAGES_PER_SESSION:
            pages[url] = page
    bit = _ONCE_A_VIEW.get(event.name, 0)
    if page[1] & bit:
        page[0] += 1
        page[1] = 0
    page[1] |= bit
    return page[0]


def implied_view(placed: Placed) -> Event | None:
    """The page view that a TTFB stands for; only for the clients that name no views."""
    event = placed.event
    if event.name != "TTFB" or event.kind != "vital":
        return None
    return Event(
        ts=event.ts,
        kind="view",
        metric_id=f"ttfb:{event.metric_id}" if event.metric_id else "",
        route=event.route,
        navigation_type=event.navigation_type,
    )
