"""The read side: vitals as JSON, a page to look at, health and metrics."""

import asyncio
import html
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any, Final

import uvicorn
from fastapi import FastAPI, Query
from fastapi.responses import HTMLResponse, JSONResponse, Response
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from api import problems
from api.audit import audit
from api.config import ApiConfig
from api.store import Store
from api.vitals_query import DIMENSIONS, MAX_ROWS, METRICS, vitals_query, vitals_sql
from api.vitals_rows import answer
from api.watch import watch
from schemas.instruments import REGISTRY

_PAGES: Final = Path(__file__).parent / "pages"
# No page loads anything from elsewhere: many sites that run this have no way out.
_PAGE_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
    "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'",
    "Cache-Control": "no-cache",
}
_SITES: Final = """
SELECT site, sum(r.weight) / 1000 AS page_views FROM {database}.rollups_1m AS r FINAL
WHERE metric = 'page_view' AND window_start >= now() - INTERVAL 1 DAY
GROUP BY site ORDER BY page_views DESC, site LIMIT 1000"""


def serve(config: ApiConfig) -> None:
    """Answer until SIGTERM or SIGINT.

    Raises:
        SystemExit: the port is taken.
    """
    # uvicorn raises the signal again after it has shut down: with these, that ends the process with 0.
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: None)
    uvicorn.run(create_app(config), host=config.host, port=config.port, log_config=None, access_log=False)


def create_app(config: ApiConfig) -> FastAPI:
    """The app; it opens ClickHouse at the first question."""
    store = Store(config)

    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        auditing = asyncio.create_task(audit(store, config.database))
        yield
        auditing.cancel()
        await asyncio.gather(auditing, return_exceptions=True)
        await store.close()

    app = FastAPI(title="rumstream", version="1", docs_url=None, redoc_url=None, lifespan=life)
    app.middleware("http")(watch)
    problems.install(app)
    _questions(app, store, config)
    _pages(app, config)
    _operations(app, store)
    return app


def _questions(app: FastAPI, store: Store, config: ApiConfig) -> None:
    @app.get("/api/v1/vitals", summary="Percentiles and ratings of a site")
    async def vitals(
        site: Annotated[str, Query(description="The site's id")],
        metric: Annotated[str, Query(description=f"One of {', '.join(METRICS)}; all when left out")] = "",
        since: Annotated[str, Query(alias="from", description="ISO 8601 or ms; an hour before `to`")] = "",
        until: Annotated[str, Query(alias="to", description="ISO 8601 or ms; now")] = "",
        by: Annotated[str, Query(description=f"Any of {', '.join(DIMENSIONS)}, with commas")] = "",
        source: Annotated[str, Query(description="browser, server or lab")] = "browser",
        limit: Annotated[int, Query(description=f"Most rows, up to {MAX_ROWS}")] = 1_000,
    ) -> dict[str, Any]:
        query = vitals_query(site, time.time_ns() // 1_000_000, metric, since, until, by, source, limit)
        return answer(query, await store.rows(*vitals_sql(query, config.database)))

    @app.get("/api/v1/sites", summary="Sites with page views in the last day, most first")
    async def sites() -> dict[str, Any]:
        return {"sites": await store.rows(_SITES.format(database=config.database))}


def _pages(app: FastAPI, config: ApiConfig) -> None:
    live = (_PAGES / "live.html").read_text().replace("__DEMO_URL__", html.escape(config.demo_url, quote=True))
    docs = (_PAGES / "docs.html").read_text()

    @app.get("/", include_in_schema=False)
    async def page() -> HTMLResponse:
        return HTMLResponse(live, headers=_PAGE_HEADERS)

    @app.get("/docs", include_in_schema=False)
    async def documentation() -> HTMLResponse:
        return HTMLResponse(docs, headers=_PAGE_HEADERS)


def _operations(app: FastAPI, store: Store) -> None:
    @app.get("/healthz", summary="Whether the API runs")
    async def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/readyz", summary="Whether ClickHouse answers")
    async def readyz() -> JSONResponse:
        ready = await store.answers()
        return JSONResponse({"clickhouse": "ok" if ready else "unreachable"}, 200 if ready else 503)

    @app.get("/metrics", include_in_schema=False)
    async def metrics() -> Response:
        return Response(generate_latest(REGISTRY), media_type=CONTENT_TYPE_LATEST)
