"""JSON bodies into typed records, with every way that JSON can be wrong turned into one refusal."""

import re
from typing import Final, TypeVar

import msgspec

from ingest.refusal import Refusal
from schemas.drop_reasons import DropReason

T = TypeVar("T")

_ESCAPE: Final = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)", re.DOTALL
)


def read(decoder: msgspec.json.Decoder[T], body: bytes) -> T:
    """The record of a body. A text that was cut within a surrogate pair is repaired, not refused.

    Raises:
        Refusal: MALFORMED, with the byte or the JSON path where it is wrong.
    """
    try:
        return _read(decoder, body)
    except Refusal:
        if b"\\ud" not in body and b"\\uD" not in body:
            raise
        return _read(decoder, _ESCAPE.sub(_whole, body))


def _whole(escape: re.Match[bytes]) -> bytes:
    return rb"\ufffd" if escape[1] else escape[0]


def _read(decoder: msgspec.json.Decoder[T], body: bytes) -> T:
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        raise Refusal(DropReason.MALFORMED, str(error)) from error
    except msgspec.DecodeError as error:
        where = "" if "(byte" in str(error) else f" (at the end, byte {len(body)}, or in a broken escape)"
        raise Refusal(DropReason.MALFORMED, f"{error}{where}") from error
    except UnicodeDecodeError as error:
        byte = error.object[error.start]
        raise Refusal(DropReason.MALFORMED, f"invalid UTF-8: byte 0x{byte:02x} in a text") from error
    except RecursionError as error:
        raise Refusal(DropReason.MALFORMED, "the JSON is nested too deeply") from error
