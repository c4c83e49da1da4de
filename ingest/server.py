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
from ingest.beacon_protocol import BeaconProtocol
from ingest.collector import Collector
from ingest.config import CollectorConfig
from ingest.countries import Countries
from ingest.door import Door
from ingest.forwarded import Proxies, networks
from ingest.gate import Gate
from ingest.listening import shared_port
from ingest.salts import SaltBook
from ingest.sites import Site, Sites, open_to_this_machine
from ingest.sites_watch import SitesWatch, salted
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
        SitesError, CountriesError: a file of the settings cannot be used.
        BaseException: a part of the collector failed; what was in flight has been answered.
    """
    uvloop.run(_serve(config))


async def _serve(config: CollectorConfig) -> None:
    background = Background(on_failure=lambda: _end(server))
    loop = asyncio.get_running_loop()
    watch = None if config.sites is None else SitesWatch(config.sites, config.collectors, config.sites_poll_s)
    gate = _gate(config, watch.first(loop.time()) if watch else open_to_this_machine(_default_site(config)))
    salts = SaltBook(salted(gate.sites))
    collector = Collector(config, salts, background)
    door = Door(config, collector, gate, make_app(collector, config.static, gate.shows))
    server = _Server(
        uvicorn.Config(
            door,
            host=config.host,
            port=config.port,
            http=BeaconProtocol,
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
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, _stop, server)
    agent_of(_WARM)  # the rules take 0.1 s to load: now, not in the first beacon
    collector.start()
    if watch is not None:
        background.start(watch.follow(gate, salts, loop.time))
    _log.info("collector starts", host=config.host, port=config.port, lanes=config.lanes, kafka=config.bootstrap)
    try:
        await server.serve([shared_port(config.host, config.port)] if config.shares_port else None)
    finally:
        await collector.stop(_STOP_S)
        await background.stop()
    _log.info("collector stopped")


def _default_site(config: CollectorConfig) -> Site:
    _log.info("no sites file: one open site for this machine only", site=config.site)
    return Site(config.site, config.environment)


def _gate(config: CollectorConfig, sites: Sites) -> Gate:
    return Gate(
        sites,
        Proxies(networks(config.trusted_proxies), config.forwarded_header),
        Countries(config.geoip_database),
        config.country_header,
        config.bots,
    )


def _end(server: uvicorn.Server) -> None:
    server.should_exit = True


def _stop(server: uvicorn.Server) -> None:
    _log.info("collector stops: no new connections, in-flight beacons are answered")
    server.should_exit = True
