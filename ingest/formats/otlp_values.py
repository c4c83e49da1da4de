"""OTLP's values: attributes as plain ones, nanoseconds as milliseconds (opentelemetry-proto, `common.proto`)."""

import re
from itertools import islice
from math import isfinite
from typing import Final

import msgspec

from ingest.refusal import Refusal
from schemas.drop_reasons import DropReason
from schemas.event import AttrValue

Attributes = dict[str, AttrValue]

_READ: Final = 256
"""Attributes that are looked at; OpenTelemetry's SDKs send 128 at most."""

_INTEGER: Final = re.compile(r"-?\d{1,19}", re.ASCII)
_LARGEST: Final = 2**63 - 1
_NS: Final = 1_000_000

Number = int | float | str
"""A 64-bit number: protobuf's JSON has it as a text, browsers send numbers too."""


class AnyValue(msgspec.Struct):
    """One value of any kind; lists and bytes are not kept."""

    stringValue: str | None = None  # noqa: N815 - OTLP's spelling
    boolValue: bool | None = None  # noqa: N815
    intValue: Number | None = None  # noqa: N815
    doubleValue: Number | None = None  # noqa: N815
    kvlistValue: "KeyValues | None" = None  # noqa: N815


class KeyValue(msgspec.Struct):
    """One attribute."""

    key: str
    value: AnyValue | None = None


class KeyValues(msgspec.Struct):
    """A map as a value."""

    values: list[KeyValue] = []


def plain(attributes: list[KeyValue]) -> Attributes:
    """The attributes whose values are texts, finite numbers or booleans; the last of a key wins."""
    values = ((a.key, scalar(a.value)) for a in islice(attributes, _READ))
    return {key: value for key, value in values if value is not None}


def scalar(value: AnyValue | None) -> AttrValue | None:
    """The plain value; None where it is a list, a map, bytes, no finite number or nothing."""
    if value is None:
        return None
    if value.stringValue is not None:
        return value.stringValue
    if value.boolValue is not None:
        return value.boolValue
    if value.intValue is not None:
        return integer(value.intValue)
    return None if value.doubleValue is None else real(value.doubleValue)


def integer(told: Number) -> int | None:
    """A 64-bit integer; None where it is none."""
    if isinstance(told, str):
        if not (told.isdigit() and told.isascii() and len(told) < 20) and not _INTEGER.fullmatch(told):
            return None
        told = int(told)
    elif isinstance(told, float):
        if not isfinite(told):
            return None
        told = int(told)
    return told if -_LARGEST <= told <= _LARGEST else None


def real(told: AttrValue | None) -> float | int | None:
    """A finite number, from a text too; None where it is none."""
    if isinstance(told, str):
        try:
            told = float(told) if len(told) <= 32 else float("nan")
        except ValueError:
            return None
    if told is None or isinstance(told, bool) or not -_LARGEST <= told <= _LARGEST:
        return None
    return told


def nanoseconds(told: Number) -> int:
    """A time since the epoch; 0 is OTLP's "not told".

    Raises:
        Refusal: MALFORMED, it is no time.
    """
    time = integer(told)
    if time is None or time < 0:
        raise Refusal(DropReason.MALFORMED, f"{str(told)[:32]!r} is no time in nanoseconds")
    return time


def ms(time: int) -> float | None:
    """A time in ms; None where it is not told."""
    return time / _NS if time else None


def span_ms(start: int, end: int) -> float | None:
    """The ms between two times, exact since they are integers; None where one is not told."""
    return (end - start) / _NS if start and end else None
