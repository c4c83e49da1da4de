"""boomerangjs in a real browser, by each of its transports: what the page was told is what Kafka holds."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from schemas.event import Beacon, Event, encode_beacon
from tests.browser.conftest import visit
from tests.conftest import LANES
from tests.lab.collector import beacons_in, collecting
from tests.lab.servers import wait_until

pytestmark = pytest.mark.browser

TRANSPORTS = {"get": "/boomerang", "beacon": "/boomerang", "xhr": "/boomerang/"}


@dataclass(frozen=True)
class Visit:
    """What boomerang told the page of each beacon, what the page observed by itself, and what Kafka holds."""

    told: list[dict[str, Any]]
    observed: dict[str, Any]
    beacons: list[Beacon]

    def events(self, kind: str) -> list[Event]:
        return [e for b in self.beacons for e in b.events if e.kind == kind]

    def vitals(self, name: str) -> list[float]:
        return [e.value or 0.0 for e in self.events("vital") if e.name == name]

    def values(self, parameter: str, quits: bool | None = None) -> list[float]:
        told = [t for t in self.told if quits is None or ("rt.quit" in t) is quits]
        return [float(t[parameter]) for t in told if parameter in t]


@pytest.fixture(scope="module", params=TRANSPORTS)
def visited(
    request: pytest.FixtureRequest, clients: None, kafka: str, module_generation: int, tmp_path_factory: Any
) -> Visit:
    log: Path = tmp_path_factory.mktemp("collector") / "log"
    with collecting(kafka, module_generation, LANES, log) as collector:
        made = visit("clients/boomerang.mjs", collector.url + TRANSPORTS[request.param], request.param)
        told = made["log"]
        pages = {t["pid"] for t in told}

        def beacons() -> list[Beacon]:
            found = [b for _, b in asyncio.run(beacons_in(kafka, module_generation, LANES))]
            return sorted((b for b in found if b.beacon_id.split("-")[0] in pages), key=lambda b: b.seq)

        wait_until(lambda: len(beacons()) >= len(told), f"the page's beacons in Kafka, see {log}")
        return Visit(told, made["observed"], beacons())


def test_every_beacon_arrives_once_in_its_session(visited: Visit) -> None:
    assert [b.beacon_id for b in visited.beacons] == [f"{t['pid']}-{t['n']}" for t in visited.told]
    assert {b.session_id for b in visited.beacons} == {t["rt.si"].rpartition("-")[0] for t in visited.told}
    assert {b.protocol for b in visited.beacons} == {"boomerang"}
    assert any("rt.quit" in t for t in visited.told)


def test_the_load_counts_once_though_the_unload_repeats_it(visited: Visit) -> None:
    assert [e.value for e in visited.events("navigation")] == [
        float(t["t_done"]) for t in visited.told if "http.initiator" not in t and "rt.quit" not in t
    ]
    assert len(visited.events("view")) == 1


def test_the_vitals_are_the_pages(visited: Visit) -> None:
    assert visited.vitals("FCP") == pytest.approx([visited.observed["fcp"]], abs=0.5)
    assert visited.vitals("FCP") == visited.values("pt.fcp")
    assert visited.vitals("LCP") == visited.values("pt.lcp")
    assert visited.vitals("INP") == visited.values("et.inp", quits=True) != []
    assert visited.vitals("FID") == visited.values("et.fid") != []
    assert len(visited.vitals("TTFB")) == 1
    assert {e.metric_id for e in visited.events("vital")} == {visited.told[0]["pid"]}


def test_the_parts_of_the_layout_shift_add_up_to_the_pages(visited: Visit) -> None:
    parts = visited.values("c.cls")
    assert sum(part > 0 for part in parts) >= 2
    assert sum(visited.vitals("CLS")) == pytest.approx(sum(parts))
    assert all(e.adds for e in visited.events("vital") if e.name == "CLS")


def test_the_error_is_there_without_the_address_in_it(visited: Visit) -> None:
    (error,) = visited.events("error")
    assert (error.name, error.attrs["message"]) == ("TypeError", "[email] has no basket")
    assert str(error.attrs["stack"]).startswith("TypeError: [email] has no basket\n    at ")


def test_the_request_has_its_route_and_time(visited: Visit) -> None:
    (request,) = visited.events("request")
    (told,) = [t for t in visited.told if t.get("http.initiator") == "xhr"]
    assert (request.name, request.value, request.route) == ("/api/cart/:id", float(told["t_done"]), "/product/:id")


def test_the_resources_are_those_the_browser_lists(visited: Visit) -> None:
    found = {(e.url, e.name) for e in visited.events("resource")}
    wanted = {(r["name"].partition("?")[0], r["initiatorType"]) for r in visited.observed["resources"]}
    expected = {(url, kind) for url, kind in wanted if kind in ("img", "script")}
    if any("restiming" in t for t in visited.told):
        assert found >= expected != set()
    else:
        assert found == set()


def test_long_tasks_have_the_time_boomerang_counted(visited: Visit) -> None:
    tasks = [e.value or 0.0 for e in visited.events("longtask")]
    assert sum(tasks) == pytest.approx(sum(visited.values("c.lt.tt")), abs=len(tasks))
    assert tasks


def test_no_query_of_any_url_is_in_kafka(visited: Visit) -> None:
    assert not [b.beacon_id for b in visited.beacons if b"secret" in encode_beacon(b)]


def test_a_soft_navigation_is_a_page_view_of_its_own(
    clients: None, kafka: str, generation: int, tmp_path: Path
) -> None:
    with collecting(kafka, generation, LANES, tmp_path / "log") as collector:
        told = visit("clients/boomerang_spa.mjs", f"{collector.url}/boomerang")["log"]
        hard, soft = (next(t for t in told if t.get("http.initiator") == name) for name in ("spa_hard", "spa"))

        def events() -> list[Event]:
            return [e for _, b in asyncio.run(beacons_in(kafka, generation, LANES)) for e in b.events]

        wait_until(lambda: any(e.kind == "visibility" for e in events()), "the unload's beacon in Kafka")
        found = {e.name: e for e in events() if e.kind == "navigation"}
        assert {name: e.value for name, e in found.items()} == {"spa_hard": hard["t_done"], "spa": soft["t_done"]}
        assert (found["spa_hard"].route, found["spa_hard"].view_id) == ("/product/:id", hard["pid"])
        assert (found["spa"].route, found["spa"].view_id) == ("/cart/:id", f"{soft['pid']}.{soft['n']}")
        assert found["spa"].navigation_type == "soft-navigation"
        assert {e.view_id for e in events() if e.kind == "view"} == {e.view_id for e in found.values()}
