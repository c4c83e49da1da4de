"""`restiming`: boomerang's compressed resource timing, a trie of urls.

Written after boomerangjs 1.815.1, plugins/restiming.js (`convertToTrie`, `optimizeTrie`, `compressSize`,
`getCompressedResourceTiming`). A leaf's text is `<initiator><start>,<responseEnd>,...` with times in base 36, all but
the start relative to it and left out where 0; `*1<sizes>` and other `*` sections follow; `|` parts several loads of one
url. `*0...|` before them tells an image's place on the screen. A key that ends in `|`, or is `|`, ends a url that
others go on from. Newlines in keys are the plugin's way to break words; no url has one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from ingest.formats.boomerang_form import base_36
from ingest.refusal import Refusal
from schemas.drop_reasons import DropReason
from schemas.limits import EVENTS_PER_BEACON, URL_LENGTH

_INITIATORS: Final = {
    "0": "other",
    "1": "img",
    "2": "link",
    "3": "script",
    "4": "css",
    "5": "xmlhttprequest",
    "6": "html",
    "7": "image",
    "8": "beacon",
    "9": "fetch",
    "a": "iframe",
    "b": "body",
    "c": "input",
    "d": "object",
    "e": "video",
    "f": "audio",
    "g": "source",
    "h": "track",
    "i": "embed",
    "j": "eventsource",
    "k": "early-hints",
    "l": "ping",
    "m": "font",
}
_SIZES: Final = "1"
_PROTOCOL: Final = "7"


@dataclass(frozen=True, slots=True)
class Resource:
    """One load of a resource: ``start`` in ms after navigationStart, ``duration`` and ``first_byte`` in ms after it.

    ``transferred`` in bytes on the wire, None where the browser may not tell. ``first_byte`` 0: not told.
    """

    url: str
    initiator: str
    start: int
    duration: int
    first_byte: int = 0
    transferred: int | None = None
    protocol: str = ""


def resources(trie: object) -> Iterator[Resource | Refusal]:
    """Every load in the trie, in its order; a leaf that can't be read is told as a Refusal. At most 1,000 loads.

    Linear in the trie's size: urls are cut while they are joined.
    """
    found = 0
    for url, leaf in _leaves(trie):
        for told in leaf.split("|"):
            if told.startswith("*0"):
                continue
            found += 1
            if found > EVENTS_PER_BEACON:
                yield Refusal(DropReason.TOO_MANY_EVENTS, f"more than {EVENTS_PER_BEACON} resources")
                return
            try:
                yield _resource(url, told)
            except Refusal as refusal:
                yield refusal


def _leaves(trie: object) -> Iterator[tuple[str, str]]:
    waiting: list[tuple[str, Any]] = [("", trie)]
    while waiting:
        url, node = waiting.pop()
        if isinstance(node, str):
            yield url, node
        elif isinstance(node, dict):
            waiting += [(_joined(url, key), below) for key, below in reversed(node.items())]
        else:
            yield url, ""


def _joined(url: str, key: str) -> str:
    return (url + key.removesuffix("|").replace("\n", ""))[: 2 * URL_LENGTH]


def _resource(url: str, told: str) -> Resource:
    timings, *sections = told.split("*")
    start, *rest = timings[1:].split(",")
    begun = 0 if start == "" else base_36(start)
    offsets = [0 if offset == "" else base_36(offset) for offset in rest]
    if not timings or begun is None or None in offsets:
        raise Refusal(DropReason.EVENT_MALFORMED, f"{told[:64]!r} is no compressed resource timing")
    duration, first_byte = ([offset or 0 for offset in offsets] + [0, 0])[:2]
    transferred: int | None = None
    protocol = ""
    for section in sections:
        if section[:1] == _SIZES:
            transferred = _transferred(section[1:])
        elif section[:1] == _PROTOCOL:
            protocol = section[1:]
    initiator = _INITIATORS.get(timings[0], "other")
    return Resource(url, initiator, begun, duration, max(first_byte, 0), transferred, protocol)


def _transferred(sizes: str) -> int | None:
    """Bytes on the wire of `<encoded>,<transferred - encoded>,<decoded - encoded>`; `_` in the middle: 0, a cache."""
    encoded, _, more = sizes.partition(",")
    delta = more.partition(",")[0]
    if delta == "_":
        return 0
    base, over = base_36(encoded or "0"), base_36(delta or "0")
    return None if base is None or over is None or base + over < 0 else base + over
