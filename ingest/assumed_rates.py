"""Weights for clients that send a share of their events and do not say which: the sites file states it for them."""

from typing import Final

import msgspec

from ingest.draft import Draft
from ingest.sites import Site
from schemas.event import Event, Protocol
from schemas.limits import WEIGHT_ONE

_TELLING: Final[frozenset[Protocol]] = frozenset(("rum", "server", "lab"))
"""Clients whose beacons say their rate, 1 included."""


def weigh(drafts: list[Draft], site: Site) -> list[Draft]:
    """The drafts, events of kinds with an assumed rate in beacons of their own, since a beacon has one weight.

    A client that told its rate is believed. What is counted fully stays first: it opens the session.
    """
    if not site.assumed_weights:
        return drafts
    weighed: list[Draft] = []
    for draft in drafts:
        told = draft.beacon.protocol in _TELLING or draft.beacon.weight != WEIGHT_ONE
        weighed += [draft] if told else _parts(draft, site)
    return weighed


def _parts(draft: Draft, site: Site) -> list[Draft]:
    by_weight: dict[int, list[Event]] = {}
    for event in draft.beacon.events:
        by_weight.setdefault(site.assumed_weights.get(event.kind, WEIGHT_ONE), []).append(event)
    parts: list[Draft] = []
    for weight in sorted(by_weight):
        part = msgspec.structs.replace(draft, beacon=msgspec.structs.replace(draft.beacon))
        part.beacon.weight, part.beacon.events = weight, by_weight[weight]
        if weight != WEIGHT_ONE:
            part.part = f"~{weight}"
        parts.append(part)
    return parts
