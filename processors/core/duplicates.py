"""A retry counts once: beacon ids seen within the session's life."""

from typing import Final

from processors.core.keys import beacon_key, visit_key
from processors.core.records import Visit
from processors.core.rows import emit_if_unsent, forget_pages, forget_visit
from processors.core.turn import Turn
from schemas.drop_reasons import DropReason
from schemas.limits import IDS_PER_SESSION

HASHED_ID: Final = "h:"
HASHED_ID_MS: Final = 10_000
"""A beacon id that is only a hash of the bytes means a retry for this long; later, the same bytes are news."""


def open_visit(turn: Turn) -> DropReason | None:
    """Find what the lane knows of the visitor's session id; what has run out is forgotten first."""
    beacon, memory = turn.beacon, turn.memory
    turn.key = visit_key(beacon.site, beacon.session_id)
    visit = memory.visits.get(turn.key)
    if visit is not None:
        oldest = memory.watermark.at - turn.config.lateness_ms
        if any(segment.last_ts <= oldest for segment in visit.segments):
            if visit.last_ts <= oldest:
                forget_visit(memory, turn.out, turn.config, turn.key, visit)
                visit = None
            else:
                _drop_old_segments(turn, visit)
    if visit is None:
        visit = Visit(beacon.site, beacon.session_id)
        memory.born[turn.key] = None
    turn.visit = visit
    return None


def drop_duplicate(turn: Turn) -> DropReason | None:
    """Stop a beacon that was counted before; remember the id of one that was not."""
    beacon, visit = turn.beacon, turn.visit
    beacon_id = beacon_key(beacon.beacon_id)
    seen = visit.beacons.get(beacon_id)
    if seen is not None and (
        not beacon.beacon_id.startswith(HASHED_ID) or abs(beacon.received_at - seen) <= HASHED_ID_MS
    ):
        turn.count(DropReason.DUPLICATE, len(beacon.events))
        visit.segments[-1].duplicates += 1
        turn.memory.visits.put(turn.key, visit)
        turn.memory.unsent_visits[turn.key] = None
        return DropReason.DUPLICATE
    if seen is not None or len(visit.beacons) < IDS_PER_SESSION:
        visit.beacons[beacon_id] = beacon.received_at
    else:
        turn.out.untracked["beacons"] = turn.out.untracked.get("beacons", 0) + 1
    return None


def _drop_old_segments(turn: Turn, visit: Visit) -> None:
    memory, config, mark = turn.memory, turn.config, turn.memory.watermark
    emit_if_unsent(memory, turn.out, config, turn.key, visit)
    kept = []
    for segment in visit.segments:
        if mark.has_passed(segment.last_ts, config.lateness_ms):
            forget_pages(memory, turn.key, segment)
        else:
            kept.append(segment)
    visit.segments = kept
    oldest = mark.at - config.lateness_ms
    visit.beacons = {b: at for b, at in visit.beacons.items() if at > oldest}
