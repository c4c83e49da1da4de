"""The traffic that every subject reads: the same seed gives the same beacons, every one of them different."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from schemas.event import Beacon, Event

SITES: Final = ("shop", "news")
_DEVICES: Final = ("mobile", "desktop")
_BROWSERS: Final = ("Chrome", "Safari", "Firefox", "Edge", "Samsung Internet")
_COUNTRIES: Final = ("DE", "FR", "US", "GB", "JP", "BR", "IN")
RESOURCES: Final = ("script", "img", "css")
MEASURES: Final = 10
"""Series of one route and one profile: page_view, five vitals, three kinds of resource, click."""


@dataclass(frozen=True)
class Corpus:
    """How much traffic, of how many, over how long.

    ``series`` = routes x profiles x MEASURES; errors add a few. A profile is what a series knows of a visitor: site,
    device, browser, country. Routes and profiles are skewed (1 / (1 + rank / 4)). ``span_s`` is the event time that the
    whole covers. The sessions come in ``waves``: all of a wave are on the site at once and send in turn.
    """

    sessions: int = 20_000
    beacons_per_session: int = 10
    events_per_beacon: int = 10
    series: int = 2_000
    profiles: int = 10
    waves: int = 4
    span_s: int = 300
    seed: int = 1

    @property
    def beacons(self) -> int:
        """How many beacons there are."""
        return self.sessions * self.beacons_per_session

    @property
    def events(self) -> int:
        """How many events there are."""
        return self.beacons * self.events_per_beacon

    @property
    def routes(self) -> int:
        """How many routes it takes to have so many series."""
        return max(1, self.series // (self.profiles * MEASURES))


@dataclass(frozen=True)
class Profile:
    """What the series know of a visitor."""

    site: str
    device: str
    browser: str
    country: str


def profiles(corpus: Corpus) -> list[Profile]:
    """All profiles, each different for as many as there are combinations (140)."""
    return [
        Profile(SITES[n % 2], _DEVICES[n // 2 % 2], _BROWSERS[n % 5], _COUNTRIES[n % 7]) for n in range(corpus.profiles)
    ]


def beacons(corpus: Corpus, base_ms: int) -> Iterator[Beacon]:
    """All beacons in the order of their arrival, from ``base_ms`` on."""
    draw = random.Random(corpus.seed)
    known = profiles(corpus)
    profile_of = draw.choices(known, cum_weights=_skew(len(known)), k=corpus.sessions)
    routes = [f"/section-{n % 8}/page-{n}/:id" for n in range(corpus.routes)]
    route_weights = _skew(len(routes))
    views: dict[int, tuple[str, str]] = {}
    step = corpus.span_s * 1000 / corpus.beacons
    wave = max(1, corpus.sessions // corpus.waves)
    for number in range(corpus.beacons):
        visitor, turn = _whose(corpus, wave, number)
        if turn % 2 == 0:
            # a page view is two beacons: one when it has loaded, one when it is left
            views[visitor] = (f"{visitor:x}-{turn:x}", draw.choices(routes, cum_weights=route_weights)[0])
        view, route = views[visitor] if turn % 2 == 0 else views.pop(visitor)
        at = base_ms + int(number * step)
        profile = profile_of[visitor]
        yield Beacon(
            schema=1,
            beacon_id=f"{number:08x}-5b1e-4c9d-9d53-{draw.getrandbits(48):012x}",
            site=profile.site,
            session_id=f"{visitor:08x}-7a3c-4f21-8e60-{visitor * 2654435761 % 2**48:012x}",
            received_at=at,
            sent_at=at - draw.randrange(40, 400),
            protocol="rum",
            environment="production",
            seq=turn,
            device=profile.device,
            browser=profile.browser,
            os="Android" if profile.device == "mobile" else "Windows",
            country=profile.country,
            connection="4g",
            release="2025.6.1",
            events=_events(draw, at, view, route, turn % 2 == 0)[: corpus.events_per_beacon],
        )


def _whose(corpus: Corpus, wave: int, number: int) -> tuple[int, int]:
    """Visitor and turn of the n-th beacon."""
    started, place = divmod(number, wave * corpus.beacons_per_session)
    size = min(wave, corpus.sessions - started * wave)
    turn, visitor = divmod(place, size)
    return started * wave + visitor, turn


def _skew(count: int) -> list[float]:
    return list(accumulate(1 / (1 + rank / 4) for rank in range(count)))


def _events(draw: random.Random, at: int, view: str, route: str, loaded: bool) -> list[Event]:
    url = f"https://www.shop.example{route.replace(':id', str(draw.randrange(10**6)))}"

    def vital(name: str, value: float, before: int) -> Event:
        return Event(
            ts=at - before,
            kind="vital",
            name=name,
            value=value,
            unit="score" if name == "CLS" else "ms",
            metric_id=f"v5-{view}-{name}",
            view_id=view,
            route=route,
            url=url,
            navigation_type="navigate",
        )

    def other(kind: str, name: str, value: float | None, before: int, **attrs: str | int) -> Event:
        return Event(
            ts=at - before,
            kind=kind,  # type: ignore[arg-type]
            name=name,
            value=value,
            unit="" if value is None else "ms",
            metric_id=f"view:{view}" if kind == "view" else "",
            view_id=view,
            route=route,
            url=url,
            navigation_type="navigate",
            attrs=dict(attrs),
        )

    def resources(count: int) -> list[Event]:
        took = [round(draw.lognormvariate(4.2, 0.8), 1) for _ in range(count)]
        return [
            other("resource", RESOURCES[n % 3], ms, 20 + n, size=draw.randrange(900_000)) for n, ms in enumerate(took)
        ]

    shift = 0.0 if draw.random() < 0.5 else round(draw.expovariate(1 / 0.04), 4)
    if loaded:
        made = [
            other("view", "", None, 900),
            vital("TTFB", round(draw.lognormvariate(5.7, 0.6), 1), 800),
            vital("FCP", round(draw.lognormvariate(6.8, 0.45), 1), 500),
            vital("LCP", round(draw.lognormvariate(7.1, 0.5), 1), 200),
            vital("CLS", shift, 100),
            *resources(5),
        ]
    else:
        # what was told before is told again, larger: the last value wins
        made = [
            vital("LCP", round(draw.lognormvariate(7.2, 0.5), 1), 90),
            vital("CLS", shift * 2, 80),
            vital("INP", round(draw.lognormvariate(4.4, 0.6), 1), 60),
            other("action", "click", round(draw.lognormvariate(3.5, 0.7), 1), 50, target="button.buy"),
            *resources(6),
        ]
    if draw.random() < 0.005:
        made[-1] = other("error", "TypeError", None, 5, message="undefined is not a function", source="app.js")
    return made
