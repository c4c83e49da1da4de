"""Threads at work for one client: who waits for them learns when the client has gone, and leaves nothing running."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor, Future
from types import TracebackType
from typing import Any, Final, Self, TypeVar

from starlette.requests import ClientDisconnect
from starlette.types import Receive

_T = TypeVar("_T")
_CANCEL_AGAIN_S: Final = 0.2  # the first may come before the query has begun


class Hands:
    """Runs calls in ``threads``; ``cancel`` makes the running one fail soon, ``receive`` tells that the client went."""

    def __init__(self, threads: Executor, receive: Receive, cancel: Callable[[], None]) -> None:
        self._threads, self._cancel = threads, cancel
        self._gone = asyncio.ensure_future(_gone(receive))

    async def __aenter__(self) -> Self:
        """Begin to listen."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        """Stop listening."""
        self._gone.cancel()

    async def do(self, call: Callable[[], _T], *, to_the_end: bool = False) -> _T:
        """What the call returns or raises; ``to_the_end``: even if nobody waits for it any more.

        Raises:
            ClientDisconnect: the client has gone; the call has ended, by cancelling if need be.
        """
        running = self._threads.submit(call)
        work = asyncio.wrap_future(running)
        try:
            ends: set[asyncio.Future[Any]] = {work} if to_the_end else {work, self._gone}
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            if not work.done():
                raise ClientDisconnect
        finally:
            if not work.done():
                await self._stop(running, work)
        return work.result()

    async def _stop(self, running: "Future[_T]", work: "asyncio.Future[_T]") -> None:
        if running.cancel():
            return
        while not work.done():
            await asyncio.to_thread(self._cancel)
            await asyncio.wait({work}, timeout=_CANCEL_AGAIN_S)
        work.exception()  # that it was cancelled is no news


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
