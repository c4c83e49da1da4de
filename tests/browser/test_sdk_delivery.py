"""Whatever happens on the way: each event arrives once, or the server can tell that it did not."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from rumstream.settings import Settings
from schemas.event import Beacon
from tests.browser.conftest import BROWSER, Stack, visit
from tests.conftest import LANES
from tests.lab.collector import Collector, beacons_in, collecting
from tests.lab.servers import wait_until

pytestmark = [pytest.mark.browser]

SEED = 1
GENERATION = Settings.model_fields["generation"].default
STACK_LANES = Settings.model_fields["lanes"].default


@dataclass(frozen=True)
class Outcome:
    """What pages told of themselves, and the beacons in Kafka."""

    visits: dict[str, Any]
    beacons: list[Beacon]


@pytest.fixture
def collector(bundle: None, kafka: str, generation: int, tmp_path: Path) -> Iterator[Collector]:
    with collecting(kafka, generation, LANES, tmp_path / "log", static=BROWSER / "dist") as running:
        yield running


def outcome(collector: Collector, kafka: str, generation: int, visits: int, seconds: int) -> Outcome:
    told = visit("visit_faults.mjs", collector.url, str(visits), str(SEED), seconds=seconds)
    stored = asyncio.run(beacons_in(kafka, generation, LANES))
    return Outcome(told, [beacon for _, beacon in stored])


def check(seen: Outcome) -> None:
    """The law, for every event that a page measured.

    A page's queue is a line: its events fill its beacons in their order.
    """
    stored = {beacon.beacon_id: beacon for beacon in seen.beacons}
    closed = {b["beacon_id"]: b for page in seen.visits["pages"] for b in page["beacons"]}
    assert set(stored) <= set(closed)
    # The proxy lost answers, so some beacons came twice: the same beacon, which the processor counts once.
    for beacon in seen.beacons:
        first = stored[beacon.beacon_id]
        assert (beacon.seq, [e.attrs for e in beacon.events]) == (first.seq, [e.attrs for e in first.events])
        assert beacon.sent_at

    lost = 0
    for page in seen.visits["pages"]:
        events = iter(page["events"])
        for told in page["beacons"]:
            held = [next(events) for _ in range(told["events"])]
            found = stored.get(told["beacon_id"])
            if found is None:
                lost += len(held)
                continue
            assert (found.seq, found.session_id) == (told["seq"], told["session"])
            assert [(e.kind, e.attrs.get("probe")) for e in found.events] == [(h["k"], h.get("probe")) for h in held]
        assert list(events) == [], "each event left the page in a beacon"

    # What did not arrive has its number: a gap, as soon as a later beacon of the session is there.
    numbers: dict[str, set[int]] = {}
    for told in closed.values():
        assert told["seq"] not in numbers.setdefault(told["session"], set())
        numbers[told["session"]].add(told["seq"])
    for session, known in numbers.items():
        assert known == set(range(len(known))), session
    arrived = {told["session"]: set[int]() for told in closed.values()}
    for beacon in stored.values():
        arrived[beacon.session_id].add(beacon.seq)
    gaps = sum(len(known - arrived[session]) for session, known in numbers.items())
    assert gaps == len(closed) - len(stored)
    # A page holds so many beacons while the collector is away; what is one too many is counted besides.
    told_lost = Counter[str]()
    for beacon in stored.values():
        told_lost.update(beacon.dropped)
    assert set(told_lost) <= {"undelivered"}
    assert told_lost["undelivered"] <= lost
    assert seen.visits["failed"] > 0


@pytest.mark.timeout(400)
def test_what_was_sent_twice_is_stored_once(stack: Stack) -> None:
    seen = visit("visit_twice.mjs", stack.collector)
    beacons = [
        b
        for _, b in asyncio.run(beacons_in(stack.kafka, GENERATION, STACK_LANES))
        if b.session_id == seen["session"] and any(e.name == "twice" for e in b.events)
    ]
    assert len(beacons) > 1, "it came twice"
    assert len({b.beacon_id for b in beacons}) == 1

    def rows(name: str) -> list[str]:
        where = f"name = '{name}' AND session_id = '{seen['session']}'"
        return [
            row["probe"] for row in stack.rows(f"SELECT attrs['probe'] AS probe FROM rum.events FINAL WHERE {where}")
        ]

    # CLS is told when the page is left: a lane that has it has seen both copies.
    wait_until(lambda: bool(rows("CLS")), "the page's last beacon in rum.events")
    assert sorted(rows("twice")) == ["0", "1", "2", "3", "4"]


@pytest.mark.timeout(400)
def test_each_event_arrives_once_or_shows_as_a_gap(collector: Collector, kafka: str, generation: int) -> None:
    check(outcome(collector, kafka, generation, visits=4, seconds=300))


@pytest.mark.long
@pytest.mark.timeout(1_800)
def test_each_event_of_fifty_visits_arrives_once_or_shows_as_a_gap(
    collector: Collector, kafka: str, generation: int
) -> None:
    check(outcome(collector, kafka, generation, visits=50, seconds=1_700))
