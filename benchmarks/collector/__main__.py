"""What a beacon costs the collector: `python -m benchmarks.collector` (benchmarks/README.md, "collector").

`--only NAME …` measures these; `--seconds N` is the length of a step; `--profile` has py-spy look at rumstream.
"""

import argparse
import asyncio
import json
import logging
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from benchmarks.collector import subjects
from benchmarks.collector.corpus import Corpus, otlp_requests, requests
from benchmarks.collector.load import write_requests
from benchmarks.collector.subjects import MissingToolError, Place, Subject, running
from benchmarks.processor import broker
from benchmarks.processor.meter import cpu_seconds, peak_mb
from benchmarks.processor.peers import own_environment
from benchmarks.result import RESULTS, Figure, keep, show
from benchmarks.stack import free_ports

SUBJECTS: Final[dict[str, Callable[[Place, int], Subject]]] = {
    "rumstream": subjects.rumstream,
    "fastapi-plain": subjects.fastapi_plain,
    "otel-collector": subjects.otel,
}
PACED: Final = (0.3, 0.5, 0.7, 0.85)
"""Shares of the saturated rate at which latency is measured."""


@dataclass(frozen=True)
class Step:
    """What the load counted, and what that took of the subject's CPU."""

    told: dict[str, Any]
    cpu: float

    @property
    def taken(self) -> int:
        """Beacons answered 2xx."""
        return sum(n for status, n in self.told["statuses"].items() if status.startswith("2"))

    @property
    def rate(self) -> float:
        """Beacons answered 2xx a second."""
        return float(self.taken / self.told["seconds"])


def _step(file: Path, port: int, pid: int, seconds: float, *options: str) -> Step:
    before = cpu_seconds(pid)
    command = [sys.executable, "-m", "benchmarks.collector.load", str(file), str(port), str(seconds), *options]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    return Step(json.loads(done.stdout), cpu_seconds(pid) - before)


def measure(name: str, place: Place, files: dict[str, Path], args: argparse.Namespace) -> list[Figure]:
    """All figures of a subject."""
    (port,) = free_ports(1)
    subject = SUBJECTS[name](place, port)
    file = files[subject.form]
    figures: list[Figure] = []

    def add(metric: str, value: float, unit: str, digits: int = 0) -> None:
        figures.append(Figure(name=name, metric=metric, value=round(value, digits), unit=unit))

    with running(subject, place.folder / f"{name}.log") as pid:
        _step(file, port, pid, args.seconds / 3)
        full = _step(file, port, pid, args.seconds)
        print(name, full.told, flush=True)
        add("beacons_per_cpu_second", full.taken / full.cpu, "beacons/CPU s")
        add("cpu_us_per_beacon", full.cpu / full.taken * 1e6, "µs", 1)
        add("cpu_seconds_per_million_beacons", full.cpu / full.taken * 1e6, "CPU s", 1)
        add("beacons_per_second", full.rate, "beacons/s")
        add("cores_used", full.cpu / full.told["seconds"], "cores", 2)
        add("p99_saturated_ms", full.told["p99"] * 1e3, "ms", 1)
        add("refused", 1e2 - 1e2 * full.taken / sum(full.told["statuses"].values()), "%", 2)
        for share in PACED:
            paced = _step(file, port, pid, args.seconds / 2, "--rate", str(share * full.rate))
            metric = "p99_ms" if share == 0.7 else f"p99_at_{share:.0%}_ms"
            add(metric, paced.told["p99"] * 1e3, "ms", 1)
            add(f"offered_at_{share:.0%}", share * full.rate, "beacons/s")
        fresh = _step(file, port, pid, args.seconds / 2, "--fresh")
        add("fresh_connections_beacons_per_cpu_second", fresh.taken / fresh.cpu, "beacons/CPU s")
        add("peak_rss_mb", peak_mb(pid), "MB")
    return figures


def main() -> None:
    """Measure, keep, show."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", nargs="+", choices=SUBJECTS, default=list(SUBJECTS))
    parser.add_argument("--seconds", type=float, default=9.0)
    args = parser.parse_args()
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="rum-bench-") as told, broker.own_kafka(Path(told)) as (kafka, _):
        folder, now = Path(told), int(time.time() * 1000)
        files = {form: folder / form for form in ("sdk", "json", "otlp")}
        write_requests(files["sdk"], list(requests(Corpus(), now)))
        write_requests(files["json"], list(requests(Corpus(), now, "application/json")))
        write_requests(files["otlp"], list(otlp_requests(Corpus(), now)))
        topics = [subjects.PLAIN_TOPIC, subjects.OTEL_TOPIC]
        asyncio.run(broker.create(kafka, subjects.LANES, [subjects.GENERATION], topics))
        for name in args.only:
            try:
                figures += measure(name, Place(kafka, folder), files, args)
            except (MissingToolError, subprocess.CalledProcessError) as error:
                print(f"{name} is left out: {error}", flush=True)
    show("collector", figures)
    if args.only == list(SUBJECTS):
        path = keep("collector", figures)
        plot = [str(own_environment()), str(Path(__file__).parent / "plot.py"), str(path)]
        subprocess.run([*plot, str(RESULTS / "collector.png")], check=True)


if __name__ == "__main__":
    main()
