"""`rumstream collect --workers N`: as many collectors on one port, each started again when it dies."""

import asyncio
import os
import signal
import sys
from collections.abc import Mapping
from typing import Final

import structlog

from ingest.listening import shared_port
from rumstream.settings import Settings, variable

SHARES_PORT: Final = "--shares-port"
_AGAIN_S: Final = 1.0
_GRACE_S: Final = 12.0
"""A collector ends within 10 s of SIGTERM by itself."""
_HOPELESS: Final = frozenset((2, 78))
"""Ends that another start does not change: wrong options, wrong settings."""

_log: Final = structlog.get_logger()


def run_workers(settings: Settings, number: int) -> int:
    """Run until SIGTERM or SIGINT, then end all; the exit code, 0 after a clean stop.

    Raises:
        OSError: the port is not free.
    """
    with shared_port(settings.host, settings.collector_port):  # held, so that a worker can always come back to it
        return asyncio.run(_run(settings, number))


def worker_env(settings: Settings, number: int, worker: int) -> dict[str, str]:
    """What the settings of one worker say besides: a name of its own, and its part of the quotas."""
    told: Mapping[str, object] = {
        "collector_id": f"{settings.collector_id}-{worker}",
        "collectors": settings.collectors * number,
    }
    return {variable(name): str(value) for name, value in told.items()}


async def _run(settings: Settings, number: int) -> int:
    stop = asyncio.Event()
    for told in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(told, stop.set)
    codes = await asyncio.gather(*(_keep(worker_env(settings, number, worker), stop) for worker in range(number)))
    return next((code for code in codes if code), 0)


async def _keep(env: dict[str, str], stop: asyncio.Event) -> int:
    stopping = asyncio.create_task(stop.wait())
    while True:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "rumstream", "collect", SHARES_PORT, env={**os.environ, **env}
        )
        ended = asyncio.create_task(process.wait())
        await asyncio.wait((ended, stopping), return_when=asyncio.FIRST_COMPLETED)
        if not ended.done():
            return await _end(process, ended)
        if stop.is_set() or process.returncode in _HOPELESS:
            stop.set()
            return process.returncode or 0
        _log.warning("a collector ended and is started again", pid=process.pid, code=process.returncode)
        await asyncio.wait((stopping,), timeout=_AGAIN_S)
        if stop.is_set():
            return 0


async def _end(process: asyncio.subprocess.Process, ended: "asyncio.Task[int]") -> int:
    process.terminate()
    done, _ = await asyncio.wait((ended,), timeout=_GRACE_S)
    if not done:
        process.kill()
    return await ended
