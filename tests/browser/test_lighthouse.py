"""`rumstream-lighthouse` with the real Lighthouse: what is in a page, and what becomes of it.

The budgets of times and of the score are set aside here, since they are those of the machine; sizes and counts are not.
"""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from tests.browser.conftest import BROWSER, Stack
from tests.lab.node import node
from tests.lab.servers import wait_until

pytestmark = [pytest.mark.browser]

KB = 1024
UNTIMED = {"lighthouse": dict.fromkeys(("score", "FCP", "LCP", "TBT", "CLS"))}


class Quiet(SimpleHTTPRequestHandler):
    """Files, without a line for each request."""

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def lighthouse() -> None:
    """The tool and Lighthouse itself."""
    subprocess.run([sys.executable, str(BROWSER / "build.py"), "--lighthouse"], check=True)


@pytest.fixture
def heavy(tmp_path: Path) -> Iterator[str]:
    """Address of a page with a style sheet more than it may have, and a script that alone is over its budget."""
    site = tmp_path / "site"
    site.mkdir()
    for n in range(6):
        (site / f"{n}.css").write_text(f".c{n} {{ color: red; }}")
    (site / "large.js").write_text("//" + "x" * (300 * KB))
    styles = "".join(f'<link rel="stylesheet" href="{n}.css">' for n in range(6))
    (site / "index.html").write_text(
        f'<!doctype html><title>heavy</title>{styles}<script src="large.js"></script><h1>Heavy</h1>'
    )
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=site))
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


def run(folder: Path, url: str, *options: str) -> tuple[int, str, dict[str, Any]]:
    """Exit code, what it printed, and its report of one run."""
    budget, out = folder / "performance-budget.json", folder / "out"
    budget.write_text(json.dumps(UNTIMED))
    tool = str(BROWSER / "dist" / "tools" / "rumstream-lighthouse.mjs")
    arguments = [url, "--runs", "1", "--budget", str(budget), "--out", str(out), *options]
    done = subprocess.run([node(), tool, *arguments], capture_output=True, text=True, timeout=150)
    assert done.returncode in {0, 1}, done.stderr
    assert "Lighthouse" in (out / "page-1.html").read_text()
    assert url in (out / "index.html").read_text()
    return done.returncode, done.stdout, json.loads((out / "report.json").read_text())


def test_a_page_over_its_budgets_ends_with_1_and_a_table_of_what_and_by_how_much(
    lighthouse: None, heavy: str, tmp_path: Path
) -> None:
    code, printed, report = run(tmp_path, heavy)
    assert code == 1
    assert report["kept"] is False
    page = report["pages"][0]
    assert {v["name"] for v in page["verdicts"] if v["broken"]} == {"counts.style", "sizes.script"}
    assert page["medians"]["counts.style"] == 6
    lines = {line.split()[0]: line for line in printed.splitlines() if line}
    assert lines["counts.style"].endswith("over by 1")
    assert "over by" in lines["sizes.script"]
    assert lines["counts.script"].endswith("kept")


@pytest.fixture(scope="module")
def demo(lighthouse: None, stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> tuple[int, str, dict[str, Any]]:
    """A run over the demo page, its medians sent to the collector that served it."""
    began = time.time_ns() // 1_000_000
    code, printed, report = run(
        tmp_path_factory.mktemp("lighthouse"), f"{stack.collector}/demo/", "--send", stack.collector
    )
    return code, printed, {**report, "began": began}


def test_the_demo_page_keeps_its_budgets_and_its_medians_reach_clickhouse_as_lab(
    stack: Stack, demo: tuple[int, str, dict[str, Any]]
) -> None:
    code, printed, report = demo
    assert code == 0, printed
    medians = report["pages"][0]["medians"]
    where = "FROM rum.events FINAL WHERE environment = 'lab' AND attrs['source'] = 'lab'"
    vitals = f"SELECT name, value, route, device {where} AND kind = 'vital' ORDER BY name"
    wait_until(lambda: len(stack.rows(vitals)) == 4, "the medians in rum.events")
    assert stack.rows(vitals) == [
        {"name": name, "value": pytest.approx(medians[name]), "route": "/demo", "device": "mobile"}
        for name in ("CLS", "FCP", "LCP", "TBT")
    ]
    assert stack.rows(f"SELECT attrs['score'] AS score {where} AND kind = 'view'") == [{"score": str(medians["score"])}]


def test_a_visit_of_lighthouse_is_told_apart_from_visitors(stack: Stack, demo: tuple[int, str, dict[str, Any]]) -> None:
    """The SDK on the page that was measured has sent beacons too: as a bot's, none as a phone's."""
    after_others = f"received_at >= fromUnixTimestamp64Milli({demo[2]['began']})"  # they share the stack
    ours = f"FROM rum.events FINAL WHERE environment != 'lab' AND route = '/demo' AND {after_others}"
    last = f"SELECT count() AS n {ours} AND name = 'CLS'"
    wait_until(lambda: stack.rows(last)[0]["n"] > 0, "what the page sent when it was left")
    assert stack.rows(f"SELECT DISTINCT device {ours}") == [{"device": "bot"}]
