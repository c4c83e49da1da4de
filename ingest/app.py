"""Everything that is not a beacon: health, metrics, the browser files; FastAPI."""

import mimetypes
import re
import time
from collections.abc import Callable, Mapping, MutableMapping
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

from fastapi import FastAPI, Response
from fastapi.responses import FileResponse, JSONResponse, PlainTextResponse
from fastapi.staticfiles import StaticFiles
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from ingest.collector import Collector
from ingest.cors import answer_headers
from ingest.instruments import RECEIVED, REJECTED
from ingest.openapi import document
from ingest.problems import CONTENT_TYPE, RETRY_AFTER_S, problem
from ingest.refusal import Refusal
from ingest.security_headers import ALWAYS
from schemas.drop_reasons import DropReason
from schemas.instruments import REGISTRY

_SCRIPTS: Final = ("rum.js", "rum-all.js", "rum.js.map", "rum-all.js.map")
_LISTING: Final = "rum.json"
_BUILD: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,63}")
_SHORT_CACHE: Final = {"cache-control": "public, max-age=300"}
_LONG_CACHE: Final = {"cache-control": "public, max-age=31536000, immutable"}
_REASONS: Final = {404: DropReason.NOT_FOUND, 405: DropReason.METHOD}


def make_app(collector: Collector, static: Path | None, shows: Callable[[bytes], bool]) -> ASGIApp:
    """The app behind the door. ``shows`` tells which origins' pages may read its answers."""
    app = FastAPI(title="rumstream collector", docs_url=None, redoc_url=None)
    of_fastapi = app.openapi
    app.openapi = lambda: document(of_fastapi())  # type: ignore[method-assign] # FastAPI's own way to extend it

    @app.get("/healthz")
    async def healthz() -> dict[str, str]:
        """The process lives."""
        return {"status": "alive"}

    @app.get("/readyz", responses={503: {"description": "Kafka does not acknowledge"}})
    async def readyz() -> JSONResponse:
        """Kafka acknowledges."""
        if await collector.is_ready():
            return JSONResponse({"status": "ready"})
        told = {"status": "Kafka does not acknowledge"}
        return JSONResponse(told, HTTPStatus.SERVICE_UNAVAILABLE, {"retry-after": str(RETRY_AFTER_S)})

    @app.get("/metrics", response_class=PlainTextResponse)
    async def metrics() -> Response:
        """The collector's counters in Prometheus' text format."""
        return Response(generate_latest(REGISTRY), media_type=CONTENT_TYPE_LATEST)

    if static is not None:
        _serve_files(app, static)

    @app.exception_handler(HTTPException)
    async def failed(request: Request, error: HTTPException) -> Response:
        reason = _REASONS.get(error.status_code, DropReason.MALFORMED)
        RECEIVED.inc()
        REJECTED.labels(reason.value).inc()
        collector.ledger.rejected("", time.time_ns() // 1_000_000, reason)
        return _problem(request, error, reason)

    return WithHeaders(app, shows)


def _serve_files(app: FastAPI, static: Path) -> None:
    for name in (*_SCRIPTS, _LISTING):
        app.get(f"/{name}", include_in_schema=False)(_newest(static / name))

    @app.get("/v/{build}/{name}", include_in_schema=False)
    def versioned(build: str, name: str, request: Request) -> FileResponse:
        """A script of one build, which never changes: its address can carry a hash (`rum.json` lists both)."""
        if not _BUILD.fullmatch(build) or name not in _SCRIPTS:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        return _file(static / "v" / build / name, request, _LONG_CACHE)

    app.mount("/demo", StaticFiles(directory=static / "demo", html=True, check_dir=False))


def _newest(path: Path) -> Callable[[Request], FileResponse]:
    def newest(request: Request) -> FileResponse:
        return _file(path, request, _SHORT_CACHE)

    return newest


def _file(path: Path, request: Request, cache: Mapping[str, str]) -> FileResponse:
    """The file, packed by the build for clients that take gzip."""
    if not path.is_file():
        raise HTTPException(HTTPStatus.NOT_FOUND)
    headers = {**cache, "timing-allow-origin": "*"}
    if path.suffix == ".js":
        headers["sourcemap"] = f"{path.name}.map"
    packed = path.with_name(f"{path.name}.gz")
    if not packed.is_file():
        return FileResponse(path, headers=headers)
    headers["vary"] = "Accept-Encoding"
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return FileResponse(path, headers=headers)
    media, _ = mimetypes.guess_type(path)
    return FileResponse(packed, headers={**headers, "content-encoding": "gzip"}, media_type=media)


def _problem(request: Request, error: HTTPException, reason: DropReason) -> Response:
    refusal = Refusal(reason, f"{request.method[:16]!r} {request.url.path[:128]!r}")
    headers = dict(error.headers or {})
    return Response(problem(refusal), error.status_code, headers, CONTENT_TYPE.decode())


class WithHeaders:
    """Adds the CORS and security headers to every answer of an app."""

    def __init__(self, app: ASGIApp, shows: Callable[[bytes], bool]) -> None:
        self._app = app
        self._shows = shows

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        origin = dict(scope["headers"]).get(b"origin", b"")

        shown = origin if self._shows(origin) else b""

        async def send_with_headers(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *answer_headers(shown), *ALWAYS]
            await send(message)

        await self._app(scope, receive, send_with_headers)
