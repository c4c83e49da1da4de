"""Resident memory of every process of a stack."""

from collections import Counter

import psutil

from benchmarks.result import Figure

_PARTS = ("collect", "process", "sink clickhouse", "sink prometheus", "api", "kafka", "clickhouse", "up")


def resident(pid: int, name: str) -> list[Figure]:
    """RSS in MB of the process and of all below it, by part, and the sum (shared pages count in each).

    Raises:
        psutil.NoSuchProcess: it does not run.
    """
    top = psutil.Process(pid)
    by_part: Counter[str] = Counter()
    for process in (top, *top.children(recursive=True)):
        try:
            by_part[_part(process)] += process.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    figures = [_figure(name, part, size) for part, size in sorted(by_part.items())]
    return [*figures, _figure(name, "all", by_part.total())]


def _part(process: psutil.Process) -> str:
    """The rumstream command of the process or of the nearest one above it."""
    for one in (process, *process.parents()):
        line = " ".join(one.cmdline())
        if "kafka.Kafka" in line:
            return "kafka"  # the command has become Java's
        for part in _PARTS:
            if line.endswith((f"rumstream {part}", f"embedded.{part}")):
                return part
    return process.name()


def _figure(name: str, part: str, size: int) -> Figure:
    return Figure(name=f"{name}: {part}", metric="rss", value=round(size / 1e6, 1), unit="MB")
