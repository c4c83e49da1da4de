"""Forgetting what can't change any more: part of a checkpoint, bounded work each time.

What has run out is already treated as gone by the steps, so when it is forgotten makes no difference to any row.
"""

from itertools import islice
from typing import Final

from processors.core.config import CoreConfig
from processors.core.keys import expiries_until, expiry_key, held_before, ledger_before, visit_of_expiry, windows_before
from processors.core.ledger import MINUTE_MS
from processors.core.memory import LaneMemory
from processors.core.rows import forget_ledger_minute, forget_visit, forget_window
from processors.core.turn import Outputs

EVICTIONS_PER_CHECKPOINT: Final = 20_000


def evict(memory: LaneMemory, out: Outputs, config: CoreConfig) -> tuple[list[bytes], list[bytes]]:
    """Forget windows and visits that have run out; returns reminders to write and to delete (local store only).

    The first part of a checkpoint: it brings the rows up to date.
    """
    memory.cells.count_up()
    mark = memory.watermark.at
    horizon = mark - config.lateness_ms - config.window_ms + 1
    for key in list(islice(memory.store.keys(*windows_before(horizon)), EVICTIONS_PER_CHECKPOINT)):
        if memory.windows.changed.get(key, key) is not None:
            forget_window(memory, out, config, key)
    # a session that has lines in a block was opened before its append time, and lives no longer than this
    for key in list(islice(memory.store.keys(*held_before(mark - 2 * config.lateness_ms)), EVICTIONS_PER_CHECKPOINT)):
        memory.held.forget(key)
    horizon = mark - config.lateness_ms - MINUTE_MS + 1
    for key in list(islice(memory.store.keys(*ledger_before(horizon)), EVICTIONS_PER_CHECKPOINT)):
        forget_ledger_minute(memory, out, config, key)
    fresh = [
        expiry_key(visit.last_ts + config.lateness_ms, key)
        for key in memory.born
        if (visit := memory.visits.changed.get(key)) is not None
    ]
    spent: list[bytes] = []
    for reminder in list(islice(memory.store.keys(*expiries_until(mark)), EVICTIONS_PER_CHECKPOINT)):
        spent.append(reminder)
        key = visit_of_expiry(reminder)
        visit = memory.visits.get(key)
        if visit is None:
            continue
        if memory.watermark.has_passed(visit.last_ts, config.lateness_ms):
            forget_visit(memory, out, config, key, visit)
        else:
            fresh.append(expiry_key(visit.last_ts + config.lateness_ms, key))
    return fresh, spent
