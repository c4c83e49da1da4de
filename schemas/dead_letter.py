"""Dead letters: what was refused, with the reason, scrubbed like everything else (`rum.dead-letter`)."""

from typing import Final

import msgspec


class DeadLetter(msgspec.Struct, omit_defaults=True):
    """One refused line or event. ``body`` is the scrubbed text, cut to a bounded length; times in ms.

    ``lane``, ``offset`` and ``line`` say where it stood in `rum.beacons` when the processor refused it (-1: the
    collector refused it before it had a place). ``whole``: the body is that very line, which can be replayed.
    """

    reason: str
    detail: str
    received_at: int
    site: str = ""
    protocol: str = ""
    body: str = ""
    lane: int = -1
    offset: int = -1
    line: int = -1
    whole: bool = False


_encoder: Final = msgspec.json.Encoder()
_decoder: Final = msgspec.json.Decoder(DeadLetter)


def encode_dead_letter(letter: DeadLetter) -> bytes:
    """The letter as JSON."""
    return _encoder.encode(letter)


def decode_dead_letter(value: bytes) -> DeadLetter:
    """The letter of a `rum.dead-letter` record.

    Raises:
        msgspec.DecodeError: not a dead letter.
    """
    return _decoder.decode(value)
