"""A simulation with a progress bar: what `rumstream simulate` calls."""

import asyncio
import signal
import time
from random import SystemRandom

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from rumstream.simulate.config import SimulateConfig, SimulateResult
from rumstream.simulate.sender import Tally, send_all
from rumstream.simulate.traffic import traffic


def simulate(config: SimulateConfig, console: Console | None = None) -> SimulateResult:
    """Send the traffic and show how far it is. Ctrl-C ends it early, with an honest account.

    The caller prints the result's ``line`` and ends with its ``exit_code``: 1 when nothing was accepted.
    """
    seed = SystemRandom().randrange(10**9) if config.seed is None else config.seed
    shown = console or Console(stderr=True)
    began = time.monotonic()
    tally = asyncio.run(_run(config, seed, shown))
    return SimulateResult(
        seed=seed,
        sent=tally.sent,
        accepted=tally.accepted,
        refused=dict(tally.refused),
        undelivered=dict(tally.undelivered),
        retries=tally.retries,
        seconds=time.monotonic() - began,
    )


async def _run(config: SimulateConfig, seed: int, console: Console) -> Tally:
    tally, stop = Tally(), asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    columns = (
        TextColumn("[progress.description]{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("accepted {task.fields[accepted]} refused {task.fields[refused]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console) as progress:
        bar = progress.add_task(f"beacons to {config.collector}", total=config.beacons, accepted=0, refused=0)

        def ended() -> None:
            bad = sum(tally.refused.values()) + sum(tally.undelivered.values())
            progress.update(bar, advance=1, accepted=tally.accepted, refused=bad)

        await send_all(traffic(config, seed, time.time_ns() // 1_000_000), config, tally, stop, ended)
    return tally
