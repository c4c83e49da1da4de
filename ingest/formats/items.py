"""The items of a body one by one: a bad one is refused with its place, the good ones go on."""

from collections.abc import Callable, Iterable
from typing import Any, Final

from ingest.draft import Decoded
from ingest.refusal import Refusal, excerpt
from ingest.values import why_refused, wrong_value
from schemas.drop_reasons import DropReason
from schemas.event import Event
from schemas.limits import EVENTS_PER_BEACON

_TOO_MANY: Final = f"more than {EVENTS_PER_BEACON} events in a beacon"


class Items:
    """Takes items into a body's beacons until they hold as many events as a beacon may."""

    def __init__(self, decoded: Decoded) -> None:
        self._decoded = decoded
        self._left = EVENTS_PER_BEACON

    def take(self, place: str, items: Iterable[Any], events_of: Callable[[Any], Iterable[Event]]) -> list[Event]:
        """The good events of all items, each as in ``take_one``."""
        return [event for n, item in enumerate(items) for event in self.take_one(f"{place}[{n}]", item, events_of)]

    def take_one(self, place: str, item: Any, events_of: Callable[[Any], Iterable[Event]]) -> list[Event]:
        """The good events of an item; a Refusal of ``events_of`` is noted, not raised."""
        if self._left == 0:
            self._decoded.refuse(DropReason.TOO_MANY_EVENTS, _TOO_MANY, place)
            return []
        try:
            made = list(events_of(item))
        except Refusal as refusal:
            reason = DropReason.EVENT_MALFORMED if refusal.reason is DropReason.MALFORMED else refusal.reason
            self._decoded.refuse(reason, refusal.detail, place, excerpt(item))
            return []
        return [event for event in made if self._is_good(event, place, item)]

    def _is_good(self, event: Event, place: str, item: Any) -> bool:
        wrong = wrong_value(event.kind, event.name, event.value)
        if wrong is not None:
            self._decoded.refuse(wrong, why_refused(wrong, event.name, event.value), place, excerpt(item))
            return False
        if self._left == 0:
            self._decoded.refuse(DropReason.TOO_MANY_EVENTS, _TOO_MANY, place)
            return False
        self._left -= 1
        return True
