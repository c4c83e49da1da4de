"""A beacon on its way through the collector: what the request told, and what a format made of the body."""

from collections import Counter
from dataclasses import dataclass, field

import msgspec

from ingest.event_time import Clock
from ingest.refusal import Refusal, Refused
from ingest.sites import Site
from schemas.drop_reasons import DropReason
from schemas.event import SCHEMA_VERSION, Beacon, Protocol


class Request(msgspec.Struct, frozen=True):
    """What is known beside the body. ``received_at`` in ms; the texts may be empty.

    ``anonymous``: the visitor asks not to be tracked, and the site takes such visitors as nobody.
    """

    site: Site
    received_at: int
    ip: str = ""
    user_agent: str = ""
    idempotency_key: str = ""
    content_type: str = ""
    country: str = ""
    anonymous: bool = False


class Draft(msgspec.Struct):
    """One beacon, not yet scrubbed or bounded.

    ``page_time`` (ms, 0: not told) is when the page began, for the day of a visitor id. ``part`` tells the beacons
    of one body and session apart (ingest/assumed_rates.py).
    """

    beacon: Beacon
    user_agent: str = ""
    user_id: str = ""
    page_time: int = 0
    part: str = ""


@dataclass(slots=True)
class Decoded:
    """What a format found in a body: beacons, refused events, and event times that were clamped, by reason."""

    drafts: list[Draft] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    clamped: Counter[str] = field(default_factory=Counter)

    def refuse(self, reason: DropReason, detail: str, place: str, excerpt: str = "") -> None:
        """Note an event that is not taken."""
        self.refused.append(Refused(reason, detail, place, excerpt))

    def checked(self) -> "Decoded":
        """This, with the beacons that have events.

        Raises:
            Refusal: MALFORMED, no event is good.
        """
        self.drafts = [d for d in self.drafts if d.beacon.events]
        if not self.drafts:
            first = f", the first: {self.refused[0].detail}" if self.refused else ""
            raise Refusal(DropReason.MALFORMED, f"no good event in the body{first}", self.refused)
        return self


def draft(request: Request, protocol: Protocol) -> Draft:
    """An empty beacon of the request's site."""
    beacon = Beacon(
        schema=SCHEMA_VERSION,
        beacon_id="",
        site=request.site.id,
        session_id="",
        received_at=request.received_at,
        protocol=protocol,
        environment=request.site.environment,
        country=request.country,
        events=[],
    )
    return Draft(beacon, user_agent=request.user_agent)


def clock_of(request: Request, decoded: Decoded, sent_at: float = 0) -> Clock:
    """The clock that places this request's events."""
    return Clock(request.received_at, sent_at, decoded.clamped)
