"""The rows that the sinks have not seen yet."""

from processors.core.config import CoreConfig
from processors.core.memory import LaneMemory
from processors.core.rows import rollup_row, session_row
from processors.core.turn import Outputs
from schemas.rollup import RollupRow
from schemas.session import SessionRow


def unsent_rows(memory: LaneMemory, out: Outputs, config: CoreConfig) -> tuple[list[RollupRow], list[SessionRow]]:
    """All rows changed since the last emission, then nothing is unsent any more. Last rows of the forgotten first."""
    rollups, sessions = out.last_rollups, out.last_sessions
    for key in memory.unsent_windows:
        window = memory.windows.get(key)
        if window is not None:
            rollups.append(rollup_row(window, config, memory.offset))
    for key in memory.unsent_visits:
        visit = memory.visits.get(key)
        if visit is not None:
            sessions += [session_row(visit, s, config, memory.offset) for s in visit.segments]
    memory.unsent_windows.clear()
    memory.unsent_visits.clear()
    return rollups, sessions
