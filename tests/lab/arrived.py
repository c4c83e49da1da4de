"""What of a browser's visit is in Kafka, once all that the page saw is there."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from schemas.event import Beacon, Event, encode_beacon
from tests.lab.collector import Collector, beacons_in, collecting
from tests.lab.servers import create_topics, wait_until

LANES = 2


@dataclass(frozen=True)
class Intake:
    """A collector and its own topics."""

    kafka: str
    generation: int
    collector: Collector

    def beacons(self) -> list[Beacon]:
        """All there are, those of a session in the order they came."""
        return [beacon for _, beacon in asyncio.run(beacons_in(self.kafka, self.generation, LANES))]

    def beacons_once(self, whole: Callable[[list[Beacon]], bool], what: str) -> list[Beacon]:
        """The same, once it is whole: what a page sends as it goes comes after it."""
        wait_until(lambda: whole(self.beacons()), what)
        return self.beacons()


@contextmanager
def intake(kafka: str, generation: int, log: Path) -> Iterator[Intake]:
    """A collector with topics of its own."""
    asyncio.run(create_topics(kafka, generation, LANES))
    with collecting(kafka, generation, LANES, log) as collector:
        yield Intake(kafka, generation, collector)


def events_of(beacons: list[Beacon], kind: str) -> list[Event]:
    """The events of a kind."""
    return [event for beacon in beacons for event in beacon.events if event.kind == kind]


def as_text(beacons: list[Beacon]) -> str:
    """All that is stored of them."""
    return b"\n".join(encode_beacon(beacon) for beacon in beacons).decode()
