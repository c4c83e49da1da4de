"""JSURL, the notation in which boomerang writes structures into a url; JSON where its compression plugin is not there.

Written after github.com/Sage/jsurl (lib/jsurl.js) and boomerang's plugins/compression.js: `~'text`, `~1.5`, `~true`,
`~null`, `~(~1~2)` a list, `~(a~1~b~'x)` an object; within texts `*2a` and `**20ac` are code units, `!` is `$`.
"""

import re
from math import isfinite
from typing import Any, Final

import msgspec

from ingest.json_body import read
from ingest.refusal import Refusal
from schemas.drop_reasons import DropReason

_DEPTH: Final = 32
_RUN: Final = re.compile(r"[^~)]*")
_ESCAPE: Final = re.compile(r"\*\*([0-9a-fA-F]{4})|\*([0-9a-fA-F]{2})|!")
_NUMBER: Final = re.compile(r"-?\d{1,32}(?:\.\d{1,32})?(?:[eE][+-]?\d{1,3})?", re.ASCII)
_WORDS: Final[dict[str, bool | None]] = {"true": True, "false": False, "null": None}
_JSON: Final = msgspec.json.Decoder()


def structure(text: str) -> Any:
    """What a parameter holds: JSURL where it begins with `~`, else JSON. Linear in the text's length.

    Raises:
        Refusal: EVENT_MALFORMED, it is neither, or is nested more than 32 deep.
    """
    if text.startswith("~"):
        return _Reader(text).whole()
    try:
        return read(_JSON, text.encode("utf-8", "replace"))
    except Refusal as refusal:
        raise Refusal(DropReason.EVENT_MALFORMED, refusal.detail) from refusal


class _Reader:
    """One pass over a JSURL text."""

    def __init__(self, text: str) -> None:
        self._text = text.replace("%27", "'")
        self._at = 0

    def whole(self) -> Any:
        value = self._value(_DEPTH)
        if self._at != len(self._text):
            raise self._wrong("the end")
        return value

    def _value(self, depth: int) -> Any:
        if not depth:
            raise Refusal(DropReason.EVENT_MALFORMED, f"the JSURL is nested more than {_DEPTH} deep")
        self._eat("~")
        mark = self._peek()
        if mark == "'":
            self._at += 1
            return self._run()
        if mark != "(":
            return self._word()
        self._at += 1
        made = self._list(depth - 1) if self._peek() == "~" else self._object(depth - 1)
        self._eat(")")
        return made

    def _list(self, depth: int) -> list[Any]:
        if self._text.startswith("~)", self._at):
            self._at += 1
            return []
        made = []
        while self._peek() == "~":
            made.append(self._value(depth))
        return made

    def _object(self, depth: int) -> dict[str, Any]:
        made: dict[str, Any] = {}
        while self._peek() != ")":
            key = self._run()
            made[key] = self._value(depth)
            if self._peek() != "~":
                break
            self._at += 1
        return made

    def _word(self) -> bool | float | None:
        begun, raw = self._at, self._raw()
        if raw in _WORDS:
            return _WORDS[raw]
        if _NUMBER.fullmatch(raw):
            number = float(raw)
            return number if isfinite(number) else None
        self._at = begun
        raise self._wrong("a number, true, false or null")

    def _run(self) -> str:
        text = _ESCAPE.sub(_unit, self._raw())
        # two halves of a surrogate pair are one character; one alone is none
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")

    def _raw(self) -> str:
        found = _RUN.match(self._text, self._at)
        raw = found[0] if found else ""
        self._at += len(raw)
        return raw

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _eat(self, wanted: str) -> None:
        if self._peek() != wanted:
            raise self._wrong(wanted)
        self._at += 1

    def _wrong(self, wanted: str) -> Refusal:
        return Refusal(DropReason.EVENT_MALFORMED, f"JSURL: expected {wanted} at character {self._at}")


def _unit(found: re.Match[str]) -> str:
    code = found[1] or found[2]
    return chr(int(code, 16)) if code else "$"
