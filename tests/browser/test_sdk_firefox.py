"""The SDK in Firefox: what the page measured is what is in Kafka."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from schemas.event import Event
from tests.browser.conftest import BROWSER
from tests.conftest import LANES
from tests.lab.collector import beacons_in, collecting
from tests.lab.firefox import in_firefox
from tests.lab.servers import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]

OWN_LOAD = "performance.getEntriesByType('navigation')[0].duration"


async def visit(url: str, profile: Path) -> dict[str, Any]:
    """Both pages of the demo, with everything that can be clicked."""
    async with in_firefox(profile) as tab:
        await tab.goto(f"{url}/demo/")
        await tab.until("window.__rum_log.some((m) => m.name === 'FCP')")
        loads = [await tab.evaluate(OWN_LOAD)]
        for button in ("#work", "#throw", "#fetch"):
            await tab.click(button)
        await tab.until("document.getElementById('fetch-done').textContent.includes('200')")
        await tab.goto(f"{url}/demo/product/123/")
        await tab.until("window.__rum_log.some((m) => m.name === 'FCP' && m.page === location.pathname)")
        loads.append(await tab.evaluate(OWN_LOAD))
        await tab.click("#work")
        await tab.goto(f"{url}/metrics")  # text, of the same origin and without the SDK
        log = await tab.evaluate("JSON.parse(sessionStorage.getItem('rum_log'))")
        session = await tab.evaluate("JSON.parse(sessionStorage.getItem('rumstream'))")
        return {"log": log, "session": session, "loads": loads}


def test_what_firefox_measured_is_in_kafka(bundle: None, kafka: str, generation: int, tmp_path: Path) -> None:
    with collecting(kafka, generation, LANES, tmp_path / "log", static=BROWSER / "dist") as collector:
        seen = asyncio.run(visit(collector.url, tmp_path / "profile"))

        def events(*kinds: str) -> list[Event]:
            beacons = {b.beacon_id: b for _, b in asyncio.run(beacons_in(kafka, generation, LANES))}
            ours = [b for b in beacons.values() if b.session_id == seen["session"]["id"]]
            assert all(b.browser == "Firefox" and not b.dropped for b in ours)
            return [e for b in sorted(ours, key=lambda b: b.seq) for e in b.events if e.kind in kinds]

        last = {m["id"]: (m["name"], m["value"]) for m in seen["log"]}
        wait_until(lambda: {e.metric_id for e in events("vital")} == set(last), "the page's metrics in Kafka")
        assert {e.metric_id: (e.name, e.value) for e in events("vital")} == last
        assert {name for name, _ in last.values()} >= {"TTFB", "FCP", "LCP"}
        assert [e.route for e in events("view")] == ["/demo", "/demo/product/:id"]
        assert [e.value for e in events("navigation")] == seen["loads"]
        assert [e.attrs["message"] for e in events("error")] == ["The demo page threw this on purpose"]
        assert [(e.name, e.status) for e in events("request")] == [("/healthz", 200)]
        clicked = [str(e.attrs["target"]) for e in events("action") if e.name == "click"]
        assert [next(w for w in ("work", "throw", "fetch") if w in t) for t in clicked] == [
            "work",
            "throw",
            "fetch",
            "work",
        ]
