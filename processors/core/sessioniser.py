"""Which session an event belongs to."""

from typing import Final

from processors.core.config import CoreConfig
from processors.core.page_views import owner_of
from processors.core.records import Segment, Visit
from processors.core.turn import Turn
from schemas.drop_reasons import DropReason
from schemas.event import Beacon, Event

ENGAGED_GAP_MS: Final = 30_000
"""A longer gap between two events counts as this much engaged time."""


def sessionise(turn: Turn) -> DropReason | None:
    """Give each event its session; a late event has none, is counted and kept raw."""
    visit = turn.visit
    sole = turn.sole = _sole_session(turn)
    if sole is not None:
        _weigh(sole, turn.beacon)
        turn.segments = [sole] * len(turn.beacon.events)
        _count_all(turn, sole)
    else:
        turn.segments = []
        _one_by_one(turn)
    if visit.segments:
        turn.memory.visits.put(turn.key, visit)
        turn.memory.unsent_visits[turn.key] = None
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


def _sole_session(turn: Turn) -> Segment | None:
    """The session of all events, where it is plain that they have one: what `_one_by_one` would find for each."""
    events, config, segments, low, high = turn.beacon.events, turn.config, turn.visit.segments, turn.low, turn.high
    if not events or len(segments) > 1 or low < earliest_on_time(turn):
        return None
    if segments:
        segment = segments[0]
        near = segment.first_ts - config.gap_ms <= low and high <= segment.last_ts + config.gap_ms
        return segment if near and high < segment.opened_at + config.session_max_ms else None
    if high - low <= config.gap_ms and high < events[0].ts + config.session_max_ms:
        segment = opened(turn.beacon, events[0])
        segments.append(segment)
        return segment
    return None


def _weigh(segment: Segment, beacon: Beacon) -> None:
    """A session weighs the least that a beacon of it does: a client's events of one kind may be a share of them."""
    if beacon.weight < segment.weight:
        segment.weight = beacon.weight


def _count_all(turn: Turn, segment: Segment) -> None:
    """`_count` for events of which none is far from the session's others: what they add up to is written once."""
    first, last, engaged, errors = segment.first_ts, segment.last_ts, 0, 0
    entry, leaving = segment.entry_route, segment.exit_route
    for event in turn.beacon.events:
        ts = event.ts
        if ts >= last:
            engaged += ts - last if ts - last < ENGAGED_GAP_MS else ENGAGED_GAP_MS
            last = ts
            leaving = event.route or leaving
        if ts < first:
            first = ts
            entry = event.route or entry
        elif not entry:
            entry = event.route
        if event.kind == "error":
            errors += 1
    segment.first_ts, segment.last_ts = first, last
    segment.entry_route, segment.exit_route = entry, leaving
    segment.engaged_ms += engaged
    segment.events += len(turn.beacon.events)
    if errors:
        segment.errors += errors
        turn.causes.append(segment)


def _one_by_one(turn: Turn) -> None:
    visit, config, late = turn.visit, turn.config, 0
    on_time_from = earliest_on_time(turn)
    for event in turn.beacon.events:
        if event.ts < on_time_from:
            late += 1
            turn.segments.append(None)
            continue
        # a correction belongs to the session of the first report: it opens none of its own
        segment = owner_of(turn, event) or find(visit, event.ts, config)
        if segment is None:
            segment = opened(turn.beacon, event)
            visit.segments.append(segment)
            visit.segments.sort(key=lambda s: s.opened_at)
        _weigh(segment, turn.beacon)
        _count(segment, event, config)
        if event.kind == "error":
            turn.causes.append(segment)
        turn.segments.append(segment)
    if late:
        turn.count(DropReason.LATE, late)


def _count(segment: Segment, event: Event, config: CoreConfig) -> None:
    segment.events += 1
    if event.kind == "error":
        segment.errors += 1
    if event.ts > segment.last_ts + config.gap_ms or event.ts >= segment.opened_at + config.session_max_ms:
        return  # a correction long after the visit is no activity, and lengthens no session
    if event.ts >= segment.last_ts:
        segment.engaged_ms += min(event.ts - segment.last_ts, ENGAGED_GAP_MS)
        segment.last_ts = event.ts
        segment.exit_route = event.route or segment.exit_route
    if event.ts < segment.first_ts:
        segment.first_ts = event.ts
        segment.entry_route = event.route or segment.entry_route
    elif not segment.entry_route:
        segment.entry_route = event.route
