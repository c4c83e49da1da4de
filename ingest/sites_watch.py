"""Follows the sites file: a new version takes over between two beacons, a broken one is said, counted and left."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Final

import structlog

from ingest.gate import Gate
from ingest.instruments import SITES, SITES_LOADS
from ingest.salts import SaltBook
from ingest.site_rules import sites_of
from ingest.sites import Sites
from ingest.sites_file import SitesError, read_sites

_log: Final = structlog.get_logger()
_SALTS_S: Final = 5.0
_ASK_S: Final = 0.05

Signature = tuple[int, int, int] | None


def salted(sites: Sites) -> list[str]:
    """The sites whose salt comes from `rum.salts`."""
    return [site.id for site in sites.all() if site.salt is None]


class SitesWatch:
    """Looks at the file every ``poll_s``, through symbolic links, so that a replaced or remounted one is seen too."""

    def __init__(self, path: Path, processes: int, poll_s: float) -> None:
        self._path, self._processes, self._poll_s = path, processes, poll_s
        self._seen: Signature = None

    def first(self, now: float) -> Sites:
        """The sites to start with; ``now`` in seconds, the clock of the quotas.

        Raises:
            SitesError: the file cannot be used.
        """
        self._seen = _signature(self._path)
        sites = sites_of(read_sites(self._path), self._processes, now)
        SITES.set(len(sites.all()))
        return sites

    async def follow(self, gate: Gate, salts: SaltBook, clock: Callable[[], float]) -> None:
        """Keep the gate up to date until cancelled."""
        while True:
            await asyncio.sleep(self._poll_s)
            signature = await asyncio.to_thread(_signature, self._path)
            if signature == self._seen:
                continue
            self._seen = signature
            try:
                rules = await asyncio.to_thread(read_sites, self._path)
            except SitesError as error:
                SITES_LOADS.labels("broken").inc()
                _log.error("the sites file cannot be used, the sites stay as they were", error=str(error))
                continue
            await _salts_known(salts, [site_id for site_id, told in rules.items() if told.salt is None])
            gate.sites = sites_of(rules, self._processes, clock(), gate.sites)
            salts.serve(salted(gate.sites))
            SITES.set(len(rules))
            SITES_LOADS.labels("loaded").inc()
            _log.info("the sites file was loaded", sites=len(rules))


async def _salts_known(salts: SaltBook, sites: list[str]) -> None:
    """Returns when the salts are known; while Kafka is away, after 5 s: a revoked key must not stay because of that."""
    try:
        async with asyncio.timeout(_SALTS_S):
            while not salts.prepare(sites):  # noqa: ASYNC110 - nothing tells when
                await asyncio.sleep(_ASK_S)
    except TimeoutError:
        _log.warning("new sites have no salt yet, since Kafka does not acknowledge: till then they are answered 503")


def _signature(path: Path) -> Signature:
    """What changes when the file does; None where it cannot be asked."""
    try:
        told = path.stat()
    except OSError:
        return None
    return told.st_mtime_ns, told.st_size, told.st_ino
