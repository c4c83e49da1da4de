"""Google's web-vitals, every version in use, in a real browser: what the page was told is what Kafka holds."""

import asyncio
from pathlib import Path

import pytest

from tests.browser.conftest import visit
from tests.conftest import LANES
from tests.lab.collector import beacons_in, collecting
from tests.lab.servers import wait_until

pytestmark = pytest.mark.browser

VITALS = {"TTFB", "FCP", "LCP", "INP", "CLS"}

Report = tuple[str, str, float]


@pytest.mark.parametrize("shape", ["string", "blob", "array"])
@pytest.mark.parametrize("version", ["3", "4", "5", "6"])
def test_every_report_of_the_page_arrives(
    clients: None, kafka: str, generation: int, tmp_path: Path, version: str, shape: str
) -> None:
    """The page and the collector are different origins, so a JSON Blob needs a preflight with credentials."""
    with collecting(kafka, generation, LANES, tmp_path / "log") as collector:
        told = visit("clients/web_vitals.mjs", collector.url, version, shape)
        logged = {(m["id"], m["name"], float(m["value"])) for m in told["log"]}
        assert {name for _, name, _ in logged} == VITALS

        def arrived() -> set[Report]:
            beacons = asyncio.run(beacons_in(kafka, generation, LANES))
            return {(e.metric_id, e.name, e.value or 0.0) for _, b in beacons for e in b.events}

        wait_until(lambda: len(arrived()) >= len(logged), "the page's reports in Kafka")
        assert arrived() == logged
