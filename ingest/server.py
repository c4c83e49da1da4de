"""The collector's process: uvicorn in front, and an end that leaves nothing unacknowledged."""

import asyncio
import contextlib
import signal
from collections.abc import Iterator
from typing import Final

import structlog
import uvicorn
import uvloop

from ingest.app import make_app
from ingest.background import Background
from ingest.collector import Collector
from ingest.config import CollectorConfig
from ingest.door import Door
from ingest.sites import OneOpenSite, Site
from ingest.user_agents import agent_of

_log: Final = structlog.get_logger()
_KEEP_ALIVE_S: Final = 75
_BACKLOG: Final = 4_096
_STOP_S: Final = 3.0
_WARM: Final = "Mozilla/5.0"


class _Server(uvicorn.Server):
    """uvicorn whose signals are handled outside, so that the process ends with 0 after a clean stop."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def serve(config: CollectorConfig) -> None:
    """Take beacons until SIGTERM or SIGINT; then answer what is in flight and return, within 10 s.

    Raises:
        SystemExit: the port is not free (uvicorn says so).
        BaseException: a part of the collector failed; what was in flight has been answered.
    """
    uvloop.run(_serve(config))


async def _serve(config: CollectorConfig) -> None:
    background = Background(on_failure=lambda: _end(server))
    collector = Collector(config, background)
    sites = OneOpenSite(Site(config.site, config.environment))
    door = Door(config, collector, sites, make_app(collector, config.static))
    server = _Server(
        uvicorn.Config(
            door,
            host=config.host,
            port=config.port,
            http="httptools",
            ws="none",
            lifespan="off",
            access_log=False,
            log_config=None,
            proxy_headers=False,
            server_header=False,
            timeout_keep_alive=_KEEP_ALIVE_S,
            timeout_graceful_shutdown=int(config.drain_s),
            backlog=_BACKLOG,
        )
    )
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, _stop, server)
    agent_of(_WARM)  # the rules take 0.1 s to load: now, not in the first beacon
    collector.start()
    _log.info("collector starts", host=config.host, port=config.port, lanes=config.lanes, kafka=config.bootstrap)
    try:
        await server.serve()
    finally:
        await collector.stop(_STOP_S)
        await background.stop()
    _log.info("collector stopped")


def _end(server: uvicorn.Server) -> None:
    server.should_exit = True


def _stop(server: uvicorn.Server) -> None:
    _log.info("collector stops: no new connections, in-flight beacons are answered")
    server.should_exit = True
