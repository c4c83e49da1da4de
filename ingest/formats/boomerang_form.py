"""The parameters of one boomerang beacon, from a query or a form."""

import re
from typing import Final
from urllib.parse import parse_qsl

from ingest.refusal import Refusal
from schemas.drop_reasons import DropReason

_PARAMETERS: Final = 1_000
_NAMES_TOLD: Final = 64
_NUMBER: Final = re.compile(r"-?\d{1,16}(?:\.\d{1,32})?(?:[eE][+-]?\d{1,2})?", re.ASCII)
_BASE_36: Final = re.compile(r"-?[0-9a-z]{1,10}", re.ASCII)

BASE_36_LARGEST: Final = 2**53 - 1


class Form(dict[str, str]):
    """Parameters by name; of one given twice the last counts."""

    def number(self, name: str) -> float | None:
        """The number a parameter holds; None where it is absent or holds none."""
        told = self.get(name, "")
        return float(told) if _NUMBER.fullmatch(told) else None

    def whole(self, name: str) -> int:
        """The count a parameter holds; 0 where it is absent or holds none."""
        number = self.number(name)
        return int(number) if number is not None and 0 <= number < 2**53 else 0

    def span(self, begin: str, end: str) -> float | None:
        """Time (ms) from one timestamp to another; None where one is absent or 0, or they are the wrong way round."""
        first, last = self.number(begin), self.number(end)
        return round(last - first, 3) if first and last and last >= first else None


def read_form(raw: bytes) -> Form:
    """The parameters of `application/x-www-form-urlencoded` bytes. What is no UTF-8 behind a `%` becomes U+FFFD.

    Raises:
        Refusal: EVENT_MALFORMED, it is no UTF-8, or there are more than 1,000 parameters.
    """
    try:
        pairs = parse_qsl(raw.decode(), keep_blank_values=True, errors="replace", max_num_fields=_PARAMETERS)
    except UnicodeDecodeError as error:
        raise Refusal(DropReason.EVENT_MALFORMED, f"invalid UTF-8: byte 0x{raw[error.start]:02x}") from error
    except ValueError as error:
        raise Refusal(DropReason.EVENT_MALFORMED, f"more than {_PARAMETERS} parameters") from error
    return Form(pairs)


def names_of(form: Form) -> str:
    """The names of the parameters, for a dead letter: values hold encoded urls that no scrubbing would find."""
    return " ".join(name[:_NAMES_TOLD] for name in list(form)[:_NAMES_TOLD])


def base_36(told: object) -> int | None:
    """The integer of a text in base 36; None where it is none."""
    if not isinstance(told, str) or not _BASE_36.fullmatch(told):
        return None
    number = int(told, 36)
    return number if abs(number) <= BASE_36_LARGEST else None
