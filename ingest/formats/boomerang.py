"""`GET /boomerang?…` and `POST /boomerang`: beacons of boomerang (boomerangjs), one a query, one or more a form body.

Several in one body stand on lines of their own (a form has no newline). Which parameter becomes what, and the traps,
are in docs/collector.md; the plugins are those of boomerangjs 1.815.1.
"""

from typing import Final

from ingest.draft import Decoded, Draft, Request, clock_of, draft
from ingest.formats.boomerang_events import EVENTS
from ingest.formats.boomerang_form import Form, names_of, read_form
from ingest.formats.boomerang_told import Told
from ingest.refusal import Refusal
from schemas.drop_reasons import DropReason
from schemas.limits import EVENTS_PER_BEACON

_BEACONS: Final = 100
_CONNECTIONS: Final = frozenset(
    ("slow-2g", "2g", "3g", "4g", "bluetooth", "cellular", "ethernet", "mixed", "none", "other", "wifi", "wimax")
)


def decode(body: bytes, request: Request) -> Decoded:
    """A beacon for each line of the body, of at most 100.

    Raises:
        Refusal: MALFORMED, no line is a form with something in it that is known.
    """
    decoded = Decoded()
    lines = [line for line in body.splitlines() if line]
    for number, line in enumerate(lines):
        place = f"line {number + 1}: " if len(lines) > 1 else ""
        if number == _BEACONS:
            decoded.refuse(DropReason.TOO_MANY_EVENTS, f"more than {_BEACONS} beacons in a body", place)
            break
        try:
            form = read_form(line)
        except Refusal as refusal:
            decoded.refuse(DropReason.EVENT_MALFORMED, refusal.detail, place)
            continue
        decoded.drafts.append(_draft(form, place, request, decoded))
    if not any(made.beacon.events for made in decoded.drafts) and not decoded.refused:
        names = " ".join(names_of(made) for made in map(read_form, lines[:1]))
        decoded.refuse(DropReason.EVENT_MALFORMED, "no parameter of boomerang that tells something", "$", names)
    return decoded.checked()


def _draft(form: Form, place: str, request: Request, decoded: Decoded) -> Draft:
    made = draft(request, "boomerang")
    beacon = made.beacon
    page_id, number = form.get("pid", ""), form.get("n", "")
    beacon.beacon_id = f"{page_id}-{number}" if page_id and number else ""
    beacon.session_id = form.get("rt.si", "").rpartition("-")[0]
    beacon.seq = form.whole("n")
    connection = form.get("mob.etype") or form.get("mob.ct") or ""
    beacon.connection = connection if connection in _CONNECTIONS else ""
    told = Told(form, clock_of(request, decoded), decoded, place)
    made.page_time = told.page_start
    for name, events in EVENTS:
        for event in events(told):
            if len(beacon.events) == EVENTS_PER_BEACON:
                detail = f"more than {EVENTS_PER_BEACON} events in a beacon"
                decoded.refuse(DropReason.TOO_MANY_EVENTS, detail, place + name)
                return made
            beacon.events.append(event)
    return made
