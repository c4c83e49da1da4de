"""The recent windows in memory: the newest row of each lane, window and series, and their sums by page."""

from typing import Final

from schemas.rollup import RollupRow, Series
from sinks.prometheus.cells import Cells, Page, cell_of

MINUTE_MS: Final = 60_000
KEPT_MS: Final = 7 * MINUTE_MS
"""How far back of now a window may have begun to be remembered: more than the longest gauge, five minutes, needs."""


class Windows:
    """Rows go in in any order and any number of times; only a higher version replaces.

    Memory: the rows of seven minutes. Their number is bounded by the processor's cap of series for each site.
    """

    def __init__(self) -> None:
        self._rows: dict[int, dict[tuple[int, Series], RollupRow]] = {}
        self._cells: dict[int, Cells] = {}
        self._ends: dict[int, int] = {}

    def apply(self, row: RollupRow, now_ms: int) -> bool:
        """Take a row in; whether it changed anything. Cost: its buckets and those of the row it replaces."""
        if row.window_start < now_ms - KEPT_MS:
            return False
        rows = self._rows.setdefault(row.window_start, {})
        key = (row.lane, row.series)
        known = rows.get(key)
        if known is not None and known.version >= row.version:
            return False
        cell = cell_of(self._cells.setdefault(row.window_start, {}), Page(row.site, row.route, row.device), row.metric)
        if known is not None:
            cell.add(known, -1)
        cell.add(row)
        rows[key] = row
        self._ends[row.window_start] = row.window_start + row.window_seconds * 1000
        return True

    def forget(self, now_ms: int) -> None:
        """Drop the windows that no gauge will need again."""
        for start in [s for s in self._rows if s < now_ms - KEPT_MS]:
            del self._rows[start], self._cells[start], self._ends[start]

    def last_minute(self, now_ms: int) -> tuple[Cells, int | None]:
        """The windows of the last complete minute: their cells, and the end of the newest (None: no data)."""
        minute = now_ms - now_ms % MINUTE_MS
        return self._between(minute - MINUTE_MS, minute)

    def last_five_minutes(self, now_ms: int) -> tuple[Cells, int | None]:
        """The open minute and the four before it, the same way. A window that clocks put in the future is in it."""
        minute = now_ms - now_ms % MINUTE_MS
        return self._between(minute - 4 * MINUTE_MS, None)

    def _between(self, start_ms: int, stop_ms: int | None) -> tuple[Cells, int | None]:
        merged: Cells = {}
        end: int | None = None
        for start, cells in self._cells.items():
            if start < start_ms or (stop_ms is not None and start >= stop_ms):
                continue
            end = max(end or 0, self._ends[start])
            for page, metrics in cells.items():
                for metric, cell in metrics.items():
                    if cell.weight or cell.measured:
                        cell_of(merged, page, metric).add(cell)
        return merged, end
