"""Rows for the sinks: the whole of a window or session as of now, and forgetting what can't change any more."""

from typing import Final

from processors.core.config import CoreConfig
from processors.core.keys import page_key
from processors.core.ledger import ledger_row
from processors.core.memory import LaneMemory
from processors.core.records import NOTHING_BAD, PageView, Segment, Visit, Worst
from processors.core.turn import Outputs
from schemas.lanes import row_version
from schemas.measures import MEASURES, VITALS, Measure
from schemas.rollup import RollupRow, Series
from schemas.session import SessionRow

_RATINGS: Final = ("", "good", "needs-improvement", "poor")


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


def session_rows(memory: LaneMemory, config: CoreConfig, key: bytes, visit: Visit) -> list[SessionRow]:
    """The absolute rows of a visit's sessions."""
    return [_session_row(memory, config, key, visit, segment) for segment in visit.segments]


def _session_row(memory: LaneMemory, config: CoreConfig, key: bytes, visit: Visit, segment: Segment) -> SessionRow:
    severity, _, vital = worst_vital(memory, key, segment)
    return SessionRow(
        site=visit.site,
        session_id=visit.session_id,
        opened_at=segment.opened_at,
        lane=config.lane,
        version=row_version(config.generation, memory.offset),
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
        worst_rating=_RATINGS[severity],
        weight=segment.weight,
    )


def badness(measure: Measure, value: float | None) -> Worst:
    """How bad a measurement is: a vital by its rating, and among those rated alike by its share of "poor"."""
    good, poor = measure.good, measure.poor
    if value is None or good is None or poor is None or measure.name not in VITALS:
        return NOTHING_BAD
    return (1 if value <= good else 2 if value <= poor else 3), value / poor, measure.name


def worst_vital(memory: LaneMemory, key: bytes, segment: Segment) -> Worst:
    """The worst vital of a session by its final values. Looks into the page views whose worst one was corrected."""
    worst = NOTHING_BAD
    for page, known in segment.pages.items():
        if known is None:
            found = memory.pages.get(page_key(key, segment.opened_at, page))
            known = segment.pages[page] = NOTHING_BAD if found is None else _worst_of(found)
        if known > worst:
            worst = known
    return worst


def _worst_of(page: PageView) -> Worst:
    worst = NOTHING_BAD
    for known_as, tracked in page.tracked.items():
        measure = MEASURES.get(known_as.partition(":")[0])
        if measure is not None:
            worst = max(worst, badness(measure, tracked.value))
    return worst


def emit_if_unsent(memory: LaneMemory, out: Outputs, config: CoreConfig, key: bytes, visit: Visit) -> None:
    """Put out the rows of a visit's sessions now if their last change was not emitted yet."""
    if key in memory.unsent_visits:
        del memory.unsent_visits[key]
        out.last.sessions += session_rows(memory, config, key, visit)


def forget_visit(memory: LaneMemory, out: Outputs, config: CoreConfig, key: bytes, visit: Visit) -> None:
    """Forget a visit that can't change any more."""
    emit_if_unsent(memory, out, config, key, visit)
    for segment in visit.segments:
        forget_pages(memory, key, segment)
    memory.visits.forget(key)


def forget_pages(memory: LaneMemory, key: bytes, segment: Segment) -> None:
    """Forget the page views of a session that can't change any more."""
    for page in segment.pages:
        memory.pages.forget(page_key(key, segment.opened_at, page))


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
