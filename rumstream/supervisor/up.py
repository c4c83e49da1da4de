"""`rumstream up`: checks, starts, shows and stops everything on this machine."""

import asyncio
import logging
import os
import signal
import time
from contextlib import suppress

from rich.console import Console

from rumstream.configs import demo_url
from rumstream.settings import Settings, reachable
from rumstream.supervisor.data_lock import DataInUseError, lock_data
from rumstream.supervisor.display import Display
from rumstream.supervisor.part import PartError
from rumstream.supervisor.plan import parts, ports
from rumstream.supervisor.ports import complaints
from rumstream.supervisor.supervisor import Supervisor


class UpError(Exception):
    """Nothing was started; the message says why and what to do."""


def run(settings: Settings) -> int:
    """Everything until SIGINT or SIGTERM; the exit code: 0 after a clean stop, 1 if a part could not be run.

    Raises:
        UpError: the data folder is in use, or a port is taken.
    """
    try:
        lock = lock_data(settings.data)
    except DataInUseError as error:
        raise UpError(str(error)) from error
    try:
        if found := complaints(ports(settings)):
            raise UpError("\n".join(found))
        return asyncio.run(_run(settings, lock))
    finally:
        os.close(lock)


async def _run(settings: Settings, lock: int) -> int:
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # its complaints while Kafka is not there yet
    began = time.monotonic()
    display = Display(Console())
    logs = settings.data / "logs"
    supervisor = Supervisor(parts(settings), logs, display.changed, inherited=(lock,))

    def all_ready() -> None:
        display.say(f"\nrumstream is ready after {time.monotonic() - began:.1f} s\n{_addresses(settings)}\n")

    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, _ask_to_stop, stop, display)
    display.say(f"Starting rumstream, data in {settings.data.resolve()}, logs in {logs.resolve()}")
    display.show(supervisor.runners)
    keeping = asyncio.create_task(display.keep())
    try:
        await supervisor.run(stop, all_ready)
    except PartError as error:
        display.say(f"\n{error}\nEverything has been stopped.", "red")
        return 1
    else:
        display.say("Everything has been stopped.")
        return 0
    finally:
        keeping.cancel()
        with suppress(asyncio.CancelledError):
            await keeping
        display.close()


def _ask_to_stop(stop: asyncio.Event, display: Display) -> None:
    if not stop.is_set():
        display.say("Stopping: intake first, servers last")
    stop.set()


def _addresses(settings: Settings) -> str:
    host = reachable(settings.host)
    collector, api = f"http://{host}:{settings.collector_port}", f"http://{host}:{settings.api_port}"
    no_demo = "none: the browser files are not built (make run builds them)"
    rows = {
        "demo page": demo_url(settings) if settings.browser_files else no_demo,
        "live numbers": f"{api}/",
        "API docs": f"{api}/docs",
        "collector": f"{collector} (beacons go to /api/v1/rum)",
        "ClickHouse": f"{settings.clickhouse} (database {settings.database})",
        "gauges": f"http://{host}:{settings.prometheus_port}/metrics",
        "Kafka": settings.bootstrap,
    }
    return "\n".join(f"  {name:<13} {where}" for name, where in rows.items()) + "\n  Ctrl-C stops everything."
