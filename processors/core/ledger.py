"""The lane's side of the ledger: every accepted event becomes exactly one thing (design section 6, P3)."""

from collections.abc import Mapping
from typing import Final

from processors.core.config import CoreConfig
from processors.core.keys import ledger_key
from processors.core.memory import LaneMemory
from processors.core.records import LedgerMinute
from schemas.lanes import row_version
from schemas.ledger import LedgerRow

MINUTE_MS: Final = 60_000


def enter(
    memory: LaneMemory, config: CoreConfig, minute: int, appended_at: int, site: str, outcomes: Mapping[str, int]
) -> None:
    """Add what became of a block's events to the minute they were received in.

    A minute that was closed already (a collector whose clock is hours behind) is not opened again, its total would
    begin anew: such events go to the minute in which the broker took them, which is never closed.
    """
    if memory.watermark.has_passed(minute + MINUTE_MS, config.lateness_ms):
        minute = appended_at - appended_at % MINUTE_MS
    key = ledger_key(minute, site)
    record = memory.ledger.get(key)
    if record is None:
        record = LedgerMinute(site, minute)
    for outcome, count in outcomes.items():
        record.outcomes[outcome] = record.outcomes.get(outcome, 0) + count
        record.accepted += count
    memory.ledger.put(key, record)
    memory.unsent_ledger[key] = None


def ledger_row(record: LedgerMinute, config: CoreConfig, offset: int) -> LedgerRow:
    """The absolute row of a minute."""
    return LedgerRow(
        site=record.site,
        minute=record.minute,
        part="lane",
        writer=str(config.lane),
        version=row_version(config.generation, offset),
        accepted=record.accepted,
        outcomes=record.outcomes,
    )
