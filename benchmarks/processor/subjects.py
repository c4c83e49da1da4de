"""The real worker as a subject: started on a backlog, watched until it has committed all of it."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final
from urllib.error import URLError
from urllib.request import urlopen

from benchmarks.processor.meter import Run, follow
from benchmarks.processor.timers import ALL_STEPS, COMMIT
from benchmarks.result import Figure
from benchmarks.stack import free_ports
from processors.config import ProcessorConfig

PRODUCTION_EMISSION_S: Final = 10.0
"""How often rows go out in production (design section 6, Exactly once, 4); the embedded stack: every second."""

WARM: Final = 0.25
"""Share of the events that each subject may use to get warm; start-up and this part are not in its figures."""

_OUTCOMES: Final = 'rum_processor_events_total{outcome="'
_NO_EVENTS: Final = ("untracked_",)


@dataclass(frozen=True)
class Backlog:
    """What waits in Kafka: where, in how many lanes, how many events, and who the broker is."""

    bootstrap: str
    broker: int
    lanes: int
    events: int
    folder: Path
    longest_s: float = 300.0


@contextmanager
def running(arguments: list[str], log: Path, env: dict[str, str] | None = None) -> Iterator["subprocess.Popen[bytes]"]:
    """A process of ours, ended by SIGTERM, or killed when it does not end."""
    with log.open("ab") as out:
        process = subprocess.Popen(arguments, stdout=out, stderr=out, env=env)
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def worker_config(backlog: Backlog, generation: int, port: int, **more: Any) -> ProcessorConfig:
    """A worker with everything on, all lanes in one process."""
    return replace(
        ProcessorConfig(
            bootstrap=backlog.bootstrap,
            data=backlog.folder / f"worker-{generation}",
            lanes=backlog.lanes,
            generation=generation,
            app_id="bench",
            sample_rate=0.1,
            metrics_port=port,
        ),
        **more,
    )


def committed_events(port: int) -> Callable[[], int]:
    """How many events a worker has committed, by its own counters; 0 before it answers."""

    def ask() -> int:
        try:
            with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
                lines = answer.read().decode().splitlines()
        except (URLError, OSError):
            return 0
        told = [line.removeprefix(_OUTCOMES) for line in lines if line.startswith(_OUTCOMES)]
        return int(sum(float(line.rsplit(" ", 1)[1]) for line in told if not line.startswith(_NO_EVENTS)))

    return ask


@contextmanager
def worker(
    mode: str, config: ProcessorConfig, log: Path, split: Path | None = None
) -> Iterator["subprocess.Popen[bytes]"]:
    """A worker's process."""
    told = {"mode": mode, "config": asdict(config), "split": str(split or "")}
    with running([sys.executable, "-m", "benchmarks.processor.worker", json.dumps(told, default=str)], log) as process:
        yield process


def measure_worker(name: str, mode: str, backlog: Backlog, generation: int, emission_s: float = 1.0) -> Run:
    """A worker on the whole backlog of a generation."""
    (port,) = free_ports(1)
    log = backlog.folder / f"{name}.log"
    with worker(mode, worker_config(backlog, generation, port, emission_s=emission_s), log) as process:
        done = committed_events(port)
        return follow(name, process, done, backlog.events, WARM, backlog.broker, log, backlog.longest_s)


def measure_split(backlog: Backlog, generation: int) -> list[Figure]:
    """CPU microseconds an event by part, from a run of its own with a clock between the steps."""
    (port,) = free_ports(1)
    log, file = backlog.folder / "split.log", backlog.folder / "split.json"
    done = committed_events(port)
    seen: list[tuple[int, dict[str, Any]]] = []

    def progress() -> int:
        events = done()
        if events and events >= WARM * backlog.events and (not seen or seen[-1][0] < events) and file.exists():
            seen.append((events, json.loads(file.read_text())))
        return events

    config = worker_config(backlog, generation, port, emission_s=PRODUCTION_EMISSION_S)
    with worker("timed", config, log, file) as process:
        follow("split", process, progress, backlog.events, WARM, backlog.broker, log, backlog.longest_s)
    (before, first), (after, last) = seen[0], seen[-1]
    return _split_figures(after - before, first, last)


def _split_figures(events: int, first: dict[str, Any], last: dict[str, Any]) -> list[Figure]:
    clock = last["clock"]

    def grown(group: str, name: str) -> float:
        return float(last[group].get(name, 0.0)) - float(first[group].get(name, 0.0))

    reads = {part: grown("reads", part) for part in last["reads"]}
    parts = {part: max(grown("parts", part) - reads.get(part, 0.0) * clock, 0.0) for part in last["parts"]}
    commit = parts.pop(COMMIT, 0.0)
    clocks = 2 * clock * sum(reads.values())
    process = last["process"] - first["process"] - clocks
    steps = grown("functions", ALL_STEPS) - clocks
    named = sum(seconds for part, seconds in parts.items() if part != "checkpoint")
    main = last["main thread"] - first["main thread"] - clocks
    split = {
        **parts,
        "lines_and_ledger": steps - named,
        "kafka_faust_loop": main - steps - parts["checkpoint"],
        "kafka_faust_threads": process - main,
        "total": process,
        "of_which_commit": commit,
    }
    split |= {name: grown("functions", name) for name in last["functions"] if name != ALL_STEPS}
    return [
        Figure(
            name="rumstream",
            metric=f"us_per_event_{name.replace(' ', '_').replace(',', '')}",
            value=round(max(seconds, 0.0) / events * 1e6, 3),
            unit="CPU µs",
        )
        for name, seconds in split.items()
    ]
