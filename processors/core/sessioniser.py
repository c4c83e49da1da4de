"""Which session an event belongs to."""

from typing import Final

from processors.core.config import CoreConfig
from processors.core.keys import tracked_id
from processors.core.records import Segment, Visit
from processors.core.turn import Placed, Turn
from schemas.drop_reasons import DropReason
from schemas.event import Beacon, Event

ENGAGED_GAP_MS: Final = 30_000
"""A longer gap between two events counts as this much engaged time."""


def sessionise(turn: Turn) -> DropReason | None:
    """Give each event its session; a late event has none, is counted and kept raw."""
    memory, config, visit, placed = turn.memory, turn.config, turn.visit, turn.placed
    on_time_from, late = earliest_on_time(turn), 0
    for event in turn.beacon.events:
        if event.ts < on_time_from:
            late += 1
            placed.append(Placed(event, None))
            continue
        wanted = tracked_id(event.name, event.metric_id) if event.metric_id else ""
        segment = (wanted and _owner(visit, wanted)) or find(visit, event.ts, config)
        if segment is None:
            segment = opened(turn.beacon, event)
            visit.segments.append(segment)
            visit.segments.sort(key=lambda s: s.opened_at)
        _count(segment, event, config)
        placed.append(Placed(event, segment, wanted))
    if late:
        turn.count(DropReason.LATE, late)
    if visit.segments:
        memory.visits.put(turn.key, visit)
        memory.unsent_visits[turn.key] = None
    return None


def earliest_on_time(turn: Turn) -> int:
    """The first event time whose window can still change: below it events are late."""
    window_ms = turn.config.window_ms
    closed = turn.memory.watermark.at - turn.config.lateness_ms
    return closed - closed % window_ms


def find(visit: Visit, ts: int, config: CoreConfig) -> Segment | None:
    """The latest session that an event at ``ts`` continues: within the gap of its events and its longest life."""
    for segment in reversed(visit.segments):
        near = segment.first_ts - config.gap_ms <= ts <= segment.last_ts + config.gap_ms
        if near and ts < segment.opened_at + config.session_max_ms:
            return segment
    return None


def opened(beacon: Beacon, event: Event) -> Segment:
    """A new session, opened by this event."""
    return Segment(
        opened_at=event.ts,
        first_ts=event.ts,
        last_ts=event.ts,
        environment=beacon.environment,
        source=beacon.source,
        protocol=beacon.protocol,
        release=beacon.release,
        device=beacon.device,
        browser=beacon.browser,
        os=beacon.os,
        country=beacon.country,
        connection=beacon.connection,
        user_hash=beacon.user_hash,
        previous_session=beacon.previous_session,
        weight=beacon.weight,
        entry_route=event.route,
        exit_route=event.route,
    )


def _owner(visit: Visit, wanted: str) -> Segment | None:
    """The session of an earlier report of the same measurement: a correction opens no session of its own."""
    for segment in reversed(visit.segments):
        if wanted in segment.tracked:
            return segment
    return None


def _count(segment: Segment, event: Event, config: CoreConfig) -> None:
    segment.events += 1
    if event.kind == "error":
        segment.errors += 1
    if event.ts > segment.last_ts + config.gap_ms:
        return  # a correction long after the visit is no activity
    if event.ts >= segment.last_ts:
        segment.engaged_ms += min(event.ts - segment.last_ts, ENGAGED_GAP_MS)
        segment.last_ts = event.ts
        segment.exit_route = event.route or segment.exit_route
    if event.ts < segment.first_ts:
        segment.first_ts = event.ts
        segment.entry_route = event.route or segment.entry_route
    elif not segment.entry_route:
        segment.entry_route = event.route
