"""The rows that the sinks have not seen yet."""

from processors.core.config import CoreConfig
from processors.core.ledger import ledger_row
from processors.core.memory import LaneMemory
from processors.core.rows import rollup_row, session_rows
from processors.core.turn import Outputs, Rows


def unsent_rows(memory: LaneMemory, out: Outputs, config: CoreConfig) -> Rows:
    """All rows changed since the last emission, then nothing is unsent any more. Last rows of the forgotten first."""
    rows, offset = out.last, memory.offset
    for key in memory.unsent_windows:
        window = memory.windows.get(key)
        if window is not None:
            rows.rollups.append(rollup_row(window, config, offset))
    for key in memory.unsent_visits:
        visit = memory.visits.get(key)
        if visit is not None:
            rows.sessions += session_rows(memory, config, key, visit)
    for key in memory.unsent_ledger:
        minute = memory.ledger.get(key)
        if minute is not None:
            rows.ledger.append(ledger_row(minute, config, offset))
    memory.unsent_windows.clear()
    memory.unsent_visits.clear()
    memory.unsent_ledger.clear()
    return rows
