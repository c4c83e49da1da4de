"""Whose an OTLP item is: a beacon for each session, release and user that a body names."""

from collections.abc import Callable, Iterable
from typing import Any, Final

import xxhash

from ingest.draft import Decoded, Draft, Request, draft
from ingest.formats.items import Items
from ingest.formats.otlp_values import Attributes
from ingest.formats.web_vitals import page_time
from ingest.routes import route_of
from schemas.event import Event

_BROWSER: Final = ("", "webjs")
_PAGES: Final = ("navigation", "view")

_USER: Final = ("user.id", "enduser.id")
_AGENT: Final = ("user_agent.original", "browser.user_agent", "http.user_agent")
_ENVIRONMENT: Final = ("deployment.environment.name", "deployment.environment")
_SESSION: Final = ("session.id", "session.previous_id")
_PAGE: Final = ("page.url", "page.route")
_PERSONAL: Final = (
    "user.email",
    "user.name",
    "user.full_name",
    "user.hash",
    "enduser.name",
    "client.address",
    "client.socket.address",
    "network.peer.address",
    "net.peer.ip",
    "net.sock.peer.addr",
    "http.client_ip",
)
_WHOSE: Final = (("session.id",), ("service.version",), _ENVIRONMENT, _USER, ("telemetry.sdk.language",))
TAKEN: Final = frozenset((*_USER, *_AGENT, *_ENVIRONMENT, *_SESSION, *_PAGE, *_PERSONAL))
"""Attributes that are no event's: they have become the beacon's, or are personal and go."""


class Beacons:
    """Sorts the items of a body into beacons. A resource's attributes tell who sends; no event keeps them."""

    def __init__(self, request: Request) -> None:
        self.decoded = Decoded()
        self._request = request
        self._items = Items(self.decoded)
        self._drafts: dict[tuple[str, ...], Draft] = {}

    def take(
        self,
        place: str,
        resource: Attributes,
        items: Iterable[Any],
        told: Callable[[Any], tuple[Attributes, list[Event]]],
    ) -> None:
        """Add the good events of all items; ``told`` tells an item's own attributes and its events, or refuses it."""
        owner: Attributes = {}

        def events_of(item: Any) -> list[Event]:
            nonlocal owner
            own, events = told(item)
            owner = {**resource, **own}
            return events

        for index, item in enumerate(items):
            events = self._items.take_one(f"{place}[{index}]", item, events_of)
            if events:
                _on_page(events, owner)
                self._draft(owner).beacon.events += events

    def finished(self, body: bytes) -> Decoded:
        """All beacons. Spans, times and so the bytes are unlike any other's, and name the beacon for ever.

        Raises:
            Refusal: MALFORMED, no item is good.
        """
        self.decoded.drafts = list(self._drafts.values())
        digest = xxhash.xxh3_128_hexdigest(body)
        for number, made in enumerate(self.decoded.drafts):
            made.beacon.beacon_id = f"o:{digest}:{number}"
            made.page_time = next(filter(None, (page_time(event.metric_id) for event in made.beacon.events)), 0)
            _share_page(made.beacon.events)
        return self.decoded.checked()

    def _draft(self, owner: Attributes) -> Draft:
        key = tuple(_text(owner, *names) for names in _WHOSE)
        made = self._drafts.get(key)
        if made is None:
            made = self._drafts[key] = draft(self._request, "otlp")
            beacon = made.beacon
            beacon.session_id, beacon.release, environment, made.user_id, language = key
            beacon.environment = environment or beacon.environment
            beacon.previous_session = _text(owner, "session.previous_id")
            if language not in _BROWSER:
                beacon.source = "server"
        made.user_agent = _text(owner, *_AGENT) or made.user_agent  # the page load alone tells it
        return made


def _text(told: Attributes, *names: str) -> str:
    for name in names:
        value = told.get(name)
        if value is not None and value != "":
            return str(value)
    return ""


def _on_page(events: list[Event], owner: Attributes) -> None:
    """The page where an item names it."""
    url, route = _text(owner, "page.url"), _text(owner, "page.route")
    if url or route:
        for event in events:
            event.url = event.url or url
            event.route = event.route or route or route_of(url)


def _share_page(events: list[Event]) -> None:
    """Only the page load names its page: what came with it and names none is of that page, if there was but one."""
    pages = {event.url for event in events if event.kind in _PAGES}
    if len(pages) != 1:
        return
    (url,) = pages
    for event in events:
        event.route = event.route or route_of(url)
        event.url = event.url or url
