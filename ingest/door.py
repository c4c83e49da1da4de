"""The beacon routes as raw ASGI, before FastAPI: one lookup, one body, one answer."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Final, NamedTuple

from starlette.types import ASGIApp, Receive, Scope, Send

from ingest.body import Body, Disconnected
from ingest.collector import Collector, Unknown
from ingest.config import CollectorConfig
from ingest.cors import Header, answer_headers, preflight_headers
from ingest.draft import Request
from ingest.formats import Route, route_at
from ingest.gate import Gate, key_in_body, key_in_head
from ingest.inflate import inflate
from ingest.instruments import RECEIVED, REJECTED, UNKNOWN
from ingest.problems import CONTENT_TYPE, problem, retry_after_s, status_of
from ingest.refusal import Refusal
from ingest.security_headers import ALWAYS, INERT
from schemas.drop_reasons import DropReason
from schemas.limits import BODY_INFLATED_BYTES, BODY_WIRE_BYTES

_HEADERS_BYTES: Final = 16 * 1024
_QUERY_BYTES: Final = 32 * 1024
"""Longest query of a GET; httptools reads none of 64 KiB."""

CLOSE: Final = (b"connection", b"close")
_NO_STORE: Final = (b"cache-control", b"no-store")
_CLOSING: Final = {DropReason.BODY_TIMEOUT, DropReason.TOO_LARGE, DropReason.OVERLOADED, DropReason.HEADERS_TOO_LARGE}
"""After these a part of the body may be on its way still: the connection ends."""


class Head(NamedTuple):
    """What a request says beside its body; ``headers`` are the ``pairs``, the last of each name."""

    method: str
    query: bytes
    pairs: Sequence[Header]
    headers: Mapping[bytes, bytes]
    peer: str


class Reply(NamedTuple):
    """An answer without the headers that every one has. ``hidden``: no page may read it."""

    status: int
    headers: tuple[Header, ...] = ()
    body: bytes = b""
    hidden: bool = False

    def all_headers(self, shown: bytes) -> list[Header]:
        """All of them; ``shown`` is the origin whose pages may read the answer, empty: none."""
        told = [*answer_headers(b"" if self.hidden else shown), *ALWAYS, *self.headers]
        if self.body:
            told += INERT
        if self.status != HTTPStatus.NO_CONTENT:
            told.append((b"content-length", b"%d" % len(self.body)))
        return told


class Door:
    """An ASGI app: beacons go in here, everything else to the app behind."""

    def __init__(self, config: CollectorConfig, collector: Collector, gate: Gate, behind: ASGIApp) -> None:
        self._config = config
        self._collector = collector
        self._gate = gate
        self._behind = behind

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        found = route_at(scope["path"]) if scope["type"] == "http" else None
        if found is None:
            await self._behind(scope, receive, send)
            return
        route, key = found
        headers = dict(scope["headers"])
        method = scope["method"]
        shown = self.shown_to(headers)
        allow = (b"allow", ", ".join([*route.methods, "OPTIONS"]).encode())
        if method in route.methods:
            reply = await self._take(route, key, scope, headers, receive)
        elif method == "OPTIONS":
            asked = preflight_headers(headers.get(b"access-control-request-headers", b"")) if shown else []
            reply = Reply(204, (*asked, allow))
        else:
            RECEIVED.inc()
            refusal = Refusal(DropReason.METHOD, f"{method[:16]!r} is not {' or '.join(route.methods)}")
            self._enter(None, refusal)
            reply = refused(refusal, allow)
        if reply is not None:
            await send({"type": "http.response.start", "status": reply.status, "headers": reply.all_headers(shown)})
            await send({"type": "http.response.body", "body": reply.body})

    def shown_to(self, headers: Mapping[bytes, bytes]) -> bytes:
        """The request's origin, where its pages may read the answer; else empty."""
        origin = headers.get(b"origin", b"")
        return origin if self._gate.shows(origin) else b""

    async def _take(
        self, route: Route, key: str, scope: Scope, headers: Mapping[bytes, bytes], receive: Receive
    ) -> Reply | None:
        RECEIVED.inc()
        body = Body(receive, self._collector.budget, BODY_WIRE_BYTES)
        try:
            raw = await self._raw(body, scope, headers)
            peer = scope["client"][0] if scope.get("client") else ""
            return await self._decide(
                route, key, Head(scope["method"], scope["query_string"], scope["headers"], headers, peer), raw
            )
        except Disconnected:
            self._enter(None, Refusal(DropReason.BODY_TIMEOUT, ""))
            REJECTED.labels(DropReason.BODY_TIMEOUT.value).inc()
            return None
        except Refusal as refusal:
            self._enter(None, refusal)
            return refused(refusal)
        finally:
            body.release()

    async def take_whole(self, route: Route, head: Head, raw: bytes) -> Reply:
        """Answer a request whose body is there, and within its cap."""
        RECEIVED.inc()
        budget = self._collector.budget
        try:
            budget.take(len(raw))
        except Refusal as refusal:
            self._enter(None, refusal)
            return refused(refusal)
        try:
            return await self._decide(route, "", head, raw)
        finally:
            budget.give(len(raw))

    async def _decide(self, route: Route, key: str, head: Head, raw: bytes) -> Reply:
        request: Request | None = None
        try:
            key = key or key_in_head(head.headers, head.query)
            if key:
                request = self._admit(key, head)  # before any work for it
            whole = raw if head.method == "GET" else _inflated(raw, head.headers)
            since = asyncio.get_running_loop().time()  # a slow upload leaves Kafka its whole time
            request = request or self._admit(key_in_body(whole), head)
            decoded = await self._collector.take(route.decode, request, whole, since)
        except Refusal as refusal:
            self._enter(request, refusal)
            return refused(refusal)
        told = route.accepted(head.headers, decoded)
        return Reply(told.status, (_NO_STORE, *told.headers), told.body)

    async def _raw(self, body: Body, scope: Scope, headers: Mapping[bytes, bytes]) -> bytes:
        """The body as it was sent; of a GET its query."""
        _check_headers(scope)
        if scope["method"] == "GET":
            raw: bytes = scope["query_string"]
            if len(raw) > _QUERY_BYTES:
                raise Refusal(DropReason.TOO_LARGE, f"the query is larger than {_QUERY_BYTES} bytes")
        else:
            raw = await body.read(_declared_length(headers), self._config.body_deadline_s)
        if not raw:
            raise Refusal(DropReason.EMPTY_BODY, f"the {'query' if scope['method'] == 'GET' else 'body'} is empty")
        return raw

    def _admit(self, key: str, head: Head) -> Request:
        now_ms, now = time.time_ns() // 1_000_000, asyncio.get_running_loop().time()
        return self._gate.admit(key, head.headers, head.pairs, head.peer, now_ms, now)

    def _enter(self, request: Request | None, refusal: Refusal) -> None:
        """Write a refusal into the ledger, where it may not know the site. An unknown end is there already."""
        if not isinstance(refusal, Unknown):
            site = request.site.id if request else refusal.site
            at = request.received_at if request else time.time_ns() // 1_000_000
            self._collector.ledger.rejected(site, at, refusal.reason)


