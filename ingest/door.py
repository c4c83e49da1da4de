"""The beacon routes as raw ASGI, before FastAPI: one lookup, one body, one answer."""

import asyncio
import time
from collections.abc import Mapping
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from ingest.body import Body, Disconnected
from ingest.collector import Collector, Unknown
from ingest.config import CollectorConfig
from ingest.cors import Header, answer_headers, preflight_headers
from ingest.draft import Request
from ingest.formats import ROUTES, Decode
from ingest.inflate import inflate
from ingest.instruments import RECEIVED, REJECTED, UNKNOWN
from ingest.problems import CONTENT_TYPE, problem, retry_after_s, status_of
from ingest.refusal import Refusal
from ingest.sites import Sites
from schemas.drop_reasons import DropReason
from schemas.limits import BODY_INFLATED_BYTES, BODY_WIRE_BYTES

_HEADERS_BYTES: Final = 16 * 1024
_ALLOW: Final = (b"allow", b"POST, OPTIONS")
_NO_STORE: Final = (b"cache-control", b"no-store")
_CLOSING: Final = {DropReason.BODY_TIMEOUT, DropReason.TOO_LARGE, DropReason.OVERLOADED, DropReason.HEADERS_TOO_LARGE}
"""After these a part of the body may be on its way still: the connection ends."""


class Door:
    """An ASGI app: beacons go in here, everything else to the app behind."""

    def __init__(self, config: CollectorConfig, collector: Collector, sites: Sites, behind: ASGIApp) -> None:
        self._config = config
        self._collector = collector
        self._sites = sites
        self._behind = behind

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        decode = ROUTES.get(scope["path"]) if scope["type"] == "http" else None
        if decode is None:
            await self._behind(scope, receive, send)
            return
        headers = dict(scope["headers"])
        method = scope["method"]
        if method == "POST":
            await self._post(decode, scope, headers, receive, send)
        elif method == "OPTIONS":
            asked = preflight_headers(headers.get(b"access-control-request-headers", b""))
            await answer(send, 204, headers, [*asked, _ALLOW])
        else:
            RECEIVED.inc()
            refusal = Refusal(DropReason.METHOD, f"{method[:16]} is not POST")
            self._enter(None, refusal)
            await refuse(send, headers, refusal, [_ALLOW])

    async def _post(
        self, decode: Decode, scope: Scope, headers: Mapping[bytes, bytes], receive: Receive, send: Send
    ) -> None:
        RECEIVED.inc()
        body = Body(receive, self._collector.budget, BODY_WIRE_BYTES)
        request: Request | None = None
        try:
            declared = _declared_length(scope, headers)
            raw = await body.read(declared, self._config.body_deadline_s)
            if not raw:
                raise Refusal(DropReason.EMPTY_BODY, "the body is empty")
            whole = inflate(raw, _text(headers, b"content-encoding"), BODY_INFLATED_BYTES)
            since = asyncio.get_running_loop().time()  # a slow upload leaves Kafka its whole time
            request = self._request(scope, headers)
            await self._collector.take(decode, request, whole, since)
        except Disconnected:
            self._enter(None, Refusal(DropReason.BODY_TIMEOUT, ""))
            REJECTED.labels(DropReason.BODY_TIMEOUT.value).inc()
            return
        except Refusal as refusal:
            self._enter(request, refusal)
            await refuse(send, headers, refusal)
            return
        finally:
            body.release()
        await answer(send, 204, headers, [_NO_STORE])

    def _enter(self, request: Request | None, refusal: Refusal) -> None:
        """Write a refusal into the ledger; no request: it came before the site was known. Unknown is there already."""
        if not isinstance(refusal, Unknown):
            site, at = (request.site.id, request.received_at) if request else ("", time.time_ns() // 1_000_000)
            self._collector.ledger.rejected(site, at, refusal.reason)

    def _request(self, scope: Scope, headers: Mapping[bytes, bytes]) -> Request:
        key = _text(headers, b"x-api-key")
        return Request(
            site=self._sites.find(key, _text(headers, b"origin")),
            received_at=time.time_ns() // 1_000_000,
            ip=scope["client"][0] if scope.get("client") else "",
            user_agent=_text(headers, b"user-agent"),
            idempotency_key=_text(headers, b"idempotency-key"),
        )


async def answer(
    send: Send, status: int, headers: Mapping[bytes, bytes], more: list[Header], body: bytes = b""
) -> None:
    """Send a whole answer with the CORS headers of the request's origin."""
    told = [*answer_headers(headers.get(b"origin", b"")), *more]
    if body:
        told.append((b"content-length", b"%d" % len(body)))
    await send({"type": "http.response.start", "status": status, "headers": told})
    await send({"type": "http.response.body", "body": body})


async def refuse(
    send: Send, headers: Mapping[bytes, bytes], refusal: Refusal, more: list[Header] | None = None
) -> None:
    """Send a refusal as problem JSON, and count it: as unknown where the beacon may still reach Kafka."""
    if isinstance(refusal, Unknown):
        UNKNOWN.inc()
    else:
        REJECTED.labels(refusal.reason.value).inc()
    told = [(b"content-type", CONTENT_TYPE), _NO_STORE, *(more or [])]
    retry = retry_after_s(refusal.reason)
    if retry is not None:
        told.append((b"retry-after", b"%d" % retry))
    if refusal.reason in _CLOSING:
        told.append((b"connection", b"close"))
    await answer(send, status_of(refusal.reason), headers, told, problem(refusal))


def _declared_length(scope: Scope, headers: Mapping[bytes, bytes]) -> int | None:
    """The body's declared length; None where it comes in chunks.

    Raises:
        Refusal: LENGTH_REQUIRED, HEADERS_TOO_LARGE.
    """
    if sum(len(name) + len(value) for name, value in scope["headers"]) > _HEADERS_BYTES:
        raise Refusal(DropReason.HEADERS_TOO_LARGE, f"the headers are larger than {_HEADERS_BYTES} bytes")
    length = headers.get(b"content-length")
    if length is not None and length.isdigit():
        return int(length[:19])
    if b"transfer-encoding" in headers:
        return None
    raise Refusal(DropReason.LENGTH_REQUIRED, "the request has neither Content-Length nor Transfer-Encoding")


def _text(headers: Mapping[bytes, bytes], name: bytes) -> str:
    return headers.get(name, b"").decode("latin-1")
