"""Where a worker's CPU time goes: a clock between the steps, and around each part of a checkpoint.

The steps are timed by the wall clock, which costs a tenth of the thread's own one (a system call); they wait for
nothing, so on a machine with nothing else to do it is the same. Coroutines and the garbage collector are timed by
the thread's clock.
"""

import atexit
import gc
import json
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Coroutine, Generator, Iterable
from pathlib import Path
from typing import Any, Final

import psutil

from processors import lane, store, transaction
from processors.core import memory
from processors.core import step as pipeline
from processors.core.step import Step
from processors.core.turn import Turn
from schemas.drop_reasons import DropReason

PARTS: Final = {
    "decode": "decode",
    "duplicates": "sessionise",
    "sessioniser": "sessionise",
    "page_views": "window",
    "windower": "window",
    "fingerprints": "errors",
    "sampler": "sample",
}
ALL_STEPS: Final = "all steps"
COMMIT: Final = "commit"
_WRITE_S: Final = 0.25


class Split:
    """CPU seconds by part of the main thread, and how often the clock was read for it."""

    def __init__(self) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self.functions: defaultdict[str, float] = defaultdict(float)
        self.reads: Counter[str] = Counter()

    def timed(self, part: str, name: str, take: Step) -> Step:
        """The step, with its time added to its part."""
        seconds, functions, reads, clock = self.seconds, self.functions, self.reads, time.perf_counter

        def run(turn: Turn) -> DropReason | None:
            began = clock()
            reason = take(turn)
            took = clock() - began
            seconds[part] += took
            functions[name] += took
            reads[part] += 1
            return reason

        return run

    def around(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        """The function, with its time added up."""

        def run(*args: Any, **named: Any) -> Any:
            began = time.perf_counter()
            try:
                return call(*args, **named)
            finally:
                self.functions[name] += time.perf_counter() - began

        return run

    def awaited(self, part: str, call: Callable[..., Coroutine[Any, Any, Any]]) -> Callable[..., Any]:
        """The coroutine function, with the time it runs (not the time it waits) added to its part."""
        return lambda *args, **named: _Timed(self, part, call(*args, **named))


class _Timed:
    """A coroutine that is resumed between two looks at the clock."""

    def __init__(self, split: Split, part: str, coroutine: Coroutine[Any, Any, Any]) -> None:
        self._split, self._part, self._coroutine = split, part, coroutine

    def __await__(self) -> Generator[Any, Any, Any]:
        sent: Any = None
        failed: BaseException | None = None
        while True:
            began = time.thread_time()
            try:
                waits_for = self._coroutine.send(sent) if failed is None else self._coroutine.throw(failed)
            except StopIteration as end:
                return end.value
            finally:
                self._split.seconds[self._part] += time.thread_time() - began
            failed = None
            try:
                sent = yield waits_for
            except BaseException as error:  # noqa: BLE001 - handed on to the coroutine, a cancellation too
                failed = error


class _Collections:
    """The time Python's garbage collector takes, wherever it strikes."""

    def __init__(self, split: Split) -> None:
        self._split = split
        self._began = 0.0

    def __call__(self, phase: str, _info: dict[str, int]) -> None:
        now = time.thread_time()
        if phase == "start":
            self._began = now
        else:
            self._split.functions["garbage collection, wherever"] += now - self._began


def install(file: Path) -> None:
    """Time this process's lanes; ``file`` holds the split so far, several times a second."""
    split = Split()
    steps: Iterable[Step] = pipeline.STEPS
    vars(pipeline)["STEPS"] = tuple(
        split.timed(PARTS.get(s.__module__.rpartition(".")[2], "other steps"), s.__name__, s) for s in steps
    )
    inside = vars(lane)
    inside["step"] = split.around(ALL_STEPS, inside["step"])
    for name in ("evict", "unsent_rows"):
        inside[name] = split.around(f"of which {name}", inside[name])
    inside_store, encoded = store.LaneStore, memory.LaneMemory.encoded_changes
    inside_store.write = split.around("of which RocksDB write", inside_store.write)  # type: ignore[method-assign]
    memory.LaneMemory.encoded_changes = split.around(  # type: ignore[method-assign]
        "of which encoding of state", lambda records: [*encoded(records)]
    )
    lane.Lane.checkpoint = split.awaited("checkpoint", lane.Lane.checkpoint)  # type: ignore[method-assign]
    producer = transaction.LaneProducer
    producer.commit = split.awaited(COMMIT, producer.commit)  # type: ignore[method-assign]
    gc.callbacks.append(_Collections(split))
    threading.Thread(target=_keep_writing, args=(split, file), daemon=True).start()
    atexit.register(_write, split, file)


def _keep_writing(split: Split, file: Path) -> None:
    while True:
        time.sleep(_WRITE_S)
        _write(split, file)


def _write(split: Split, file: Path) -> None:
    me = psutil.Process()
    times = me.cpu_times()
    main = me.pid
    threads = {t.id: t.user_time + t.system_time for t in me.threads()}
    now = {
        "process": times.user + times.system,
        "main thread": threads.get(main, 0.0),
        "parts": dict(split.seconds),
        "functions": dict(split.functions),
        "reads": dict(split.reads),
        "clock": _cost_of_clock(),
    }
    part = file.with_suffix(".part")
    part.write_text(json.dumps(now))
    part.replace(file)


def _cost_of_clock() -> float:
    """Seconds that one look at the steps' clock takes."""
    clock = time.perf_counter
    return min(_seconds(clock) for _ in range(5))


def _seconds(clock: Callable[[], float]) -> float:
    began = clock()
    for _ in range(200):
        clock()
    return (clock() - began) / 200