def refused(refusal: Refusal, *more: Header) -> Reply:
    """A refusal as problem JSON; counted, as unknown where the beacon may still reach Kafka."""
    if isinstance(refusal, Unknown):
        UNKNOWN.inc()
    else:
        REJECTED.labels(refusal.reason.value).inc()
    told = [(b"content-type", CONTENT_TYPE), _NO_STORE, *more]
    retry = retry_after_s(refusal)
    if retry is not None:
        told.append((b"retry-after", b"%d" % retry))
    if refusal.reason in _CLOSING:
        told.append(CLOSE)
    return Reply(status_of(refusal.reason), tuple(told), problem(refusal), refusal.reason is DropReason.ORIGIN)


def headers_fit(pairs: Sequence[Header]) -> bool:
    """True for headers within their cap."""
    return sum([len(name) + len(value) for name, value in pairs]) <= _HEADERS_BYTES


def _declared_length(headers: Mapping[bytes, bytes]) -> int | None:
    """The body's declared length; None where it comes in chunks.

    Raises:
        Refusal: LENGTH_REQUIRED.
    """
    length = headers.get(b"content-length")
    if length is not None and length.isdigit():
        return int(length[:19])
    if b"transfer-encoding" in headers:
        return None
    raise Refusal(DropReason.LENGTH_REQUIRED, "the request has neither Content-Length nor Transfer-Encoding")


def _check_headers(scope: Scope) -> None:
    if not headers_fit(scope["headers"]):
        raise Refusal(DropReason.HEADERS_TOO_LARGE, f"the headers are larger than {_HEADERS_BYTES} bytes")


def _inflated(raw: bytes, headers: Mapping[bytes, bytes]) -> bytes:
    return inflate(raw, headers.get(b"content-encoding", b"").decode("latin-1"), BODY_INFLATED_BYTES)
