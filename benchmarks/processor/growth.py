"""How memory and speed change with the number of open sessions and of series, and how long a lane takes to return."""

import asyncio
import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from itertools import islice
from typing import Final
from urllib.request import urlopen

from benchmarks.processor import broker, loading
from benchmarks.processor.corpus import Corpus, beacons
from benchmarks.processor.meter import peak_mb
from benchmarks.processor.subjects import Backlog, committed_events, measure_worker, worker, worker_config
from benchmarks.result import Figure
from benchmarks.stack import free_ports

SESSIONS: Final = (Corpus(10_000, 50, 4), Corpus(100_000, 5, 4), Corpus(1_000_000, 1, 4))
SERIES: Final = (100, 10_000, 100_000)
_MILLION: Final = SESSIONS[-1]
_FIRST_GENERATION: Final = 20
_READY_SECONDS: Final = 300.0


def _loaded(backlog: Backlog, corpus: Corpus, generation: int, base: int) -> Backlog:
    asyncio.run(broker.create(backlog.bootstrap, backlog.lanes, [generation], []))
    loaded = asyncio.run(
        loading.load(backlog.bootstrap, beacons(corpus, base), backlog.lanes, [generation], events_topic=None)
    )
    return replace(backlog, events=loaded.events, longest_s=600.0)


def _of_sessions(corpus: Corpus) -> str:
    return f"rumstream, {corpus.sessions} open sessions"


def growth(backlog: Backlog, base: int) -> list[Figure]:
    """A worker with everything on, on each size in a generation of its own."""
    cases = [(_of_sessions(c), replace(c, waves=1)) for c in SESSIONS]
    cases += [(f"rumstream, {n} series", Corpus(sessions=10_000, series=n, profiles=min(140, n // 10))) for n in SERIES]
    figures: list[Figure] = []
    for generation, (name, corpus) in enumerate(cases, _FIRST_GENERATION):
        print(f"{name}: {corpus.events} events", flush=True)
        figures += measure_worker(name, "everything", _loaded(backlog, corpus, generation, base), generation).figures()
    return figures


def recovery(backlog: Backlog, base: int) -> list[Figure]:
    """A million sessions of state: from the start of a process to the commit of a new block in every lane.

    First with nothing on the local disk, then with the store that is there. Each time includes the interpreter's
    start, the group's join and the first checkpoint.
    """
    generation = _FIRST_GENERATION + 10
    here = _loaded(backlog, replace(_MILLION, waves=1), generation, base)
    figures = measure_worker(_of_sessions(_MILLION), "everything", here, generation).figures()
    for way, wipe in (("no local disk", True), ("with its local disk", False)):
        if wipe:
            shutil.rmtree(worker_config(here, generation, 0).data)
        more = asyncio.run(
            loading.load(
                here.bootstrap,
                islice(beacons(Corpus(sessions=200, seed=2 + wipe), base + 400_000), 200),
                here.lanes,
                [generation],
                events_topic=None,
            )
        )
        (port,) = free_ports(1)
        began = time.monotonic()
        with worker("everything", worker_config(here, generation, port), here.folder / "recovery.log") as process:
            _until(committed_events(port), more.events)
            whole = time.monotonic() - began
            told = (("seconds", round(whole, 1), "s"), ("mean_of_lanes", _mean_of_lanes(port), "s"))
            peak = ("peak_rss_mb", round(peak_mb(process.pid)), "MB")
            figures += [
                Figure(name=f"rumstream, recovery, {way}", metric=m, value=v, unit=u) for m, v, u in (*told, peak)
            ]
    return figures


def _until(done: Callable[[], int], events: int) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while done() < events:
        if time.monotonic() > deadline:
            raise RuntimeError(f"not ready after {_READY_SECONDS:.0f} s")
        time.sleep(0.1)


def _mean_of_lanes(port: int) -> float:
    """Seconds from fencing to the first block, the mean of all lanes."""
    with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
        lines = answer.read().decode().splitlines()
    told = dict(line.rsplit(" ", 1) for line in lines if line.startswith("rum_processor_recovery_seconds_"))
    count = float(told["rum_processor_recovery_seconds_count"])
    return round(float(told["rum_processor_recovery_seconds_sum"]) / count, 1)
