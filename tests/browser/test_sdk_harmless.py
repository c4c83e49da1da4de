"""The SDK never harms the page it is on: strict policies, hostile surroundings."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from schemas.event import Beacon, Event
from tests.browser.conftest import BROWSER, visit
from tests.conftest import LANES
from tests.lab.collector import Collector, beacons_in, collecting
from tests.lab.servers import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]


@pytest.fixture
def collector(bundle: None, kafka: str, generation: int, tmp_path: Path) -> Iterator[Collector]:
    with collecting(kafka, generation, LANES, tmp_path / "log", static=BROWSER / "dist") as running:
        yield running


def stored(kafka: str, generation: int) -> list[Beacon]:
    return [beacon for _, beacon in asyncio.run(beacons_in(kafka, generation, LANES))]


def test_a_page_with_a_strict_policy_takes_it_by_its_hash(collector: Collector, kafka: str, generation: int) -> None:
    seen = visit("visit_csp.mjs", collector.url)
    assert (seen["status"], seen["kept"]) == (204, [])
    assert seen["closed"] == ["connect-src"], "the policy stops the beacons, and nothing else happens"
    assert seen["forged"] == [["the script was not taken"], "undefined"]
    ours = [b for b in stored(kafka, generation) if b.session_id == seen["session"]]
    assert "strict" in {event.name for beacon in ours for event in beacon.events}


def test_a_hostile_page_goes_on_as_if_nothing_was_there(collector: Collector, kafka: str, generation: int) -> None:
    seen = visit("visit_hostile.mjs", collector.url, seconds=300)
    own = {"noisy": ["Uncaught Error: of the page", "of the page"]}
    for what, page in seen.items():
        assert page["works"] == [1, 200, 200, "/elsewhere"], what
        assert page["thrown"] == own.get(what, []), what
    told = {beacon.release for beacon in stored(kafka, generation) for event in beacon.events if event.name == "own"}
    # Without randomness there are no ids, and without ids no beacons.
    assert told == set(seen) - {"random"}


def test_the_modules_run_as_they_are_with_attribution(collector: Collector, kafka: str, generation: int) -> None:
    seen = visit("visit_modules.mjs", collector.url, str(BROWSER / "dist"))
    assert seen["errors"] == []

    def events() -> dict[str, Event]:
        ours = [b for b in stored(kafka, generation) if b.session_id == seen["session"]]
        return {event.name: event for beacon in ours for event in beacon.events}

    wait_until(lambda: set(events()) >= {"module", "click", "LCP", "CLS", "TTFB"}, "what the modules measured")
    assert events()["LCP"].attrs["target"] == "html>body>h1"
    assert "waitingDuration" in events()["TTFB"].attrs
