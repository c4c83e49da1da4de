"""`rumstream up` with the real parts: ready, alone on its data, repaired after a kill, stopped without a trace."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from rumstream.settings import Settings, variable
from tests.lab.servers import unused_port, wait_until

pytestmark = [pytest.mark.integration, pytest.mark.timeout(300)]

STOP_WITHIN_S = 15.0


@dataclass(frozen=True)
class Up:
    """A running `rumstream up`; ``log`` is what it says."""

    process: subprocess.Popen[bytes]
    log: Path
    env: dict[str, str]

    def says(self, text: str, times: int = 1) -> bool:
        return self.log.read_text("utf-8").count(text) >= times

    def wait_for(self, text: str, times: int = 1) -> None:
        wait_until(lambda: self.says(text, times), f"{text!r} in {self.log}", self.process)

    def everything(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)


def start(folder: Path, env: dict[str, str]) -> Up:
    log = folder / "up.log"
    with log.open("ab") as out:
        process = subprocess.Popen([sys.executable, "-m", "rumstream", "up"], stdout=out, stderr=out, env=env)
    return Up(process, log, env)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("up")


@pytest.fixture(scope="module")
def up(folder: Path) -> Iterator[Up]:
    ports = {variable(f): str(unused_port()) for f in Settings.model_fields if f.endswith("_port")}
    running = start(folder, {**os.environ, **ports, "RUMSTREAM_DATA": str(folder / "data")})
    try:
        running.wait_for("rumstream is ready")
        yield running
    finally:
        if running.process.poll() is None:
            running.process.terminate()
            running.process.wait(STOP_WITHIN_S + 5)


def test_it_prints_where_everything_is(up: Up) -> None:
    for field, path in (("collector_port", "/demo/"), ("api_port", "/docs"), ("prometheus_port", "/metrics")):
        address = f"http://127.0.0.1:{up.env[variable(field)]}"
        assert up.says(address)
        assert up.says(f"{address}{path}") or path == "/demo/"  # only where the browser files have been built
    assert up.says(f"http://127.0.0.1:{up.env['RUMSTREAM_CLICKHOUSE_PORT']}")


def test_a_second_one_on_the_same_data_is_refused(up: Up) -> None:
    second = subprocess.run([sys.executable, "-m", "rumstream", "up"], capture_output=True, check=False, env=up.env)
    assert second.returncode == 78
    assert f"process {up.process.pid}".encode() in second.stderr
    assert b"RUMSTREAM_DATA" in second.stderr


def test_a_second_one_on_other_data_is_told_each_taken_port(up: Up, tmp_path: Path) -> None:
    env = {**up.env, "RUMSTREAM_DATA": str(tmp_path)}
    second = subprocess.run(
        [sys.executable, "-m", "rumstream", "up"], capture_output=True, text=True, check=False, env=env
    )
    assert second.returncode == 78
    for name in (variable(field) for field in Settings.model_fields if field.endswith("_port")):
        assert f"{env[name]} " in second.stderr
        assert name in second.stderr
    assert {p.name for p in tmp_path.iterdir()} == {"up.lock"}


def test_a_killed_part_comes_back_and_it_is_said(up: Up) -> None:
    [collector] = [p for p in up.everything() if p.cmdline()[-1] == "collect"]
    collector.kill()
    up.wait_for("collector died: killed by SIGKILL")
    up.wait_for("collector ready", times=2)


def test_it_stops_in_time_leaves_nothing_and_starts_again(up: Up, folder: Path) -> None:
    parts = up.everything()
    assert len(parts) >= 8
    began = time.monotonic()
    up.process.send_signal(signal.SIGINT)
    assert up.process.wait(STOP_WITHIN_S) == 0
    assert time.monotonic() - began < STOP_WITHIN_S
    assert psutil.wait_procs(parts, timeout=1)[1] == []
    assert up.says("Everything has been stopped.")
    assert not up.says("SIGKILL: it had not ended in time")
    again = start(folder, up.env)
    again.wait_for("rumstream is ready", times=2)
    assert again.says("topics: all there")
    assert again.says("migrations: all applied before")
    parts = again.everything()
    again.process.kill()
    again.process.wait()
    assert psutil.wait_procs(parts, timeout=20)[1] == []
