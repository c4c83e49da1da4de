"""The collectors that are measured: each a real process on one core, in front of the same Kafka."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.collector.corpus import SITES_FILE
from benchmarks.stack import answers

HERE: Final = Path(__file__).parent
OUT: Final = HERE.parent / "out" / "collector"
LANES: Final = 4
GENERATION: Final = 1
PLAIN_TOPIC: Final = "bench.plain"
OTEL_TOPIC: Final = "bench.otlp"
_READY_S: Final = 60.0
_CORE: Final = {0}


@dataclass(frozen=True)
class Place:
    """Where Kafka is, and a folder for what is written."""

    kafka: str
    folder: Path


@dataclass(frozen=True)
class Subject:
    """How it is started, what answers 200 (a port: listens) when it is ready, and the form of the corpus it is sent."""

    command: list[str]
    env: dict[str, str]
    ready: str | int
    form: str = "sdk"


def rumstream(place: Place, port: int) -> Subject:
    """The real command, everything on."""
    sites = place.folder / "sites.yaml"
    sites.write_text(SITES_FILE)
    told = {"KAFKA_BOOTSTRAP": place.kafka, "COLLECTOR_PORT": port, "LANES": LANES, "GENERATION": GENERATION}
    told |= {"SITES": sites, "LOG_LEVEL": "warning"}
    env = {f"RUMSTREAM_{name}": str(value) for name, value in told.items()}
    return Subject([sys.executable, "-m", "rumstream", "collect"], env, f"http://127.0.0.1:{port}/readyz")


def fastapi_plain(place: Place, port: int) -> Subject:
    """uvicorn as it is recommended, with uvloop and httptools."""
    app = "benchmarks.collector.fastapi_plain:app"
    options = ["--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "warning"]
    command = [sys.executable, "-m", "uvicorn", app, "--port", str(port), *options]
    return Subject(command, {"BENCH_KAFKA": place.kafka}, f"http://127.0.0.1:{port}/openapi.json", "json")


def otel(place: Place, port: int) -> Subject:
    """The OpenTelemetry Collector: it answers when the exporter has Kafka's word, since there is no queue."""
    config = (HERE / "otel.yaml").read_text()
    for name, value in {"PORT": str(port), "KAFKA": place.kafka, "TOPIC": OTEL_TOPIC}.items():
        config = config.replace(f"${name}", value)
    file = place.folder / "otel.yaml"
    file.write_text(config)
    return Subject([str(otel_built()), "--config", str(file)], {}, port, "otlp")


class MissingToolError(Exception):
    """A peer cannot be built here; the message says what it needs."""


def otel_built() -> Path:
    """The peer's binary, built once from its Go modules (about five minutes).

    Raises:
        MissingToolError: there is no Go.
        subprocess.CalledProcessError: the build failed; it has said why.
    """
    binary = OUT / "otelcol" / "otelcol"
    if not binary.exists():
        if not shutil.which("go"):
            raise MissingToolError("otel-collector needs Go on the PATH")
        OUT.mkdir(parents=True, exist_ok=True)
        builder = "go.opentelemetry.io/collector/cmd/builder@v0.155.0"
        subprocess.run(["go", "run", builder, "--config", str(HERE / "otel-builder.yaml")], check=True, cwd=OUT)
    return binary


@contextmanager
def running(subject: Subject, log: Path) -> Iterator[int]:
    """Its process id, once it is ready; one core, ended by SIGTERM.

    Raises:
        RuntimeError: it ended or was not ready in time; the message holds the end of its log.
    """
    with log.open("wb") as out:
        process = subprocess.Popen(
            subject.command,
            stdout=out,
            stderr=out,
            env={**os.environ, **subject.env},
            preexec_fn=lambda: os.sched_setaffinity(0, _CORE),
        )
    try:
        deadline = time.monotonic() + _READY_S
        while not _is_ready(subject.ready):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{subject.command} is not ready:\n{log.read_text(errors='replace')[-3000:]}")
            time.sleep(0.1)
        yield process.pid
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _is_ready(told: str | int) -> bool:
    if isinstance(told, str):
        return answers(told)
    with socket.socket() as s:
        return s.connect_ex(("127.0.0.1", told)) == 0
