"""ClickHouse's HTTP interface as an ASGI endpoint: a request in, a query to the engine, its answer out."""

from concurrent.futures import Executor
from functools import partial
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from embedded.clickhouse.admission import Admission
from embedded.clickhouse.answer import Server, send_answer
from embedded.clickhouse.body import received
from embedded.clickhouse.config import ClickHouseConfig
from embedded.clickhouse.engine import Answer, Engine
from embedded.clickhouse.exceptions import EngineError, raised
from embedded.clickhouse.hands import Hands
from embedded.clickhouse.request import Query, read_query
from embedded.clickhouse.task import Task, task_of

# When their client goes, nobody is left whom these would serve.
_READS: Final = frozenset(["SELECT", "WITH", "SHOW", "DESCRIBE", "DESC", "EXPLAIN", "EXISTS"])


class Front:
    """Answers queries; ``threads`` run them, large bodies wait in the folder ``spool``."""

    def __init__(self, config: ClickHouseConfig, engine: Engine, threads: Executor, spool: Path) -> None:
        self._config, self._engine, self._threads, self._spool = config, engine, threads, spool
        self._server = Server(engine.version, engine.timezone, engine.content_types)
        self._admission = Admission(config.running + config.waiting)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        request, query_id = Request(scope, receive, send), ""
        try:
            _check_site(request)
            query = _query_of(request)
            query_id = query.id
            if request.method != "POST" and not query.sql:
                await PlainTextResponse("Ok.\n")(scope, receive, send)
                return
            if request.headers.get("content-type", "").startswith("multipart/"):
                raise raised("NOT_IMPLEMENTED", "Multipart bodies are not supported by the embedded engine")
            with self._admission.place(query_id):
                await self._respond(request, query, receive, send)
        except EngineError as error:
            await self._server.refusal(error, query_id)(scope, receive, send)
        except ClientDisconnect:
            return

    async def _respond(self, request: Request, query: Query, receive: Receive, send: Send) -> None:
        config = self._config
        async with received(request, self._spool, config.spool_bytes, config.body_bytes) as body:
            task = task_of(query, body, config.sql_bytes)
            async with Hands(self._threads, receive, partial(self._engine.cancel, query.id)) as hands:
                to_the_end = task.statement.verb not in _READS
                answer = await hands.do(partial(self._run, query, task), to_the_end=to_the_end)
                accepted = request.headers.get("accept-encoding", "") if query.compress else ""
                await send_answer(answer, self._server, query.id, accepted, hands, send)

    def _run(self, query: Query, task: Task) -> Answer:
        if task.data is None:
            return self._engine.run(query, task.statement)
        return self._engine.insert(query, task.statement, task.data)


def _query_of(request: Request) -> Query:
    text = request.scope["query_string"].decode("latin-1")
    pairs = parse_qsl(text, keep_blank_values=True, errors="surrogateescape")
    return read_query(request.method, pairs, request.headers)


def _check_site(request: Request) -> None:
    """A page of some site that the person at this machine visits shall not reach the database through the browser."""
    if request.headers.get("sec-fetch-site", "none") not in ("none", "same-origin") or "origin" in request.headers:
        raise raised("ACCESS_DENIED", "Requests from web pages are not allowed")
