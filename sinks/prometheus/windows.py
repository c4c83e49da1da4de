"""The recent windows in memory: the newest row of each lane, window and series, and their sums by page."""

from typing import Final

from schemas.rollup import RollupRow, Series
from sinks.prometheus.cells import Cells, Page, cell_of

MINUTE_MS: Final = 60_000
KEPT_MS: Final = 6 * MINUTE_MS
"""How far back of now a window may have ended to be remembered: more than the longest gauge, five minutes, needs."""


class Windows:
    """Rows go in in any order and any number of times; only a higher version replaces.

    Memory: the rows of seven minutes. Their number is bounded by the processor's cap of series for each site.
    """

    def __init__(self) -> None:
        self._rows: dict[int, dict[tuple[int, Series], RollupRow]] = {}
        self._cells: dict[int, Cells] = {}

    def apply(self, row: RollupRow, now_ms: int) -> bool:
        """Take a row in; whether it changed anything. Cost: its buckets and those of the row it replaces.

        Only what browsers saw: the gauges have no label for the source, and a server's requests or a laboratory's
        page loads are not a visitor's.
        """
        if row.source != "browser":
            return False
        end = row.window_start + row.window_seconds * 1000
        if end < now_ms - KEPT_MS:
            return False
        rows = self._rows.setdefault(end, {})
        key = (row.lane, row.series)
        known = rows.get(key)
        if known is not None and known.version >= row.version:
            return False
        cell = cell_of(self._cells.setdefault(end, {}), Page(row.site, row.route, row.device), row.metric)
        if known is not None:
            cell.add(known, -1)
        cell.add(row)
        rows[key] = row
        return True

    def forget(self, now_ms: int) -> None:
        """Drop the windows that no gauge will need again."""
        for end in [e for e in self._rows if e < now_ms - KEPT_MS]:
            del self._rows[end], self._cells[end]

    def last_minute(self, now_ms: int) -> tuple[Cells, int | None]:
        """The windows that ended within the last complete minute: cells, and the newest end in ms (None: no data)."""
        minute = now_ms - now_ms % MINUTE_MS
        return self._ending(minute - MINUTE_MS, minute)

    def last_five_minutes(self, now_ms: int) -> tuple[Cells, int | None]:
        """The open minute and the four before it, the same way. A window that clocks put in the future is in it."""
        minute = now_ms - now_ms % MINUTE_MS
        return self._ending(minute - 4 * MINUTE_MS, None)

    def _ending(self, after_ms: int, until_ms: int | None) -> tuple[Cells, int | None]:
        chosen = [e for e in self._cells if e > after_ms and (until_ms is None or e <= until_ms)]
        merged: Cells = {}
        for end in chosen:
            for page, metrics in self._cells[end].items():
                for metric, cell in metrics.items():
                    if cell.weight or cell.measured:
                        cell_of(merged, page, metric).add(cell)
        return merged, max(chosen, default=None)
