"""Kafka is stopped while a real client sends: each beacon comes again as the same one, and counts once."""

import asyncio
import json
import signal
import subprocess
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from schemas.event import Beacon
from tests.browser.conftest import HERE
from tests.lab.arrived import Intake, intake
from tests.lab.lane import Lab, block
from tests.lab.node import node
from tests.lab.servers import kafka_answers, running, unused_port, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

GENERATION = 1
GOOD = {"faro": 202, "json": 200, "protobuf": 200}


@pytest.mark.parametrize("client", sorted(GOOD))
def test_a_beacon_that_kafka_did_not_acknowledge_comes_again_as_the_same_and_counts_once(
    clients: None, tmp_path: Path, client: str
) -> None:
    port = unused_port()
    address, arguments = f"127.0.0.1:{port}", ["embedded.kafka", "--data", str(tmp_path / "data"), "--port", str(port)]
    with running(arguments, tmp_path / "kafka.log") as server:
        wait_until(lambda: asyncio.run(kafka_answers(address)), "Kafka", server)
        with intake(address, GENERATION, tmp_path / "log") as taken:
            posts = _sent_while_stopped(taken, server, client)
            beacons = taken.beacons()
    statuses: dict[str, list[int]] = defaultdict(list)
    for post in posts:
        statuses[post["beacon"]].append(post["status"])
    assert all(told.count(GOOD[client]) == 1 and set(told) <= {503, GOOD[client]} for told in statuses.values())
    assert any(503 in told for told in statuses.values())
    assert all("retry-after" in post["told"] for post in posts if post["status"] == 503)
    if client == "faro":
        assert {beacon.beacon_id for beacon in beacons} >= set(statuses)
    _each_counts_once(beacons)


def _sent_while_stopped(taken: Intake, server: subprocess.Popen[bytes], client: str) -> list[dict[str, Any]]:
    """Every attempt of a visit: Kafka stops once a beacon was taken, and goes on once one was refused."""
    arguments = [node(), str(HERE / "visit_stopped.mjs"), taken.collector.url, client]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE) as browser:
        wait_until(lambda: _counted(taken, "acked") >= 1, "a beacon in Kafka", browser)
        server.send_signal(signal.SIGSTOP)
        try:
            wait_until(lambda: _counted(taken, "unknown") >= 1, "a beacon that Kafka does not acknowledge", browser)
        finally:
            server.send_signal(signal.SIGCONT)
        out, _ = browser.communicate(timeout=90)
    assert browser.returncode == 0
    posts: list[dict[str, Any]] = json.loads(out)["posts"]
    return posts


def _counted(taken: Intake, what: str) -> float:
    counts = taken.collector.counts()
    return sum(number for name, number in counts.items() if name.startswith(f"rum_collector_{what}_total"))


def _each_counts_once(beacons: list[Beacon]) -> None:
    """The processor takes each id once and says how many events it has left out."""
    lab = Lab()
    for offset, beacon in enumerate(beacons):
        lab.feed(block(offset, beacon, appended_at=beacon.received_at))
    lab.checkpoint()
    first = {beacon.beacon_id: len(beacon.events) for beacon in reversed(beacons)}
    extra = sum(len(beacon.events) for beacon in beacons) - sum(first.values())
    assert extra > 0  # the stopped Kafka had it after all
    assert lab.counts["duplicate"] == extra
    assert sum(session.events for session in lab.visits()) == sum(first.values())
