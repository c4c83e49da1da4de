"""One visit: the pages a visitor looks at, and the words in which their client tells of them."""

from collections.abc import Generator
from dataclasses import dataclass
from random import Random
from typing import NamedTuple

from rumstream.simulate.page import Page, page, path
from rumstream.simulate.visitor import Visitor


class Message(NamedTuple):
    """A beacon without its time: POST ``body`` to ``path``."""

    path: str
    content_type: str
    body: bytes


Talk = Generator[Message | None, int, None]
"""What a client says during a visit: send it the time in ms, it yields the next message; the first yield is None."""


@dataclass(frozen=True)
class Visit:
    """A visitor's visit; ``sample`` draws whatever else the client needs, always the same."""

    visitor: Visitor
    session_id: str
    pages: tuple[Page, ...]
    sample: Random
    key: str
    release: str
    environment: str

    def new_id(self) -> str:
        """128 random bits as hex, as the SDK makes its ids."""
        return f"{self.sample.getrandbits(128):032x}"


def visit(who: Visitor, seed: int, number: int, start_ms: int, key: str, release: str, environment: str) -> Visit:
    """The visitor's visit of that number, with 1 to 12 pages."""
    rng = Random(f"{seed}/visit/{who.number}/{number}")  # noqa: S311  repeatable, not secret
    pages: list[Page] = []
    while len(pages) < 12 and (not pages or rng.random() < 0.68):
        referrer = pages[-1].url if pages else ""
        pages.append(page(rng, path(rng), who.slowness, referrer, start_ms))
    return Visit(who, f"{rng.getrandbits(128):032x}", tuple(pages), rng, key, release, environment)
