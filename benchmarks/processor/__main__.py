"""What an event costs the processor, beside Faust's own tables, Kafka Streams and Bytewax on the same events.

`python -m benchmarks.processor` measures all of them one after the other on a Kafka of its own and keeps the figures;
`--growth`, `--recovery` and `--profile` are runs of their own.
"""

import argparse
import asyncio
import json
import logging
import os
import platform
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from benchmarks.processor import broker, growth, loading, peers
from benchmarks.processor.checks import count_of_partial, count_of_rollup, must_count
from benchmarks.processor.corpus import Corpus, beacons
from benchmarks.processor.meter import Run
from benchmarks.processor.profile import measure_profile
from benchmarks.processor.subjects import PRODUCTION_EMISSION_S, Backlog, measure_split, measure_worker
from benchmarks.result import RESULTS, Figure, keep, show
from schemas.topics import ROLLUPS, topic_name

LIVE_RATE: Final = 20_000
"""Events a second for which one hour of backlog is asked about."""

_GENERATIONS: Final = {"everything": 2, "windows": 3, "split": 4, "each second": 6, "profile": 5}

Subject = Callable[[], list[Figure]]


def subjects(backlog: Backlog) -> dict[str, Subject]:
    """Name to what measures it, in the order in which they run."""

    def streams(name: str, guarantee: str) -> Subject:
        topic = peers.ROWS["streams-eos" if guarantee == "exactly_once_v2" else "streams"]
        return lambda: _checked(
            backlog, peers.measure_streams(backlog, peers.build_streams(), name, guarantee), topic, count_of_partial
        )

    def bytewax(name: str, way: str) -> Subject:
        return lambda: peers.measure_bytewax(backlog, peers.own_environment(), name, way).figures()

    rollups = topic_name(ROLLUPS, _GENERATIONS["windows"])
    return {
        "rumstream": lambda: _rumstream(backlog),
        "rumstream-rows-each-second": lambda: measure_worker(
            "rumstream-rows-each-second", "everything", backlog, _GENERATIONS["each second"]
        ).figures(),
        "rumstream-windows": lambda: _checked(
            backlog,
            measure_worker("rumstream-windows", "windows", backlog, _GENERATIONS["windows"]),
            rollups,
            count_of_rollup,
        ),
        "kafka-streams": streams("kafka-streams", "exactly_once_v2"),
        "kafka-streams-at-least-once": streams("kafka-streams-at-least-once", "at_least_once"),
        "bytewax": bytewax("bytewax", "by_hand"),
        "bytewax-fold-window": bytewax("bytewax-fold-window", "windowed"),
        "faust-textbook": lambda: peers.measure_faust(backlog).figures(),
    }


def _rumstream(backlog: Backlog) -> list[Figure]:
    run = measure_worker("rumstream", "everything", backlog, _GENERATIONS["everything"], PRODUCTION_EMISSION_S)
    times = round(run.events / run.seconds / LIVE_RATE, 2)
    drained = Figure(name="rumstream", metric="backlog_times_real_time", value=times, unit=f"x {LIVE_RATE} events/s")
    return [*run.figures(), drained, *measure_split(backlog, _GENERATIONS["split"])]


def _checked(backlog: Backlog, run: Run, topic: str, count: Callable[[bytes], int]) -> list[Figure]:
    rows = asyncio.run(must_count(backlog.bootstrap, topic, backlog.lanes, count, backlog.events))
    return [*run.figures(), Figure(name=run.name, metric="rows", value=rows, unit="rows")]


def measure(args: argparse.Namespace, folder: Path) -> list[Figure]:
    """Everything that was asked for."""
    base = (int(time.time() * 1000) // 3_600_000 - 2) * 3_600_000
    corpus = Corpus(sessions=args.sessions)
    special = args.growth or args.recovery or args.profile
    with broker.own_kafka(folder) as (bootstrap, pid):
        empty = Backlog(bootstrap, pid, args.lanes, 0, folder)
        if args.growth:
            return growth.growth(empty, base)
        if args.recovery:
            return growth.recovery(empty, base)
        generations = [_GENERATIONS["profile"]] if special else list(_GENERATIONS.values())[:4]
        names = [] if special else [peers.EVENTS, *peers.ROWS.values()]
        asyncio.run(broker.create(bootstrap, args.lanes, generations, names))
        events_topic = None if special else peers.EVENTS
        loaded = asyncio.run(loading.load(bootstrap, beacons(corpus, base), args.lanes, generations, events_topic))
        print(loaded, flush=True)
        backlog = Backlog(bootstrap, pid, args.lanes, loaded.events, folder)
        if args.profile:
            peers.OUT.mkdir(parents=True, exist_ok=True)
            python = peers.own_environment()
            return measure_profile(backlog, generations[0], python, peers.OUT / "profile.folded")
        figures: list[Figure] = [pace()]
        for name, subject in subjects(backlog).items():
            if not args.only or name in args.only:
                print(f"{name} …", flush=True)
                try:
                    figures += subject()
                except peers.MissingToolError as missing:
                    print(f"  left out: {missing}")
        return figures


def pace() -> Figure:
    """How fast this machine's Python is, so that figures of different machines can be told apart: a plain loop."""
    loops, total, began = 5_000_000, 0, time.process_time()
    for number in range(loops):
        total += number
    value = round((time.process_time() - began) / loops * 1e9, 1)
    return Figure(name="machine", metric=f"python_{platform.python_version()}_loop", value=value, unit="CPU ns")


def kept_with(figures: list[Figure]) -> Path:
    """Put the figures into results/processor.json, beside those of other names that are there."""
    file = RESULTS / "processor.json"
    old: list[Figure] = json.loads(file.read_text()) if file.exists() else []
    names = {f["name"] for f in figures}
    return keep("processor", [*(f for f in old if f["name"] not in names), *figures])


def main() -> None:
    """Measure, print, keep."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--sessions", type=int, default=Corpus().sessions, help="of 10 beacons of 10 events")
    asked.add_argument("--lanes", type=int, default=4)
    asked.add_argument("--only", nargs="*", help="names of the subjects to measure")
    asked.add_argument("--growth", action="store_true", help="memory and speed by open sessions and by series")
    asked.add_argument("--recovery", action="store_true", help="a million sessions of state come back")
    asked.add_argument("--profile", action="store_true", help="functions by CPU time (py-spy); kept nowhere")
    asked.add_argument("--dry", action="store_true", help="print alone, keep nothing")
    asked.add_argument("--logs", type=Path, help="folder to keep the logs of all processes in")
    args = asked.parse_args()
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # it tells of each try to reach a Kafka that starts
    with tempfile.TemporaryDirectory(prefix="rum-bench-") as name:
        folder = Path(name)
        try:
            figures = measure(args, folder)
        finally:
            if args.logs:
                args.logs.mkdir(parents=True, exist_ok=True)
                for log in folder.glob("*.log"):
                    (args.logs / log.name).write_bytes(log.read_bytes())
    if args.profile:
        for f in figures:
            print(f"{f['name']:28} {f['value']:7.3f} {f['unit']}  {f['metric']}")
        return
    show("Processor", figures)
    if not args.dry:
        file = kept_with(figures)
        png = file.with_suffix(".png")
        plot = Path(__file__).with_name("plot.py")
        subprocess.run([str(peers.own_environment()), str(plot), str(file), str(png)], check=True, env={**os.environ})
        print(f"kept in {file} and {png}")


if __name__ == "__main__":
    main()
