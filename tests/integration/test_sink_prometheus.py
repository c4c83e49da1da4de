"""The gauges of real rollups in real Kafka, read over HTTP."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import Popen

import pytest

from schemas.rollup import encode_rollup
from schemas.topics import ROLLUPS
from tests.lab.servers import answers, running, unused_port, wait_until
from tests.lab.sink_traffic import Producer, metric_values, rollup, until

pytestmark = pytest.mark.integration


@contextmanager
def gauges(kafka: str, generation: int, log: Path) -> Iterator[tuple[str, Popen[bytes]]]:
    port = unused_port()
    env = {
        "RUMSTREAM_KAFKA_BOOTSTRAP": kafka,
        "RUMSTREAM_GENERATION": str(generation),
        "RUMSTREAM_PROMETHEUS_PORT": str(port),
    }
    with running(["rumstream", "sink", "prometheus"], log, env) as process:
        url = f"http://127.0.0.1:{port}"
        wait_until(lambda: answers(f"{url}/healthz"), f"the gauges, see {log}", process)
        yield f"{url}/metrics", process


def open_window_ms() -> int:
    return int(time.time()) // 60 * 60_000


def views(url: str) -> dict[str, float]:
    return {k: v for k, v in metric_values(url).items() if k.startswith("rum_page_views{") and 'window="5m"' in k}


def shop(route: str) -> str:
    return f'rum_page_views{{device="phone",route="{route}",site="shop",window="5m"}}'


async def test_lanes_add_up_and_versions_replace(kafka: str, generation: int, tmp_path: Path) -> None:
    start = open_window_ms()
    async with Producer(kafka, generation) as lane:

        async def send(*rows: tuple[int, int]) -> None:
            await lane.send(
                ROLLUPS,
                [(of, encode_rollup(rollup(0, version, start, of, "page_view", "/"))) for of, version in rows],
            )

        await send((0, 1), (1, 1))
        with gauges(kafka, generation, tmp_path / "log") as (url, process):
            assert views(url) == {shop("/"): 2}
            await send((0, 5), (0, 3), (1, 1))

            async def grown() -> bool:
                return views(url) == {shop("/"): 6}

            await until(grown, "the newer version shows", process)
        with gauges(kafka, generation, tmp_path / "log") as (url, _):
            assert views(url) == {shop("/"): 6}, "a restart reads the same again"


async def test_what_was_aborted_never_shows(kafka: str, generation: int, tmp_path: Path) -> None:
    start = open_window_ms()
    async with Producer(kafka, generation) as lane:
        await lane.send(ROLLUPS, [(0, encode_rollup(rollup(0, 9, start, 0, "page_view", "/")))], commit=False)
        await lane.send(ROLLUPS, [(0, encode_rollup(rollup(0, 2, start, 0, "page_view", "/")))])
        await lane.send(ROLLUPS, [(0, encode_rollup(rollup(0, 9, start, 1, "page_view", "/")))], commit=False)
    with gauges(kafka, generation, tmp_path / "log") as (url, _):
        assert views(url) == {shop("/"): 2}


async def test_what_is_not_a_row_is_counted_and_old_windows_do_not_show(
    kafka: str, generation: int, tmp_path: Path
) -> None:
    start = open_window_ms()
    async with Producer(kafka, generation) as lane:
        await lane.send(ROLLUPS, [(0, b"nonsense"), (0, b"{}")])
        await lane.send(ROLLUPS, [(0, encode_rollup(rollup(0, 1, start - 600_000, 0, "page_view", "/old")))])
        await lane.send(ROLLUPS, [(0, encode_rollup(rollup(0, 1, start, 0, "page_view", "/new")))])
    with gauges(kafka, generation, tmp_path / "log") as (url, _):
        assert views(url) == {shop("/new"): 1}
        assert metric_values(url)['rum_sink_refused_total{reason="row_undecodable"}'] == 2


async def test_a_site_without_traffic_shows_nothing_and_sigterm_ends_with_0(
    kafka: str, generation: int, tmp_path: Path
) -> None:
    with gauges(kafka, generation, tmp_path / "log") as (url, process):
        assert views(url) == {}
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    assert "Traceback" not in (tmp_path / "log").read_text()


def test_a_taken_port_ends_the_sink(kafka: str, generation: int, tmp_path: Path) -> None:
    with gauges(kafka, generation, tmp_path / "first") as (url, _):
        port = url.split(":")[2].split("/")[0]
        env = {"RUMSTREAM_KAFKA_BOOTSTRAP": kafka, "RUMSTREAM_PROMETHEUS_PORT": port}
        with running(["rumstream", "sink", "prometheus"], tmp_path / "second", {**os.environ, **env}) as second:
            wait_until(lambda: second.poll() is not None, "the second sink has ended")
            assert second.returncode != 0
