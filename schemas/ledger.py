"""The ledger: what became of every event, per received minute and site (design section 6, promise P3)."""

from typing import Final

import msgspec


class LedgerRow(msgspec.Struct, omit_defaults=True):
    """All a part knows of one minute and site: absolute, so a higher version replaces it.

    ``writer`` tells writers of a part apart; ``minute`` is its start in ms. Always: the sum of ``outcomes`` is
    ``accepted``. What ``part`` counts:

    - "lane": events found in `rum.beacons` (a line that can't be decoded counts one, for no site) and what became of
      each. Writer: the lane's number.
    - "collector": beacons received and decided: ACKED, UNKNOWN and the reasons of refusal; ``events`` those of the
      first two. Writer: a life of a collector, from start to end, so that a new one replaces nothing of a former.
    - "life": the life itself, in the minute it began: 1, RUNNING or ENDED; its version is the wall clock's ms at which
      all it had to say was in Kafka. One that is RUNNING and silent has died.
    - "replay": events that a replay of dead letters may have added, at most. Writer: one run of the command.
    """

    site: str
    minute: int
    part: str
    writer: str
    version: int
    accepted: int
    outcomes: dict[str, int]
    events: dict[str, int] = {}


LANE: Final = "lane"
COLLECTOR: Final = "collector"
LIFE: Final = "life"
REPLAY: Final = "replay"

ACKED: Final = "acked"
UNKNOWN: Final = "unknown"
RUNNING: Final = "running"
ENDED: Final = "ended"
REPLAYED: Final = "replayed"

_encoder: Final = msgspec.json.Encoder()
_decoder: Final = msgspec.json.Decoder(LedgerRow)


def ledger_key(row: LedgerRow) -> bytes:
    """The Kafka key of a row: a JSON list."""
    return _encoder.encode((row.part, row.writer, row.minute, row.site))


def encode_ledger(row: LedgerRow) -> bytes:
    """The row as JSON."""
    return _encoder.encode(row)


def decode_ledger(value: bytes) -> LedgerRow:
    """The row of a `rum.ledger` record.

    Raises:
        msgspec.DecodeError: not a ledger row.
    """
    return _decoder.decode(value)
