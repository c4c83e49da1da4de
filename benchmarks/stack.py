"""The whole stack to measure: one of its own on free ports with new data, or one that runs already."""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.error import URLError
from urllib.request import urlopen

READY_SECONDS: Final = 180.0
_PORTS: Final = ("COLLECTOR", "API", "CLICKHOUSE", "KAFKA", "PROMETHEUS", "SINK_METRICS", "PROCESSOR_METRICS")


@dataclass(frozen=True)
class Stack:
    """Where it answers. ``pid`` is `rumstream up` (None: not ours to look into); ``ready_s`` from start to ready."""

    collector: str
    clickhouse: str
    prometheus: str
    pid: int | None = None
    ready_s: float | None = None


def free_ports(count: int) -> list[int]:
    """Ports of 127.0.0.1 that nothing listens on, all different."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for s in sockets:
            s.bind(("127.0.0.1", 0))
        return [s.getsockname()[1] for s in sockets]
    finally:
        for s in sockets:
            s.close()


def answers(url: str) -> bool:
    """Whether it answers 200 within two seconds."""
    try:
        with urlopen(url, timeout=2) as response:  # noqa: S310  our own http:// addresses
            return bool(response.status == 200)
    except (URLError, OSError):
        return False


@contextmanager
def own_stack() -> Iterator[Stack]:
    """Start `rumstream up` with an empty data folder; stop it at the end as Ctrl-C does.

    Raises:
        RuntimeError: it ended or was not ready in time; the message holds the end of its log.
    """
    with tempfile.TemporaryDirectory(prefix="rum-bench-") as folder:
        ports = dict(zip(_PORTS, free_ports(len(_PORTS)), strict=True))
        env = {f"RUMSTREAM_{name}_PORT": str(port) for name, port in ports.items()}
        log = Path(folder) / "log"
        began = time.monotonic()
        with log.open("wb") as out:
            up = subprocess.Popen(
                [sys.executable, "-m", "rumstream", "up"],
                env={**os.environ, **env, "RUMSTREAM_DATA": str(Path(folder) / "data")},
                stdout=out,
                stderr=out,
            )
        try:
            url = {name: f"http://127.0.0.1:{port}" for name, port in ports.items()}
            for ready in (
                f"{url['CLICKHOUSE']}/ping",
                f"{url['COLLECTOR']}/readyz",
                f"{url['API']}/readyz",
                f"{url['PROMETHEUS']}/metrics",
            ):
                _wait(ready, up, log, began)
            yield Stack(url["COLLECTOR"], url["CLICKHOUSE"], url["PROMETHEUS"], up.pid, time.monotonic() - began)
        finally:
            up.terminate()
            try:
                up.wait(30)
            except subprocess.TimeoutExpired:
                up.kill()
                up.wait()


def _wait(url: str, up: "subprocess.Popen[bytes]", log: Path, began: float) -> None:
    while not answers(url):
        late = time.monotonic() - began > READY_SECONDS
        if late or up.poll() is not None:
            what = f"{url} not ready after {READY_SECONDS:.0f} s" if late else f"`rumstream up` ended ({up.returncode})"
            raise RuntimeError(f"{what}:\n{log.read_text(errors='replace')[-4000:]}")
        time.sleep(0.05)
