"""Which functions a worker's CPU time is spent in: py-spy looks at it from outside, so it runs as fast as without."""

import subprocess
from collections import Counter
from pathlib import Path
from typing import Final

from benchmarks.processor.meter import follow
from benchmarks.processor.subjects import WARM, Backlog, committed_events, worker, worker_config
from benchmarks.result import Figure
from benchmarks.stack import free_ports

_RATE: Final = "200"
_LINES: Final = 40
_WAITS: Final = ("(selectors.py", "(threading.py")
"""Where threads wait; py-spy takes some of these for busy."""


def measure_profile(backlog: Backlog, generation: int, python: Path, out: Path) -> list[Figure]:
    """Share of the samples by function, itself and with all it calls; all of it in ``out`` (folded stacks)."""
    (port,) = free_ports(1)
    log, spied = backlog.folder / "profile.log", python.with_name("py-spy")
    done = committed_events(port)
    spies: list[subprocess.Popen[bytes]] = []
    with worker("everything", worker_config(backlog, generation, port), log) as process:

        def spy() -> None:
            command = [str(spied), "record", "-p", str(process.pid), "-r", _RATE, "-f", "raw", "-F", "-o", str(out)]
            spies.append(subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))

        def progress() -> int:
            events = done()
            if events >= WARM * backlog.events and not spies:
                spy()
            return events

        run = follow("profile", process, progress, backlog.events, WARM, backlog.broker, log, backlog.longest_s)
        spies[0].send_signal(2)
        spies[0].wait(30)
    return _figures(out, run.cpu / run.events * 1e6)


def _figures(folded: Path, us_per_event: float) -> list[Figure]:
    itself: Counter[str] = Counter()
    whole: Counter[str] = Counter()
    for line in folded.read_text().splitlines():
        stack, _, count = line.rpartition(" ")
        functions = stack.split(";")
        if any(waits in functions[-1] for waits in _WAITS):
            continue
        itself[functions[-1]] += int(count)
        for function in set(functions):
            whole[function] += int(count)
    total = itself.total()
    return [
        Figure(
            name=f"profile, {kind}", metric=function, value=round(n / total * us_per_event, 3), unit="CPU µs an event"
        )
        for kind, counts in (("itself", itself), ("with what it calls", whole))
        for function, n in counts.most_common(_LINES)
    ]
