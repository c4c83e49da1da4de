"""Which errors are the same: type, message without what varies, and the top frames of the page's own code.

The idea is that of Sentry's grouping ("Grouping Algorithms" in its developer documentation): what changes from visit
to visit (numbers, ids, urls, quoted values, line numbers, build hashes) is taken out before hashing.
"""

import re
from typing import Final

import xxhash

from processors.core.turn import Turn
from schemas.drop_reasons import DropReason
from schemas.event import Event

ATTRIBUTE: Final = "fingerprint"
_FRAMES: Final = 3

_VARYING: Final = re.compile(
    r"""(?P<url>(?:https?|blob|file|data):[^\s'")]+)
    |(?P<quoted>'[^'\n]*'|"[^"\n]*"|`[^`\n]*`)
    |(?P<hex>\b0x[0-9a-fA-F]+\b|\b(?=[0-9a-fA-F-]*\d)[0-9a-fA-F]{8}[0-9a-fA-F-]*\b)
    |(?P<number>\d+(?:\.\d+)?)""",
    re.VERBOSE,
)
_FRAME: Final = re.compile(
    r"^\s*(?:at\s+(?:async\s+)?(?P<v8>[^\s(]+)?\s*\(?|(?P<gecko>[^@\n]*)@)(?P<file>(?:https?|webpack|file|app)[^\s)]*?|/[^\s)]*?)"
    r"(?::\d+)?(?::\d+)?\)?\s*$",
    re.MULTILINE,
)
_FOREIGN: Final = re.compile(r"node_modules|/vendor[./-]|extension://|/polyfill|cdn\.|/webpack/runtime")
_BUILD_HASH: Final = re.compile(r"[.-](?=[0-9a-zA-Z_]*\d)[0-9a-zA-Z_]{6,}(?=\.)")


def normalised(message: str) -> str:
    """The message with what varies replaced by its kind: ``Cart 17 of "ann"`` is ``Cart <number> of <quoted>``."""
    return _VARYING.sub(lambda found: f"<{found.lastgroup}>", message)


def frames(stack: str) -> list[str]:
    """The top frames of the page's own code as ``function file``, without lines, queries and build hashes.

    Reads Chrome's, Firefox's and Safari's stacks. Where all frames are foreign (libraries, extensions), those count.
    """
    found = [(m["v8"] or m["gecko"] or "", m["file"]) for m in _FRAME.finditer(stack)]
    own = [frame for frame in found if not _FOREIGN.search(frame[1])] or found
    return [f"{function} {_file(file)}".strip() for function, file in own[:_FRAMES]]


def fingerprint(event: Event) -> str:
    """64 bits in hex that name the group of an error."""
    stack = str(event.attrs.get("stack", ""))
    where = frames(stack) or [_file(str(event.attrs.get("source", "")))]
    text = "\n".join((event.name, normalised(str(event.attrs.get("message", ""))), *where))
    return xxhash.xxh3_64_hexdigest(text.encode())


def group_errors(turn: Turn) -> DropReason | None:
    """Give every error its group; errors are always kept raw, so groups are counted from raw events."""
    if turn.sole is not None and not turn.causes:
        return None  # an error is a cause
    for event in turn.beacon.events:
        if event.kind == "error":
            event.attrs = {**event.attrs, ATTRIBUTE: fingerprint(event)}
            turn.altered = True
    return None


def _file(url: str) -> str:
    path = re.sub(r"^[a-z]+://[^/]*", "", url).partition("?")[0].partition("#")[0]
    return _BUILD_HASH.sub("", path)
