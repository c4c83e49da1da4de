"""Rows for the sinks: the whole of a window or session as of now, and forgetting what can't change any more."""

from processors.core.config import CoreConfig
from processors.core.keys import held_key
from processors.core.ledger import ledger_row
from processors.core.memory import LaneMemory
from processors.core.records import Segment, Visit
from processors.core.turn import Outputs
from schemas.lanes import row_version
from schemas.measures import VITALS
from schemas.rollup import RollupRow, Series
from schemas.session import SessionRow
from schemas.sketch import bucket_value

_SEVERITY = {"": 0, "good": 1, "needs-improvement": 2, "poor": 3}


def empty_row(series: Series, start: int, config: CoreConfig) -> RollupRow:
    """A window's row before anything is counted in it; a lane's state of a window is its row."""
    return RollupRow(
        *series,
        window_start=start,
        window_seconds=config.window_ms // 1000,
        lane=config.lane,
        version=0,
        n=0,
        weight=0,
    )


def rollup_row(window: RollupRow, config: CoreConfig, offset: int) -> RollupRow:
    """The absolute row of a window as of now: the window itself, with its version."""
    window.version = row_version(config.generation, offset)
    return window


def session_row(visit: Visit, segment: Segment, config: CoreConfig, offset: int) -> SessionRow:
    """The absolute row of a session."""
    vital, rating = worst_vital(segment)
    return SessionRow(
        site=visit.site,
        session_id=visit.session_id,
        opened_at=segment.opened_at,
        lane=config.lane,
        version=row_version(config.generation, offset),
        started_at=segment.first_ts,
        ended_at=segment.last_ts,
        environment=segment.environment,
        source=segment.source,
        protocol=segment.protocol,
        release=segment.release,
        device=segment.device,
        browser=segment.browser,
        os=segment.os,
        country=segment.country,
        connection=segment.connection,
        user_hash=segment.user_hash,
        previous_session=segment.previous_session,
        entry_route=segment.entry_route,
        exit_route=segment.exit_route,
        views=segment.views,
        events=segment.events,
        errors=segment.errors,
        duplicates=segment.duplicates,
        engaged_ms=segment.engaged_ms,
        worst_vital=vital,
        worst_rating=rating,
        weight=segment.weight,
    )


def worst_vital(segment: Segment) -> tuple[str, str]:
    """The vital with the worst final rating, and by how much it misses "poor" where several are alike."""
    worst = (0, 0.0, "", "")
    for known, tracked in segment.tracked.items():
        name = known.partition(":")[0]
        measure = VITALS.get(name)
        if measure is None or measure.poor is None:
            continue
        value = 0.0 if tracked.bucket is None else bucket_value(tracked.bucket)
        worst = max(worst, (_SEVERITY[tracked.rating], value / measure.poor, name, tracked.rating))
    return worst[2], worst[3]


def emit_if_unsent(memory: LaneMemory, out: Outputs, config: CoreConfig, key: bytes, visit: Visit) -> None:
    """Put out the rows of a visit's sessions now if their last change was not emitted yet."""
    if key in memory.unsent_visits:
        del memory.unsent_visits[key]
        out.last.sessions += [session_row(visit, s, config, memory.offset) for s in visit.segments]


def forget_visit(memory: LaneMemory, out: Outputs, config: CoreConfig, key: bytes, visit: Visit) -> None:
    """Forget a visit that can't change any more, and what was held back of it."""
    emit_if_unsent(memory, out, config, key, visit)
    for number in range(visit.held):
        memory.held.forget(held_key(key, number))
    memory.visits.forget(key)


def forget_window(memory: LaneMemory, out: Outputs, config: CoreConfig, key: bytes) -> None:
    """Forget a window that can't change any more."""
    if key in memory.unsent_windows:
        del memory.unsent_windows[key]
        window = memory.windows.get(key)
        if window is not None:
            out.last.rollups.append(rollup_row(window, config, memory.offset))
    memory.windows.forget(key)


def forget_ledger_minute(memory: LaneMemory, out: Outputs, config: CoreConfig, key: bytes) -> None:
    """Forget a minute of the ledger that is closed."""
    if key in memory.unsent_ledger:
        del memory.unsent_ledger[key]
        record = memory.ledger.get(key)
        if record is not None:
            out.last.ledger.append(ledger_row(record, config, memory.offset))
    memory.ledger.forget(key)
