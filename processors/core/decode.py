"""Steps that turn a line into a beacon one can believe."""

from typing import Final

import msgspec

from processors.core.turn import Turn
from schemas.dead_letter import DeadLetter
from schemas.drop_reasons import DropReason
from schemas.event import SCHEMA_VERSION, Beacon, decode_beacon
from schemas.limits import CLIENT_CLOCK_MS, DEAD_LETTER_BYTES

EXCERPT_LENGTH: Final = 2_048
"""Of a line that no dead letter can hold whole, this much is kept, in bytes."""

_DETAIL_LENGTH: Final = 256
_LONGEST_ESCAPE: Final = 6
_encoder: Final = msgspec.json.Encoder()


class LineError(Exception):
    """A line that is no beacon of ours; the message says where it fails."""

    def __init__(self, reason: DropReason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


def beacon_of(raw: bytes) -> Beacon:
    """The beacon of a line of `rum.beacons`.

    Raises:
        LineError: it can't be decoded, or is of another schema version.
    """
    try:
        beacon = decode_beacon(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise LineError(DropReason.LINE_UNDECODABLE, str(error)) from error
    if beacon.schema != SCHEMA_VERSION:
        raise LineError(DropReason.SCHEMA_UNKNOWN, f"beacon of schema {beacon.schema}, known is {SCHEMA_VERSION}")
    return beacon


def decode_line(turn: Turn) -> DropReason | None:
    """Decode the line; what can't be decoded is a dead letter and the lane goes on."""
    try:
        turn.beacon = beacon_of(turn.raw)
    except LineError as error:
        refuse(turn, error.reason, str(error))
        return error.reason
    return None


def refuse(turn: Turn, reason: DropReason, detail: str) -> None:
    """Put the line out as a dead letter. Lines were scrubbed before Kafka."""
    turn.refused = True
    turn.count(reason)
    body, whole = letter_body(turn.raw)
    turn.out.dead_letters.append(
        DeadLetter(
            reason=reason,
            detail=detail[:_DETAIL_LENGTH],
            received_at=turn.block.appended_at,
            body=body,
            lane=turn.config.lane,
            offset=turn.block.offset,
            line=turn.line,
            whole=whole,
        )
    )


def letter_body(raw: bytes) -> tuple[str, bool]:
    """The text of a line as its dead letter keeps it, and whether it is the whole line, byte for byte.

    What is longer than DEAD_LETTER_BYTES as JSON, or no UTF-8, can't be: an excerpt is kept of it.
    """
    if len(raw) <= DEAD_LETTER_BYTES:
        try:
            text = raw.decode()
        except UnicodeDecodeError:
            return raw[:EXCERPT_LENGTH].decode("utf-8", "replace"), False
        if len(raw) * _LONGEST_ESCAPE <= DEAD_LETTER_BYTES or len(_encoder.encode(text)) - 2 <= DEAD_LETTER_BYTES:
            return text, True
    return raw[:EXCERPT_LENGTH].decode("utf-8", "replace"), False


def clamp_clock(turn: Turn) -> DropReason | None:
    """A collector's clock can't be ahead of the broker's: take the difference off all its times; then clamp events."""
    beacon = turn.beacon
    ahead = beacon.received_at - turn.block.appended_at
    if ahead > 0:
        beacon.received_at -= ahead
        for event in beacon.events:
            event.ts -= ahead
        turn.altered = True
    earliest, latest = max(beacon.received_at - CLIENT_CLOCK_MS, 0), beacon.received_at
    low, high = latest, earliest
    for event in beacon.events:
        ts = event.ts
        if not earliest <= ts <= latest:
            ts = event.ts = min(max(ts, earliest), latest)
            turn.altered = True
        if ts < low:
            low = ts
        if ts > high:
            high = ts
    turn.low, turn.high = low, high
    return None


def advance_watermark(turn: Turn) -> DropReason | None:
    """Event time goes on to the latest event of the beacon."""
    if turn.beacon.events:
        turn.memory.watermark.advance(turn.high)
    return None
