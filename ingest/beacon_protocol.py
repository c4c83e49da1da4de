"""The short way of a beacon: a POST that came whole goes to the door without an ASGI scope; all else goes the long way.

Short is what costs least and is most of the traffic: HTTP/1.1, a beacon route as it is written, a Content-Length within
the cap, head and body read at once, nothing before it on the connection that waits for its answer. The limits of time
and size stay where they are, in the door behind ASGI, because what would meet them is not short.
"""

from functools import lru_cache
from typing import Any, Final, cast

import uvicorn
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from ingest.cors import Header
from ingest.door import CLOSE, Door, Head, Reply, headers_fit
from ingest.formats import ROUTES, Route
from schemas.limits import BODY_WIRE_BYTES

_SHORT: Final = {path.encode(): route for path, route in ROUTES.items()}
_HEADS_CACHED: Final = 512


class _Cycle:
    """A request on the short way, as uvicorn's connection sees one: the next one waits, and a stop ends keep-alive."""

    __slots__ = ("disconnected", "keep_alive", "message_event", "response_complete")

    def __init__(self, keep_alive: bool) -> None:
        self.keep_alive = keep_alive
        self.disconnected = self.response_complete = False
        self.message_event = self

    def set(self) -> None:
        """Nobody waits for more of its body."""


class BeaconProtocol(HttpToolsProtocol):
    """A connection. The app of uvicorn's configuration is the door."""

    def __init__(self, config: uvicorn.Config, *args: Any, **more: Any) -> None:
        super().__init__(config, *args, **more)
        self._door = cast(Door, config.app)
        self._route: Route | None = None
        self._body = b""

    def data_received(self, data: bytes) -> None:
        """Bytes came; a request that is not whole after them goes the long way."""
        super().data_received(data)
        if self._route is not None and not self.transport.is_closing():
            self._route, body = None, self._body
            self._go_the_long_way()
            if body:
                super().on_body(body)

    def on_message_begin(self) -> None:
        """A request begins; what ASGI needs is made once it goes that way."""
        self.url, self.headers, self.expect_100_continue = b"", [], False
        self._route, self._body = None, b""

    def on_headers_complete(self) -> None:
        """The head is whole: which way?"""
        self._route = self._short_route()
        if self._route is None:
            self._go_the_long_way()

    def on_body(self, body: bytes) -> None:
        """A piece of the body."""
        if self._route is None:
            super().on_body(body)
        else:
            self._body += body

    def on_message_complete(self) -> None:
        """The request is whole."""
        if self._route is None:
            super().on_message_complete()
            return
        route, self._route = self._route, None
        query = self.url.partition(b"?")[2]
        head = Head("POST", query, self.headers, dict(self.headers), self.client[0] if self.client else "")
        cycle = _Cycle(self.parser.should_keep_alive())
        self.cycle = cast(Any, cycle)
        task = self.loop.create_task(self._answer(cycle, route, head, self._body))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def _short_route(self) -> Route | None:
        path, _, query = self.url.partition(b"?")
        route = _SHORT.get(path)
        if route is None or b"#" in query or self.parser.get_method() != b"POST" or self.expect_100_continue:
            return None
        if self.cycle is not None and not self.cycle.response_complete:
            return None
        if self.parser.get_http_version() != "1.1" or self.parser.should_upgrade() or not headers_fit(self.headers):
            return None
        length = next((value for name, value in self.headers if name == b"content-length"), b"")
        return route if length.isdigit() and 0 < int(length[:9]) <= BODY_WIRE_BYTES else None

    def _go_the_long_way(self) -> None:
        url, headers, expects = self.url, self.headers, self.expect_100_continue
        super().on_message_begin()
        self.url, self.expect_100_continue = url, expects
        self.headers.extend(headers)
        super().on_headers_complete()

    async def _answer(self, cycle: _Cycle, route: Route, head: Head, body: bytes) -> None:
        try:
            reply = await self._door.take_whole(route, head, body)
            if self.flow.write_paused and not cycle.disconnected:
                await self.flow.drain()
            if not cycle.disconnected:
                keeps = cycle.keep_alive and CLOSE not in reply.headers
                extra = [*self.server_state.default_headers] if keeps else [*self.server_state.default_headers, CLOSE]
                self.transport.write(_head(reply, self._door.shown_to(head.headers), tuple(extra)) + reply.body)
                if not keeps:
                    self.transport.close()
            cycle.response_complete = True
        finally:
            if not cycle.response_complete:  # a fault of ours: it is logged as the task's, and nobody is left waiting
                cycle.response_complete = True
                self.transport.close()
        self.on_response_complete()


def _head(reply: Reply, shown: bytes, extra: tuple[Header, ...]) -> bytes:
    if reply.body:
        return _lines(reply.status, tuple(reply.all_headers(shown)), extra)
    return _lines_of_empty(reply, shown, extra)


@lru_cache(maxsize=_HEADS_CACHED)
def _lines_of_empty(reply: Reply, shown: bytes, extra: tuple[Header, ...]) -> bytes:
    return _lines(reply.status, tuple(reply.all_headers(shown)), extra)


def _lines(status: int, headers: tuple[Header, ...], extra: tuple[Header, ...]) -> bytes:
    told = dict.fromkeys((*extra, *headers))  # a connection is closed once
    return STATUS_LINE[status] + b"".join([b"%b: %b\r\n" % header for header in told]) + b"\r\n"
