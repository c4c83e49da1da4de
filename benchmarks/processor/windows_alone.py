"""The window job alone: the lane with a shorter tuple of steps. No visits, no samples, no retries, no corrections,
no caps."""

from typing import Final

from processors.core import step as pipeline
from processors.core.cells import Cell
from processors.core.decode import advance_watermark, clamp_clock, decode_line
from processors.core.rows import empty_row
from processors.core.turn import Turn
from processors.core.windower import APPLIED
from schemas.drop_reasons import DropReason


def count_each(turn: Turn) -> DropReason | None:
    """Add every event to its series' window: count, weight, sum and sketch."""
    beacon, window_ms = turn.beacon, turn.config.window_ms
    places = turn.memory.cells.of(beacon)
    counted = 0
    for event in beacon.events:
        place = places.setdefault((event.route, event.navigation_type), {})
        try:
            line = place[event.kind][event.name]
        except KeyError:
            line = turn.memory.cells.make(place, event, beacon)
        if line.measure is None:
            continue
        start = event.ts - event.ts % window_ms
        cell = line.cell if line.cell.start == start else line.at(start)
        if cell.row is None:
            _open(turn, cell)
        if event.value is None or line.counts_only:
            cell.plain += 1
        else:
            cell.values.append(event.value)
        counted += 1
    turn.count(APPLIED, counted)
    return None


def _open(turn: Turn, cell: Cell) -> None:
    memory = turn.memory
    row = memory.windows.get(cell.key)
    if row is None:
        row = empty_row(cell.line.series, cell.start, turn.config)
    memory.windows.put(cell.key, row)
    memory.unsent_windows[cell.key] = None
    cell.row = row
    memory.cells.opened(cell)


STEPS: Final = (decode_line, clamp_clock, advance_watermark, count_each)


def install() -> None:
    """From now on lanes of this process take these steps alone."""
    vars(pipeline)["STEPS"] = STEPS
