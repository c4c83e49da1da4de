"""The whole running stack and a real browser."""

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.lab.node import install, node
from tests.lab.servers import answers, running, unused_port, wait_until

HERE = Path(__file__).parent
BROWSER = HERE.parent.parent / "browser"
PORTS = ("COLLECTOR", "API", "CLICKHOUSE", "KAFKA", "PROMETHEUS", "SINK_METRICS", "PROCESSOR_METRICS")


@dataclass(frozen=True)
class Stack:
    """Base URLs of a stack that `rumstream up` runs, and its Kafka's address."""

    collector: str
    api: str
    clickhouse: str
    prometheus: str
    kafka: str

    def rows(self, query: str) -> list[dict[str, Any]]:
        """The rows of a query."""
        body = f"{query} FORMAT JSONEachRow SETTINGS output_format_json_quote_64bit_integers = 0".encode()
        with urllib.request.urlopen(self.clickhouse, data=body, timeout=10) as answer:  # noqa: S310
            return [json.loads(line) for line in answer.read().splitlines()]

    def gauges(self) -> str:
        """The text of the Prometheus sink's /metrics."""
        with urllib.request.urlopen(f"{self.prometheus}/metrics", timeout=10) as answer:  # noqa: S310
            return str(answer.read().decode())


def visit(script: str, *arguments: str, seconds: float = 90, **env: str) -> Any:
    """What a browser script printed, in JSON."""
    done = subprocess.run(
        [node(), str(HERE / script), *arguments],
        capture_output=True,
        text=True,
        timeout=seconds,
        env={**os.environ, **env},
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="session")
def bundle() -> None:
    """browser/dist, built from the sources at hand."""
    subprocess.run([sys.executable, str(BROWSER / "build.py")], check=True)


@pytest.fixture(scope="session")
def clients(bundle: None) -> None:
    """The real browser libraries in clients/node_modules, and the bundler."""
    install(HERE / "clients")


@pytest.fixture(scope="session")
def stack(bundle: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """`rumstream up` on free ports with new data."""
    folder = tmp_path_factory.mktemp("stack")
    ports = {name: unused_port() for name in PORTS}
    env = {"RUMSTREAM_DATA": str(folder / "data"), "RUMSTREAM_STATIC": str(BROWSER / "dist")}
    env |= {f"RUMSTREAM_{name}_PORT": str(port) for name, port in ports.items()}
    url = {name: f"http://127.0.0.1:{port}" for name, port in ports.items()}
    log = folder / "log"
    with running(["rumstream", "up"], log, env) as process:
        for ready in ("CLICKHOUSE:/ping", "COLLECTOR:/readyz", "API:/readyz", "PROMETHEUS:/metrics"):
            name, path = ready.split(":")
            wait_until(lambda at=url[name] + path: answers(at), f"{ready}, see {log}", process)  # type: ignore[misc]
        yield Stack(url["COLLECTOR"], url["API"], url["CLICKHOUSE"], url["PROMETHEUS"], f"127.0.0.1:{ports['KAFKA']}")
