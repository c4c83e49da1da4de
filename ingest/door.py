"""The beacon routes as raw ASGI, before FastAPI: one lookup, one body, one answer."""

import asyncio
import time
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

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

_NO_STORE: Final = (b"cache-control", b"no-store")
_CLOSING: Final = {DropReason.BODY_TIMEOUT, DropReason.TOO_LARGE, DropReason.OVERLOADED, DropReason.HEADERS_TOO_LARGE}
"""After these a part of the body may be on its way still: the connection ends."""


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
        shown = headers.get(b"origin", b"")
        shown = shown if self._gate.shows(shown) else b""
        if method in route.methods:
            await self._take(route, key, scope, headers, shown, receive, send)
            return
        allow = (b"allow", ", ".join([*route.methods, "OPTIONS"]).encode())
        if method == "OPTIONS":
            asked = preflight_headers(headers.get(b"access-control-request-headers", b"")) if shown else []
            await answer(send, 204, shown, [*asked, allow])
        else:
            RECEIVED.inc()
            told = f"{method[:16]!r} is not {' or '.join(route.methods)}"
            refusal = Refusal(DropReason.METHOD, told)
            self._enter(None, refusal)
            await refuse(send, shown, refusal, [allow])

    async def _take(
        self,
        route: Route,
        key: str,
        scope: Scope,
        headers: Mapping[bytes, bytes],
        shown: bytes,
        receive: Receive,
        send: Send,
    ) -> None:
        RECEIVED.inc()
        body = Body(receive, self._collector.budget, BODY_WIRE_BYTES)
        request: Request | None = None
        try:
            raw = await self._raw(body, scope, headers)
            key = key or key_in_head(headers, scope["query_string"])
            if key:
                request = self._admit(key, scope, headers)  # before any work for it
            whole = raw if scope["method"] == "GET" else _inflated(raw, headers)
            since = asyncio.get_running_loop().time()  # a slow upload leaves Kafka its whole time
            request = request or self._admit(key_in_body(whole), scope, headers)
            decoded = await self._collector.take(route.decode, request, whole, since)
        except Disconnected:
            self._enter(None, Refusal(DropReason.BODY_TIMEOUT, ""))
            REJECTED.labels(DropReason.BODY_TIMEOUT.value).inc()
            return
        except Refusal as refusal:
            self._enter(request, refusal)
            await refuse(send, shown, refusal)
            return
        finally:
            body.release()
        told = route.accepted(headers, decoded)
        await answer(send, told.status, shown, [_NO_STORE, *told.headers], told.body)

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

    def _admit(self, key: str, scope: Scope, headers: Mapping[bytes, bytes]) -> Request:
        peer = scope["client"][0] if scope.get("client") else ""
        now_ms, now = time.time_ns() // 1_000_000, asyncio.get_running_loop().time()
        return self._gate.admit(key, headers, scope["headers"], peer, now_ms, now)

    def _enter(self, request: Request | None, refusal: Refusal) -> None:
        """Write a refusal into the ledger, where it may not know the site. An unknown end is there already."""
        if not isinstance(refusal, Unknown):
            site = request.site.id if request else refusal.site
            at = request.received_at if request else time.time_ns() // 1_000_000
            self._collector.ledger.rejected(site, at, refusal.reason)


async def answer(send: Send, status: int, shown: bytes, more: list[Header], body: bytes = b"") -> None:
    """Send a whole answer; ``shown`` is the origin whose pages may read it, empty: none."""
    told = [*answer_headers(shown), *ALWAYS, *more]
    if body:
        told += INERT
    if status != HTTPStatus.NO_CONTENT:
        told.append((b"content-length", b"%d" % len(body)))
    await send({"type": "http.response.start", "status": status, "headers": told})
    await send({"type": "http.response.body", "body": body})


async def refuse(send: Send, shown: bytes, refusal: Refusal, more: list[Header] | None = None) -> None:
    """Send a refusal as problem JSON, and count it: as unknown where the beacon may still reach Kafka."""
    if isinstance(refusal, Unknown):
        UNKNOWN.inc()
    else:
        REJECTED.labels(refusal.reason.value).inc()
    told = [(b"content-type", CONTENT_TYPE), _NO_STORE, *(more or [])]
    retry = retry_after_s(refusal)
    if retry is not None:
        told.append((b"retry-after", b"%d" % retry))
    if refusal.reason in _CLOSING:
        told.append((b"connection", b"close"))
    shown = b"" if refusal.reason is DropReason.ORIGIN else shown
    await answer(send, status_of(refusal.reason), shown, told, problem(refusal))


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
    if sum(len(name) + len(value) for name, value in scope["headers"]) > _HEADERS_BYTES:
        raise Refusal(DropReason.HEADERS_TOO_LARGE, f"the headers are larger than {_HEADERS_BYTES} bytes")


def _inflated(raw: bytes, headers: Mapping[bytes, bytes]) -> bytes:
    return inflate(raw, headers.get(b"content-encoding", b"").decode("latin-1"), BODY_INFLATED_BYTES)
