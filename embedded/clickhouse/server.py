"""Runs the engine and its front in the foreground until SIGTERM or SIGINT."""

import asyncio
import logging
import os
import shutil
import signal
import socket
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import uvicorn
from rich.console import Console
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from embedded.clickhouse.config import ClickHouseConfig
from embedded.clickhouse.engine import Engine
from embedded.clickhouse.exceptions import EngineError
from embedded.clickhouse.front import Front
from embedded.clickhouse.lock import StartError, locked

_LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")
_CANCEL_EVERY_S: Final = 0.2
_NO_END: Final = "returned without completing response"
_KEEP_ALIVE_S: Final = 30  # as ClickHouse; less than a client's own time would close what it is about to use
_AFTER_CANCEL_S: Final = 1


def serve(config: ClickHouseConfig) -> None:
    """Serve until SIGTERM or SIGINT; running queries then get ``grace_s``, after it they are cancelled.

    Raises:
        StartError: the port is taken, the data folder is in use, or the engine cannot open it.
    """
    say = Console(stderr=True, highlight=False, soft_wrap=True).print
    data = config.data.resolve()
    with _listening(config) as listener, locked(data):
        spool = data / "spool"
        shutil.rmtree(spool, ignore_errors=True)
        spool.mkdir()
        _keep_stdout_from_engine()
        try:
            engine = Engine(data / "engine", config.memory_bytes, config.answer_bytes)
        except EngineError as error:
            raise StartError(f"the engine cannot open its data in {data}: {error}") from error
        threads = ThreadPoolExecutor(config.running, thread_name_prefix="query")
        server = _Server(config, engine, _app(config, Front(config, engine, threads, spool)))
        # uvicorn raises the signal once more when it is done, which would end us before the engine has ended.
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, server.handle_exit)
        say(f"ClickHouse {engine.version}: http://{config.host}:{config.port}, data in {data}")
        server.run(sockets=[listener])
        threads.shutdown()
        engine.close()
        say("ClickHouse: stopped")


class _Server(uvicorn.Server):
    def __init__(self, config: ClickHouseConfig, engine: Engine, app: Starlette) -> None:
        self._engine, self._grace_s = engine, config.grace_s
        settings = uvicorn.Config(
            app,
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_keep_alive=_KEEP_ALIVE_S,
            timeout_graceful_shutdown=int(config.grace_s) + _AFTER_CANCEL_S,
        )
        super().__init__(settings)
        # An answer that breaks in the middle is left without an end on purpose, see answer.py.
        logging.getLogger("uvicorn.error").addFilter(lambda record: _NO_END not in record.getMessage())

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Wait for running queries, then cancel them, so that each client still gets an answer."""
        cancelling = asyncio.create_task(self._cancel_late())
        await super().shutdown(sockets)
        cancelling.cancel()

    async def _cancel_late(self) -> None:
        await asyncio.sleep(self._grace_s)
        while True:
            await asyncio.to_thread(self._engine.cancel_all)
            await asyncio.sleep(_CANCEL_EVERY_S)


def _app(config: ClickHouseConfig, front: Front) -> Starlette:
    # A name that an attacker's DNS points to 127.0.0.1 is not ours.
    hosts = ["127.0.0.1", "localhost", "[::1]"] if config.host in _LOOPBACK else ["*"]
    return Starlette(
        routes=[
            Route("/ping", _ok, methods=["GET"]),
            Route("/replicas_status", _ok, methods=["GET"]),
            Route("/", front, methods=["GET", "HEAD", "POST"]),
        ],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=hosts)],
    )


async def _ok(_: Request) -> PlainTextResponse:
    return PlainTextResponse("Ok.\n")


def _listening(config: ClickHouseConfig) -> socket.socket:
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((config.host, config.port))
    except OSError as error:
        listener.close()
        said = f"port {config.port} for ClickHouse is not free on {config.host} ({error.strerror})"
        raise StartError(said) from error
    return listener


def _keep_stdout_from_engine() -> None:
    """The engine prints what it had made of a failed answer to descriptor 1; Python's own output goes on elsewhere."""
    sys.stdout.flush()
    sys.stdout = os.fdopen(os.dup(1), "w", buffering=1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)
