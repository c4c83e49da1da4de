"""Samples: kept raw events on their way to `rum.events`; a record of `rum.samples` is NDJSON, a sample a line."""

from typing import Final

import msgspec

from schemas.event import Beacon


class SampleLine(msgspec.Struct, omit_defaults=True):
    """The kept events of one beacon. An event's identity is (lane, offset, line, index).

    ``offset`` and ``line`` say where the beacon stands in `rum.beacons`. ``index`` holds the place of each kept
    event in that beacon (None: all were kept). ``opened_at`` is the session's, 0 for a late event that has none.
    ``weight`` is what each event stands for in raw counts (1000 = 1.0; 0 is context). ``late`` events are not in
    the rollups.
    """

    lane: int
    offset: int
    line: int
    opened_at: int
    weight: int
    beacon: Beacon
    index: list[int] | None = None
    late: bool = False


class RawSampleLine(msgspec.Struct, omit_defaults=True):
    """SampleLine as the processor writes it when a whole beacon is kept: the beacon's own bytes, not encoded again."""

    lane: int
    offset: int
    line: int
    opened_at: int
    weight: int
    beacon: msgspec.Raw
    late: bool = False


_encoder: Final = msgspec.json.Encoder()
_decoder: Final = msgspec.json.Decoder(SampleLine)


def encode_sample(sample: SampleLine | RawSampleLine) -> bytes:
    """One JSON line without the newline."""
    return _encoder.encode(sample)


def decode_sample(line: bytes) -> SampleLine:
    """The sample of one line.

    Raises:
        msgspec.DecodeError: not a sample.
    """
    return _decoder.decode(line)
