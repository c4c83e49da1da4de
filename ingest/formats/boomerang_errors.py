"""`err`: JavaScript errors as boomerang's errors plugin compresses them.

Written after boomerangjs 1.815.1, plugins/errors.js (`compressErrors`, `decompressErrors`): `m` message, `t` type
(absent: Error), `d` time in base 36, `n` how often (absent: once), `s` who (2: boomerang itself), `v` how it was seen,
`f` frames of `f` function, `w` file or `wo` file without the page's origin, `l` line, `c` column.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from ingest.formats.boomerang_form import base_36
from ingest.refusal import Refusal
from schemas.drop_reasons import DropReason
from schemas.event import AttrValue
from schemas.limits import STACK_LENGTH, URL_LENGTH

_ERRORS: Final = 100
_FRAMES: Final = 50
_VIA: Final = {
    1: "app",
    2: "global",
    3: "network",
    4: "console",
    5: "event-handler",
    6: "timeout",
    7: "rejection",
    8: "reporting",
}


@dataclass(frozen=True, slots=True)
class JsError:
    """One distinct error. ``at``: the visitor's clock in ms, None where it is not told."""

    type: str
    at: int | None
    attrs: dict[str, AttrValue] = field(default_factory=dict)


def js_errors(told: object, page: str) -> Iterator[JsError | Refusal]:
    """Every error of a decoded `err`; one that is no error is told as a Refusal. At most 100 are read.

    ``page`` is the page's url, whose origin the client leaves out of file names.
    """
    if not isinstance(told, list):
        yield Refusal(DropReason.EVENT_MALFORMED, "err is no list of errors")
        return
    for number, error in enumerate(told):
        if number == _ERRORS:
            yield Refusal(DropReason.TOO_MANY_EVENTS, f"more than {_ERRORS} errors in a beacon")
            return
        if isinstance(error, dict):
            yield _error(error, _origin(page))
        else:
            yield Refusal(DropReason.EVENT_MALFORMED, f"err[{number}] is no error")


def _error(told: dict[str, Any], origin: str) -> JsError:
    kind = _text(told.get("t")) or "Error"
    message = _text(told.get("m"))
    frames = [f for f in _list(told.get("f"))[:_FRAMES] if isinstance(f, dict)]
    attrs: dict[str, AttrValue] = {"message": message}
    if frames:
        lines = "\n".join(f"    at {_frame(f, origin)}" for f in frames)
        attrs["stack"] = f"{kind}: {message}\n{lines}"[: 2 * STACK_LENGTH]
        top = frames[0]
        known: dict[str, AttrValue] = {
            "source": _file(top, origin),
            "line": _number(top.get("l")),
            "column": _number(top.get("c")),
        }
        attrs |= {name: value for name, value in known.items() if value}
    count = _number(told.get("n"))
    if count > 1:
        attrs["count"] = count
    if told.get("s") in (2, "2"):
        attrs["origin"] = "boomerang"
    via = _VIA.get(_number(told.get("v")))
    if via:
        attrs["via"] = via
    return JsError(kind, base_36(told.get("d")), attrs)


def _frame(frame: dict[str, Any], origin: str) -> str:
    name, place = _text(frame.get("f")), _file(frame, origin)
    for number in (_number(frame.get("l")), _number(frame.get("c"))):
        place += f":{number}" if number else ""
    return f"{name} ({place})" if name and place else name or place


def _file(frame: dict[str, Any], origin: str) -> str:
    without = _text(frame.get("wo"))
    return (origin + without if without else _text(frame.get("w")))[:URL_LENGTH]


def _origin(page: str) -> str:
    try:
        parts = urlsplit(page)
    except ValueError:  # such as an unfinished IPv6 host
        return ""
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""


def _text(told: object) -> str:
    """The text; an id, a class name or a number that stands alone may be read as a number by JSURL."""
    if isinstance(told, str):
        return told
    return str(told) if isinstance(told, (int, float)) and not isinstance(told, bool) else ""


def _number(told: object) -> int:
    if isinstance(told, str) and told.isdecimal() and len(told) < 10:
        return int(told)
    if isinstance(told, (int, float)) and not isinstance(told, bool) and 0 <= told < 2**53:
        return int(told)
    return 0


def _list(told: object) -> list[Any]:
    return told if isinstance(told, list) else []
