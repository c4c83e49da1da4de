"""Faro's measurements, exceptions and logs."""

import re
from math import nan
from typing import Final

import msgspec

from ingest.refusal import Refusal
from ingest.values import unit_of
from schemas.drop_reasons import DropReason
from schemas.event import AttrValue, Event
from schemas.limits import TEXT_LENGTH
from schemas.measures import VITALS

Context = dict[str, str | int | float | bool | None]

_WEB_VITALS: Final = "web-vitals"
_OWN_FIELDS: Final = ("id", "navigation_type")
_FRAMES: Final = 50
_UNKNOWN: Final = ("", "?", "unknown")
_SPACE: Final = re.compile(r"\s+")


class Measurement(msgspec.Struct):
    """Numbers under their names. A web vital is the number under its own name; the rest is its attribution."""

    type: str
    values: dict[str, float | None]
    timestamp: str | float | None = None
    context: Context | None = None


class Frame(msgspec.Struct):
    """One line of a stack."""

    filename: str | None = None
    function: str | None = None
    lineno: int | None = None
    colno: int | None = None


class Stack(msgspec.Struct):
    """The frames, the innermost first."""

    frames: list[Frame] = []


class Exception_(msgspec.Struct):  # noqa: N801 - Python has that name
    """An error."""

    value: str = ""
    type: str = ""
    timestamp: str | float | None = None
    stacktrace: Stack | None = None
    fatal: bool | None = None
    context: Context | None = None


class Log(msgspec.Struct):
    """A log line."""

    message: str = ""
    level: str = ""
    timestamp: str | float | None = None
    context: Context | None = None


def known(context: Context | None, *but: str) -> dict[str, AttrValue]:
    """The attributes that are told."""
    return {key: value for key, value in (context or {}).items() if value is not None and key not in but}


def measured(told: Measurement) -> list[Event]:
    """A vital, or an event for each number of another type, named `type.name`. null is JSON's NaN.

    Raises:
        Refusal: UNKNOWN_METRIC, none of the numbers is a web vital's.
    """
    attrs = known(told.context, *_OWN_FIELDS)
    if told.type == _WEB_VITALS:
        return [_vital(told, attrs)]
    numbers = {name: nan if value is None else value for name, value in told.values.items()}
    return [_custom(f"{told.type}.{name}", value, attrs) for name, value in numbers.items()]


def _vital(told: Measurement, attrs: dict[str, AttrValue]) -> Event:
    found = next((name for name in told.values if name.upper() in VITALS), None)
    if found is None:
        names = ", ".join(list(told.values)[:10])[:TEXT_LENGTH]
        raise Refusal(DropReason.UNKNOWN_METRIC, f"none of {names or 'no values'} is one of {', '.join(VITALS)}")
    name, context = found.upper(), told.context or {}
    attribution = {key: value for key, value in told.values.items() if value is not None and key != found}
    return Event(
        ts=0,
        kind="vital",
        name=name,
        value=told.values[found],
        unit=unit_of("vital", name),
        metric_id=str(context.get("id") or ""),
        navigation_type=str(context.get("navigation_type") or ""),
        attrs={**attrs, **attribution},
    )


def _custom(name: str, value: float | None, attrs: dict[str, AttrValue]) -> Event:
    """Of no unit, since Faro tells none."""
    return Event(ts=0, kind="custom", name=name[:TEXT_LENGTH], value=value, attrs=dict(attrs))


def error(told: Exception_) -> list[Event]:
    """An error whose stack reads as Chrome writes it."""
    frames = told.stacktrace.frames[:_FRAMES] if told.stacktrace else []
    first, head = frames[0] if frames else Frame(), f"{told.type or 'Error'}: {told.value}"[:TEXT_LENGTH]
    attrs: dict[str, str | int | bool | None] = {
        "message": told.value,
        "stack": "\n".join([head, *map(_line, frames)]) if frames else None,
        "source": first.filename,
        "line": first.lineno,
        "column": first.colno,
        "fatal": told.fatal,
    }
    said: dict[str, AttrValue] = {name: value for name, value in attrs.items() if value is not None}
    name = (told.type or "Error")[:TEXT_LENGTH]
    return [Event(ts=0, kind="error", name=name, attrs={**said, **known(told.context, *said)})]


def _line(frame: Frame) -> str:
    function = _SPACE.sub(".", (frame.function or "").removeprefix("async ").strip())
    parts = (frame.filename or "<anonymous>", frame.lineno, frame.colno)
    place = ":".join(str(part) for part in parts if part is not None)
    return f"    at {place}" if function in _UNKNOWN else f"    at {function} ({place})"


def log(told: Log) -> list[Event]:
    """A log line, without a number."""
    said: dict[str, AttrValue] = {"level": told.level, "message": told.message}
    return [_custom("log", None, {**said, **known(told.context, *said)})]
