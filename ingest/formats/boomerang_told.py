"""One boomerang beacon while it is read: its parameters, and what follows from them for its events."""

from collections.abc import Iterator
from typing import Final

from ingest.draft import Decoded
from ingest.event_time import Clock
from ingest.formats.boomerang_form import Form, base_36
from ingest.formats.jsurl import structure
from ingest.refusal import EXCERPT_LENGTH, Refusal
from ingest.routes import route_of
from ingest.values import unit_of, why_refused, wrong_value
from schemas.drop_reasons import DropReason
from schemas.event import Event, Kind

SOFT: Final = "spa"
HARD: Final = "spa_hard"
RESTORED: Final = "bfcache"
REQUEST: Final = "xhr"

_LOADS: Final = ("", HARD, SOFT, RESTORED)
_NAVIGATIONS: Final = {"0": "navigate", "1": "reload", "2": "back-forward"}


class Told:
    """One beacon's parameters, and what follows from them for its events.

    ``load``: it tells of a page load, which it does once; `rt.quit` repeats `t_done`, `early` comes before it is whole.
    ``leaves``: the page is unloading. ``view_id``: the page's `pid`; soft navigations and restores are views of their
    own. ``page_start``: the visitor's clock in ms, 0: not told.
    """

    def __init__(self, form: Form, clock: Clock, decoded: Decoded, place: str) -> None:
        self.form = form
        self.clock = clock
        self._decoded = decoded
        self._place = place
        self.initiator = form.get("http.initiator", "")
        self.leaves = "rt.quit" in form
        self.early = "early" in form
        self.load = self.initiator in _LOADS and not self.leaves and not self.early
        self.abandoned = "rt.abld" in form
        page_id = form.get("pid", "")
        own = self.initiator in (SOFT, RESTORED) and page_id
        self.view_id = f"{page_id}.{form.get('n', '')}" if own else page_id
        self.url = form.get("pgu") or form.get("u", "")  # of a request `u` is its own, and `pgu` there where it differs
        self.route = route_of(self.url)
        self.begun = form.number("rt.tstart")
        self.ended = None if self.leaves else form.number("rt.end")
        self._navigation = self._navigation_type()
        epoch = form.number("nt_nav_st") or form.number("rt.nstart") or base_36(form.get("c.e"))
        self.page_start = int(epoch or (self.begun if self.load else 0) or 0)

    def _navigation_type(self) -> str:
        """How the page was come to; empty where this beacon does not tell."""
        if self.initiator == SOFT:
            return "soft-navigation"
        if self.initiator == RESTORED:
            return "back-forward-cache"
        if self.form.get("vis.pre") == "1" or self.form.span("nt_nav_st", "nt_act_st"):
            return "prerender"
        return _NAVIGATIONS.get(self.form.get("nt_nav_type", ""), "")

    def event(self, kind: Kind, name: str, value: float | None, place: str, at: float | None = None) -> Iterator[Event]:
        """An event of the page, at a time of the visitor's clock (None: the time of arrival); none if the value is bad.

        ``place`` is the parameter it comes from.
        """
        wrong = wrong_value(kind, name, value)
        if wrong is not None:
            self.refuse(wrong, why_refused(wrong, name, value), place, f"{name} {value}")
            return
        yield Event(
            ts=self.clock.place(at),
            kind=kind,
            name=name,
            value=value,
            unit=unit_of(kind, name) if value is not None else "",
            view_id=self.view_id,
            route=self.route,
            url=self.url,
            navigation_type=self._navigation,
            attrs={},
        )

    def measured(self, kind: Kind, name: str, place: str, metric_id: str, **attrs: str) -> Iterator[Event]:
        """The measurement that a parameter holds, if it is there; ``attrs`` are parameters too."""
        if place not in self.form:
            return
        value = self.form.number(place)
        if value is None:
            self.refuse(DropReason.NOT_A_NUMBER, f"{place} is not a number", place)
            return
        for event in self.event(kind, name, value, place, self.ended):
            event.metric_id = metric_id
            event.attrs = {name: self.form[source] for name, source in attrs.items() if self.form.get(source)}
            yield event

    def refuse(self, reason: DropReason, detail: str, place: str, excerpt: str = "") -> None:
        """Note what is not taken."""
        self._decoded.refuse(reason, detail, self._place + place, excerpt[:EXCERPT_LENGTH])

    def listed(self, name: str) -> object:
        """The structure in a parameter; None where it is absent or can't be read."""
        try:
            return structure(self.form[name]) if self.form.get(name) else None
        except Refusal as refusal:
            self.refuse(refusal.reason, refusal.detail, name)
            return None
