"""CPU, memory and progress of a running process, from outside."""

import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

from benchmarks.result import Figure

_LOOK_S: Final = 0.5
STALL_SECONDS: Final = 120.0


@dataclass(frozen=True)
class Look:
    """What was seen at one moment: seconds since the first look, CPU seconds (user + system), events done."""

    at: float
    cpu: float
    events: int


@dataclass(frozen=True)
class Run:
    """A subject's figures: events between two moments of progress, what they took, and the largest resident set."""

    name: str
    events: int
    seconds: float
    cpu: float
    peak_mb: float
    broker_cpu: float

    @property
    def per_cpu_second(self) -> float:
        """Events per CPU second."""
        return self.events / self.cpu

    def figures(self) -> list[Figure]:
        """As they are kept."""
        of = (
            ("events_per_cpu_second", round(self.per_cpu_second), "events/CPU s"),
            ("events_per_second", round(self.events / self.seconds), "events/s"),
            ("cpu_seconds_per_million", round(self.cpu / self.events * 1e6, 2), "CPU s"),
            ("broker_cpu_seconds_per_million", round(self.broker_cpu / self.events * 1e6, 2), "CPU s"),
            ("peak_rss_mb", round(self.peak_mb), "MB"),
            ("events_measured", self.events, "events"),
        )
        return [Figure(name=self.name, metric=metric, value=value, unit=unit) for metric, value, unit in of]


def cpu_seconds(pid: int) -> float:
    """User and system time of a process with all its threads and children.

    Raises:
        psutil.NoSuchProcess: it does not run.
    """
    top = psutil.Process(pid)
    total = 0.0
    for process in (top, *top.children(recursive=True)):
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system
    return total


def peak_mb(pid: int) -> float:
    """The largest resident set so far in MB (VmHWM), the children's added."""
    top = psutil.Process(pid)
    total = 0
    for process in (top, *top.children(recursive=True)):
        try:
            status = Path(f"/proc/{process.pid}/status").read_text()
        except FileNotFoundError:
            continue
        kilobytes = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:")]
        total += int(kilobytes[0]) * 1024 if kilobytes else 0
    return total / 1e6


def follow(
    name: str,
    process: "subprocess.Popen[bytes]",
    progress: Callable[[], int],
    total: int,
    warm: float,
    broker: int,
    log: Path,
    longest_s: float = 300.0,
) -> Run:
    """Watch a process work off ``total`` events; what it took from ``warm`` (a share of them) on.

    Progress moves in steps (commits), so the measure is taken from the first step past the warm part to the last
    one: both at the moment of a commit, and what start-up costs is before the first. It ends when all is done, or
    after ``longest_s`` seconds with what was done until then.

    Raises:
        RuntimeError: the process ended, or nothing went on for STALL_SECONDS; the message holds the end of its log.
    """
    steps: list[tuple[Look, float]] = []
    began = moved = time.monotonic()
    done, peak = 0, 0.0
    while done < total and time.monotonic() - began < longest_s:
        time.sleep(_LOOK_S)
        now = time.monotonic()
        if process.poll() is not None:
            raise RuntimeError(f"{name} ended ({process.returncode}):\n{log.read_text(errors='replace')[-4000:]}")
        seen = progress()
        peak = max(peak, peak_mb(process.pid))
        if seen > done:
            done, moved = seen, now
            if done >= warm * total:
                steps.append((Look(now, cpu_seconds(process.pid), done), cpu_seconds(broker)))
        elif now - moved > STALL_SECONDS:
            raise RuntimeError(f"{name} stands still at {done} of {total} events; the end of its log:\n{_tail(log)}")
    if len(steps) < 2:
        raise RuntimeError(f"{name} was too fast to be measured, or too slow: {done} of {total} events; {_tail(log)}")
    (first, broker_first), (last, broker_last) = steps[0], steps[-1]
    return Run(
        name=name,
        events=last.events - first.events,
        seconds=last.at - first.at,
        cpu=last.cpu - first.cpu,
        peak_mb=peak,
        broker_cpu=broker_last - broker_first,
    )


def _tail(log: Path) -> str:
    return log.read_text(errors="replace")[-4000:]
