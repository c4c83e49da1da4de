"""The others: each a real process on the same events, with state that outlives it."""

import asyncio
import functools
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final, Self

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupCoordinatorNotAvailableError

from benchmarks.processor import broker
from benchmarks.processor.faust_textbook import GROUP
from benchmarks.processor.meter import Run, follow
from benchmarks.processor.subjects import WARM, Backlog, running

HERE: Final = Path(__file__).parent
OUT: Final = HERE.parent / "out" / "processor"
EVENTS: Final = "bench.events"
ROWS: Final = {way: f"bench.rows-{way}" for way in ("streams", "streams-eos", "windowed", "by_hand")}
FAUST_SECONDS: Final = 45.0


class MissingToolError(Exception):
    """A peer can't be built here; the message says what it needs."""


def own_environment() -> Path:
    """The Python of an environment with peers.txt installed; made once, anew when peers.txt has changed.

    Raises:
        subprocess.CalledProcessError: pip failed; it has said why.
    """
    folder, wanted = OUT / "venv", (HERE / "peers.txt").read_text()
    python, installed = folder / "bin" / "python", folder / "installed.txt"
    if not installed.exists() or installed.read_text() != wanted:
        print("installing the peers into an environment of their own", flush=True)
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        pip = [str(python), "-m", "pip", "install", "--disable-pip-version-check", "--quiet"]
        subprocess.run([*pip, "-r", str(HERE / "peers.txt")], check=True)
        installed.write_text(wanted)
    return python


class GroupProgress:
    """Records committed by a consumer group, asked of the broker from a loop of its own."""

    def __init__(self, bootstrap: str, group: str) -> None:
        self._group = group
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        self._admin: AIOKafkaAdminClient = self._do(functools.partial(broker.admin, bootstrap))

    def _do(self, make: Callable[[], object]) -> object:
        return asyncio.run_coroutine_threadsafe(make(), self._loop).result(30)  # type: ignore[arg-type]

    def __call__(self) -> int:
        """The sum over all partitions; 0 for a group that has committed nothing."""
        try:
            found = self._do(functools.partial(self._admin.list_consumer_group_offsets, self._group))
        except GroupCoordinatorNotAvailableError:
            return 0  # the first group of a new broker: its offsets topic is being made
        return sum(max(x.offset, 0) for tp, x in found.items() if tp.topic == EVENTS)  # type: ignore[attr-defined]

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the client and the loop."""
        self._do(self._admin.close)
        self._loop.call_soon_threadsafe(self._loop.stop)


def measure_faust(backlog: Backlog) -> Run:
    """Textbook Faust for FAUST_SECONDS: it would take many minutes for all."""
    log, folder = backlog.folder / "faust.log", backlog.folder / "faust"
    folder.mkdir()
    arguments = [backlog.bootstrap, EVENTS, str(backlog.lanes), str(folder)]
    command = [sys.executable, "-m", "benchmarks.processor.faust_textbook", *arguments]
    with GroupProgress(backlog.bootstrap, GROUP) as progress, running(command, log) as process:
        # its start is over with its first commit; there is nothing else in it to get warm
        return follow("faust-textbook", process, progress, backlog.events, 0, backlog.broker, log, FAUST_SECONDS)


def build_streams() -> list[str]:
    """Compile the Java peer; the command to run it without its arguments.

    Raises:
        MissingToolError: there is no mvn or no Java compiler.
        subprocess.CalledProcessError: Maven failed; it has said why.
    """
    if not shutil.which("mvn") or not shutil.which("javac"):
        raise MissingToolError("kafka-streams needs Maven and a JDK (17 or newer) on the PATH")
    out = OUT / "java"
    pom = HERE / "kafka_streams" / "pom.xml"
    subprocess.run(["mvn", "-q", "-B", "-f", str(pom), f"-Dout={out}", "package"], check=True)
    return ["java", "-Xmx1g", "-cp", f"{out / 'classes'}{os.pathsep}{out / 'jars'}/*", "bench.Windows"]


def measure_streams(backlog: Backlog, command: list[str], name: str, guarantee: str) -> Run:
    """Kafka Streams with one thread; RocksDB, record cache, changelog, rows out at each commit (1 s)."""
    way = "streams-eos" if guarantee == "exactly_once_v2" else "streams"
    group = f"bench-{way}"
    log, folder = backlog.folder / f"{way}.log", backlog.folder / way
    arguments = [backlog.bootstrap, EVENTS, ROWS[way], str(folder), group, guarantee]
    with GroupProgress(backlog.bootstrap, group) as progress, running([*command, *arguments], log) as process:
        return follow(name, process, progress, backlog.events, WARM, backlog.broker, log, backlog.longest_s)


def measure_bytewax(backlog: Backlog, python: Path, name: str, way: str) -> Run:
    """Bytewax with one worker; state in its recovery store, a snapshot a second."""
    log, store, file = (backlog.folder / f"{way}{end}" for end in (".log", "-recovery", ".progress"))
    store.mkdir()
    subprocess.run([str(python), "-m", "bytewax.recovery", str(store), "1"], check=True)
    told = ", ".join(f"'{x}'" for x in (way, backlog.bootstrap, EVENTS, ROWS[way], file))
    flow = f"{HERE / 'bytewax_flow.py'}:get_flow({told})"

    def progress() -> int:
        return int.from_bytes(file.read_bytes(), "little") if file.exists() else 0

    with running([str(python), "-m", "bytewax.run", flow, "-r", str(store), "-s", "1", "-b", "0"], log) as process:
        return follow(name, process, progress, backlog.events, WARM, backlog.broker, log, backlog.longest_s)
