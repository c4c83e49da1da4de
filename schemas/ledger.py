"""The ledger: what became of every event, per received minute and site (design section 6, promise P3)."""

from typing import Final

import msgspec


class LedgerRow(msgspec.Struct, omit_defaults=True):
    """All a part knows of one minute and site: absolute, so a higher version replaces it.

    ``part`` is "lane" or "collector"; ``writer`` tells parts of a kind apart (lane number, collector id). ``minute``
    is its start in ms. For a lane ``accepted`` counts the events it found in `rum.beacons` (a line that can't be
    decoded counts one) and ``outcomes`` what became of each, so that the sum of outcomes is ``accepted``. For a
    collector ``accepted`` counts beacons received, and outcomes are "acked", "unknown" and the reasons of refusal.
    """

    site: str
    minute: int
    part: str
    writer: str
    version: int
    accepted: int
    outcomes: dict[str, int]


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
