"""Steps that turn a line into a beacon one can believe."""

import msgspec

from processors.core.turn import Turn
from schemas.dead_letter import DeadLetter
from schemas.drop_reasons import DropReason
from schemas.event import SCHEMA_VERSION, decode_beacon
from schemas.limits import CLIENT_CLOCK_MS

DEAD_LETTER_LENGTH = 2_048


def decode_line(turn: Turn) -> DropReason | None:
    """Decode the line; what can't be decoded is a dead letter and the lane goes on."""
    try:
        turn.beacon = decode_beacon(turn.raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        refuse(turn, DropReason.LINE_UNDECODABLE, str(error))
        return DropReason.LINE_UNDECODABLE
    if turn.beacon.schema != SCHEMA_VERSION:
        refuse(turn, DropReason.SCHEMA_UNKNOWN, f"beacon of schema {turn.beacon.schema}, known is {SCHEMA_VERSION}")
        return DropReason.SCHEMA_UNKNOWN
    return None


def refuse(turn: Turn, reason: DropReason, detail: str) -> None:
    """Put the line out as a dead letter. Lines were scrubbed before Kafka."""
    turn.refused = True
    turn.count(reason)
    turn.out.dead_letters.append(
        DeadLetter(
            reason=reason,
            detail=detail[:256],
            received_at=turn.block.appended_at,
            body=turn.raw[:DEAD_LETTER_LENGTH].decode("utf-8", "replace"),
            lane=turn.config.lane,
            offset=turn.block.offset,
            line=turn.line,
        )
    )


def clamp_clock(turn: Turn) -> DropReason | None:
    """A collector's clock can't be ahead of the broker's: take the difference off all its times; then clamp events."""
    beacon = turn.beacon
    ahead = beacon.received_at - turn.block.appended_at
    if ahead > 0:
        beacon.received_at -= ahead
        for event in beacon.events:
            event.ts -= ahead
        turn.altered = True
    earliest = max(beacon.received_at - CLIENT_CLOCK_MS, 0)
    for event in beacon.events:
        if not earliest <= event.ts <= beacon.received_at:
            event.ts = min(max(event.ts, earliest), beacon.received_at)
            turn.altered = True
    return None


def advance_watermark(turn: Turn) -> DropReason | None:
    """Event time goes on to the latest event of the beacon."""
    for event in turn.beacon.events:
        turn.memory.watermark.advance(event.ts)
    return None
