"""What every beacon goes through after its format was read: who sent it, what may be kept, how it is named."""

from collections.abc import Callable
from functools import lru_cache
from typing import Final

import msgspec

from ingest.draft import Draft, Request
from ingest.refusal import Refusal
from ingest.salts import SaltBook
from ingest.scrub import SHORT, scrub_bounded, scrub_short, scrub_url
from ingest.site_names import environment_of, release_of
from ingest.sites import Site
from ingest.user_agents import UA_LENGTH, agent_of
from ingest.visitors import anonymous_session, body_id, day_of, opaque, user_hash, visitor_id
from schemas.drop_reasons import DropReason
from schemas.event import AttrValue
from schemas.limits import ATTRS_PER_EVENT, STACK_LENGTH, TEXT_LENGTH

_KEY_LENGTH: Final = 64
_NAMES_CACHED: Final = 4_096
_NAVIGATIONS: Final = frozenset(
    ("", "navigate", "reload", "back-forward", "back-forward-cache", "prerender", "restore", "soft-navigation")
)
_URL_STARTS: Final = ("http:", "https:", "/")
_XPATH_START: Final = "//*["
_LONG: Final = {"stack": STACK_LENGTH}


class Knowledge(msgspec.Struct, frozen=True):
    """What the steps need beside the beacon: the request with its site's rules, its body, the salts."""

    request: Request
    body: bytes
    salts: SaltBook


def describe_client(draft: Draft, known: Knowledge) -> None:  # noqa: ARG001 - a step
    """Device, browser and system by the user agent."""
    beacon = draft.beacon
    draft.user_agent = draft.user_agent[:UA_LENGTH]
    beacon.device, beacon.browser, beacon.os = agent_of(draft.user_agent)


def forget_person(draft: Draft, known: Knowledge) -> None:
    """Of a visitor who asks not to be tracked: no user, no country, no session that goes on tomorrow.

    Raises:
        Refusal: NOT_DURABLE, the salts are not read yet.
    """
    if known.request.anonymous:
        beacon = draft.beacon
        draft.user_id = beacon.country = beacon.previous_session = ""
        told = beacon.session_id or body_id(beacon.site, "", known.body)
        beacon.session_id = anonymous_session(_day_salt(draft, known), beacon.site, told)


def hash_user(draft: Draft, known: Knowledge) -> None:
    """The user id as the site's hash.

    Raises:
        Refusal: NOT_DURABLE, the salts are not read yet.
    """
    if draft.user_id:
        draft.beacon.user_hash = user_hash(_site_salt(draft, known), draft.user_id)


def name_session(draft: Draft, known: Knowledge) -> None:
    """A session id for a client without one, under the day's salt; the client's own where it says nothing else.

    Raises:
        Refusal: NOT_DURABLE, the salts are not read yet.
    """
    beacon = draft.beacon
    if beacon.previous_session:
        beacon.previous_session = opaque(_site_salt(draft, known), beacon.previous_session)
    if beacon.session_id:
        beacon.session_id = opaque(_site_salt(draft, known), beacon.session_id)
        return
    beacon.session_id = visitor_id(_day_salt(draft, known), beacon.site, known.request.ip, draft.user_agent)


def name_beacon(draft: Draft, known: Knowledge) -> None:
    """The beacon's id: the client's own, its Idempotency-Key, or a hash of the bytes."""
    beacon = draft.beacon
    told = beacon.beacon_id or known.request.idempotency_key
    if told:
        beacon.beacon_id = opaque(_site_salt(draft, known), told + draft.part)
    else:
        beacon.beacon_id = body_id(beacon.site, beacon.session_id, known.body) + draft.part


def bound_shared(draft: Draft, known: Knowledge) -> None:
    """Scrub and cut what the events share; releases and environments that the site does not know become others."""
    beacon, site = draft.beacon, known.request.site
    beacon.release = release_of(site, scrub_bounded(beacon.release, TEXT_LENGTH))
    beacon.environment = environment_of(site, scrub_bounded(beacon.environment, TEXT_LENGTH))
    beacon.dropped = {scrub_bounded(reason, _KEY_LENGTH): n for reason, n in beacon.dropped.items()}


def bound_events(draft: Draft, known: Knowledge) -> None:
    """Scrub and cut every text of every event."""
    salt, allow = _site_salt(draft, known), known.request.site.query_parameters
    views: dict[str, str] = {}  # most events of a beacon share their page: looked at once
    routes: dict[str, str] = {}
    urls: dict[str, str] = {"": ""}
    for event in draft.beacon.events:
        event.name = scrub_short(event.name) if len(event.name) <= SHORT else scrub_bounded(event.name, TEXT_LENGTH)
        if event.metric_id:
            event.metric_id = opaque(salt, event.metric_id)
        view, route, url = views.get(event.view_id), routes.get(event.route), urls.get(event.url)
        if view is None:
            view = views[event.view_id] = opaque(salt, event.view_id)
        if route is None:
            route = routes[event.route] = scrub_bounded(event.route, TEXT_LENGTH)
        if url is None:
            url = urls[event.url] = scrub_url(event.url, allow)
        event.view_id, event.route, event.url = view, route, url
        if event.navigation_type not in _NAVIGATIONS:
            event.navigation_type = _navigation(event.navigation_type)
        if event.attrs:
            event.attrs = _bounded(event.attrs, known.request.site)


Step = Callable[[Draft, Knowledge], None]

STEPS: Final[tuple[Step, ...]] = (
    describe_client,
    forget_person,
    hash_user,
    name_session,
    name_beacon,
    bound_shared,
    bound_events,
)


def normalise(draft: Draft, known: Knowledge) -> None:
    """Take all steps.

    Raises:
        Refusal: NOT_DURABLE, a salt is needed that has not been read from Kafka yet.
    """
    for step in STEPS:
        step(draft, known)


def _site_salt(draft: Draft, known: Knowledge) -> bytes:
    salt = known.request.site.salt or known.salts.of_site(draft.beacon.site)
    if salt is None:
        raise Refusal(DropReason.NOT_DURABLE, "the site's salt has not been read from Kafka yet")
    return salt


def _day_salt(draft: Draft, known: Knowledge) -> bytes:
    salt = known.salts.of_day(day_of(draft.page_time, draft.beacon.received_at))
    if salt is None:
        raise Refusal(DropReason.NOT_DURABLE, "the day's salt has not been read from Kafka yet")
    return salt


def _navigation(told: str) -> str:
    dashed = told.replace("_", "-")
    return dashed if dashed in _NAVIGATIONS else "other"


def _bounded(attrs: dict[str, AttrValue], site: Site) -> dict[str, AttrValue]:
    allow, deny = site.attrs_allow, site.attrs_deny
    bounded: dict[str, AttrValue] = {}
    for key, value in attrs.items():
        if len(bounded) == ATTRS_PER_EVENT:
            break
        if key in deny or (allow is not None and key not in allow):
            continue
        kept: AttrValue = value
        if isinstance(value, str):
            if value.startswith(_URL_STARTS) and not value.startswith(_XPATH_START) and key not in _LONG:
                kept = scrub_url(value, site.query_parameters)[:TEXT_LENGTH]
            else:
                kept = scrub_short(value) if len(value) <= SHORT else scrub_bounded(value, _LONG.get(key, TEXT_LENGTH))
        bounded[_name(key) if len(key) <= _KEY_LENGTH else scrub_bounded(key, _KEY_LENGTH)] = kept
    return bounded


@lru_cache(maxsize=_NAMES_CACHED)
def _name(key: str) -> str:
    return scrub_bounded(key, _KEY_LENGTH)
