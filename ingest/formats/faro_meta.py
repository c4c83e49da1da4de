"""Faro's `meta`: whose session it is, on which page, of which release."""

from dataclasses import dataclass
from typing import Final

import msgspec

from ingest.draft import Draft, Request, draft
from ingest.routes import route_of
from schemas.event import Event
from schemas.limits import TEXT_LENGTH

_NO_VIEW: Final = ("", "default", "unknown")
_PREVIOUS: Final = "previousSession"


class Session(msgspec.Struct):
    """The session; `attributes.previousSession` where it goes on from another."""

    id: str = ""
    attributes: dict[str, str | int | float | bool | None] | None = None


class User(msgspec.Struct):
    """The user's id, or the hash that the page made of it; name, e-mail and attributes are not even read."""

    id: str | int | None = None
    hash: str | None = None


class App(msgspec.Struct):
    """What runs on the page."""

    version: str | None = None
    release: str | None = None
    gitHash: str | None = None  # noqa: N815 - Faro's spelling
    environment: str | None = None


class PageMeta(msgspec.Struct):
    """The page; an id only where the page generates one."""

    id: str | None = None
    url: str | None = None


class View(msgspec.Struct):
    """The page's own name for what it shows."""

    name: str | None = None


class Browser(msgspec.Struct):
    """The browser; device and system are read from its user agent."""

    userAgent: str | None = None  # noqa: N815


class Sdk(msgspec.Struct):
    """Faro itself."""

    name: str | None = None
    version: str | None = None


class Meta(msgspec.Struct):
    """What all items of a body share."""

    sdk: Sdk | None = None
    app: App | None = None
    user: User | None = None
    session: Session | None = None
    page: PageMeta | None = None
    browser: Browser | None = None
    view: View | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Where the items happened."""

    url: str
    route: str
    view_id: str

    def shows(self, event: Event, ts: int) -> Event:
        """The event at this time, on this page where it does not name another."""
        event.ts = ts
        event.url = event.url or self.url
        event.route = event.route or self.route
        event.view_id = event.view_id or self.view_id
        return event


def page_of(meta: Meta) -> Page:
    """The page; its route is the view's name where the page gives one, else made from the url."""
    page = meta.page or PageMeta()
    url = page.url or ""
    return Page(url, route_named(meta.view.name if meta.view else "") or route_of(url), page.id or "")


def route_named(name: str | None) -> str:
    """A view's name as a route: a path is templated, Faro's placeholders are none."""
    if name is None or name.lower() in _NO_VIEW:
        return ""
    return route_of(name) if name[:1] == "/" or "://" in name else name[:TEXT_LENGTH]


def draft_of(meta: Meta, request: Request) -> Draft:
    """The empty beacon of the session. The user's id goes on only as the site's hash."""
    made = draft(request, "faro")
    beacon, app, user, session = made.beacon, meta.app or App(), meta.user or User(), meta.session or Session()
    beacon.session_id = session.id
    previous = (session.attributes or {}).get(_PREVIOUS)
    beacon.previous_session = previous if isinstance(previous, str) else ""
    beacon.release = app.version or app.release or app.gitHash or ""
    beacon.environment = app.environment or beacon.environment
    made.user_id = str(user.id) if user.id not in (None, "") else user.hash or ""
    made.user_agent = (meta.browser and meta.browser.userAgent) or made.user_agent
    return made
