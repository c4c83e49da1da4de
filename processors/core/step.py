"""The pipeline of a lane: every line of a block takes these steps, in this order."""

from collections.abc import Callable
from typing import Final

from processors.core.block import Block
from processors.core.config import CoreConfig
from processors.core.decode import advance_watermark, clamp_clock, decode_line, refuse
from processors.core.duplicates import drop_duplicate, open_visit
from processors.core.fingerprints import group_errors
from processors.core.held import keep_held
from processors.core.ledger import MINUTE_MS, enter
from processors.core.memory import LaneMemory
from processors.core.page_views import name_metrics
from processors.core.sampler import sample
from processors.core.sessioniser import sessionise
from processors.core.turn import Outputs, Turn, add_counts
from processors.core.windower import count_in_windows
from schemas.drop_reasons import DropReason
from schemas.event import SCHEMA_VERSION

Step = Callable[[Turn], DropReason | None]

STEPS: Final[tuple[Step, ...]] = (
    decode_line,
    clamp_clock,
    advance_watermark,
    open_visit,
    drop_duplicate,
    sessionise,
    name_metrics,
    count_in_windows,
    group_errors,
    sample,
)
"""A step that returns a reason ends the line's way; it has counted or put out what that means."""


def step(
    memory: LaneMemory, block: Block, config: CoreConfig, steps: tuple[Step, ...] | None = None
) -> tuple[LaneMemory, Outputs]:
    """Apply one block: a pure function of the lane's memory and the block (memory is changed in place).

    Raises:
        LookupError: the memory contradicts itself (a tracked measurement without its window).
        StateVersionError: a record in the store is of another version.
    """
    out = Outputs()
    minutes: dict[tuple[int, str], dict[str, int]] = {}
    if block.tick is not None:
        memory.watermark.advance(min(block.tick, block.appended_at))
    if block.schema == _SCHEMA:
        for number, raw in enumerate(block.lines):
            turn = Turn(memory, config, out, block, number, raw, {}, [], {})
            for take in steps or STEPS:
                if take(turn) is not None:
                    break
            _enter(turn, minutes)
    elif block.lines:
        detail = f"in a block of schema {block.schema[:32]!r}, known is {SCHEMA_VERSION}"
        for number, raw in enumerate(block.lines):
            turn = Turn(memory, config, out, block, number, raw, {}, [], {})
            refuse(turn, DropReason.SCHEMA_UNKNOWN, detail)
            _enter(turn, minutes)
    for (minute, site), outcomes in minutes.items():
        add_counts(out.counts, outcomes)
        enter(memory, config, minute, block.appended_at, site, outcomes)
    keep_held(memory, block, out)
    memory.offset = block.offset
    return memory, out


_SCHEMA: Final = str(SCHEMA_VERSION)


def _enter(turn: Turn, minutes: dict[tuple[int, str], dict[str, int]]) -> None:
    """Note what became of the line's events, by received minute and site, for the ledger.

    A line that could not be decoded counts as one event of no site.
    """
    at, site = (turn.block.appended_at, "") if turn.refused else (turn.beacon.received_at, turn.beacon.site)
    minute = (at - at % MINUTE_MS, site)
    if minute in minutes:
        add_counts(minutes[minute], turn.counts)
    else:
        minutes[minute] = turn.counts
