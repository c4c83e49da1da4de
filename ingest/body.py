"""The request's body, read within its limits of size and time."""

import asyncio
from typing import Final

from starlette.types import Receive

from ingest.admission import Budget
from ingest.refusal import Refusal
from schemas.drop_reasons import DropReason

_SWALLOWED: Final = 4
"""A body up to this many caps is read to its end before it is refused, so that the client reads the answer."""


class Disconnected(Exception):  # noqa: N818 - an event, not an error
    """The client went away before its body was whole; nobody waits for an answer."""


class Body:
    """Reads one body; what it holds is taken from the budget until ``release``."""

    def __init__(self, receive: Receive, budget: Budget, cap: int) -> None:
        self._receive = receive
        self._budget = budget
        self._cap = cap
        self._held = 0

    async def read(self, declared: int | None, deadline_s: float) -> bytes:
        """The whole body. ``declared`` is its Content-Length.

        Raises:
            Refusal: TOO_LARGE, BODY_TIMEOUT, OVERLOADED.
            Disconnected: the client went away.
        """
        if declared is not None and declared > self._cap * _SWALLOWED:
            raise _too_large(self._cap)
        first = await self._next(deadline_s)
        piece, more = first
        if not more and len(piece) <= self._cap:
            self._hold(len(piece))
            return piece
        try:
            async with asyncio.timeout(deadline_s):
                return await self._rest(piece, more)
        except TimeoutError as error:
            raise Refusal(DropReason.BODY_TIMEOUT, f"the body was not whole after {deadline_s} s") from error

    def release(self) -> None:
        """Let go of the bytes held."""
        self._budget.give(self._held)
        self._held = 0

    async def _rest(self, piece: bytes, more: bool) -> bytes:
        pieces, size = [piece], len(piece)
        self._hold(min(size, self._cap))
        while more:
            piece, more = await self._piece()
            size += len(piece)
            if size > self._cap * _SWALLOWED:
                break
            if size <= self._cap:
                self._hold(len(piece))
                pieces.append(piece)
        if size > self._cap:
            raise _too_large(self._cap)
        return b"".join(pieces)

    async def _next(self, deadline_s: float) -> tuple[bytes, bool]:
        try:
            async with asyncio.timeout(deadline_s):
                return await self._piece()
        except TimeoutError as error:
            raise Refusal(DropReason.BODY_TIMEOUT, f"no body after {deadline_s} s") from error

    async def _piece(self) -> tuple[bytes, bool]:
        message = await self._receive()
        if message["type"] != "http.request":
            raise Disconnected
        return message.get("body", b""), message.get("more_body", False)

    def _hold(self, size: int) -> None:
        self._budget.take(size)
        self._held += size


def _too_large(cap: int) -> Refusal:
    return Refusal(DropReason.TOO_LARGE, f"the body is larger than {cap} bytes")
