"""Writing the corpus into Kafka: as blocks for lanes, and as one record an event, which is what the others read."""

import asyncio
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec
from aiokafka import AIOKafkaProducer

from schemas.block import SCHEMA_HEADER, join_lines
from schemas.event import SCHEMA_VERSION, Beacon, encode_beacon
from schemas.lanes import lane_of
from schemas.measures import measure_of
from schemas.topics import BEACONS, topic_name

BLOCK_BEACONS: Final = 20
_BATCH_BYTES: Final = 512 * 1024
_IN_FLIGHT: Final = 64
_HEADERS: Final = [(SCHEMA_HEADER, str(SCHEMA_VERSION).encode())]


class OneEvent(msgspec.Struct, omit_defaults=True):
    """An event with all it shares with its beacon: what a pipeline without blocks reads."""

    beacon_id: str
    site: str
    environment: str
    source: str
    session_id: str
    received_at: int
    sent_at: int
    seq: int
    device: str
    browser: str
    os: str
    country: str
    connection: str
    release: str
    weight: int
    series: str
    metric: str
    ts: int
    kind: str
    name: str
    value: float | None
    unit: str
    metric_id: str
    view_id: str
    route: str
    url: str
    navigation_type: str
    attrs: dict[str, str | int | float | bool]


@dataclass
class Loaded:
    """What was written: events (all and by lane), blocks, bytes before compression, and how long it took."""

    events: int = 0
    beacons: int = 0
    blocks: int = 0
    block_bytes: int = 0
    event_bytes: int = 0
    seconds: float = 0.0
    series: set[str] = field(default_factory=set)

    def __str__(self) -> str:
        """In a line, per event."""
        alone = f"{self.event_bytes / self.events:.0f} B as a record of its own, " if self.event_bytes else ""
        return (
            f"{self.events} events in {self.beacons} beacons in {self.blocks} blocks, {len(self.series)} series, "
            f"{self.block_bytes / self.events:.0f} B an event in a block, {alone}written in {self.seconds:.0f} s"
        )


async def load(
    bootstrap: str, traffic: Iterable[Beacon], lanes: int, generations: list[int], events_topic: str | None
) -> Loaded:
    """Write ``traffic`` as blocks to each generation's `rum.beacons`, and, if asked, event by event to a topic.

    A record of the event topic has the series as its key and lies in the partition of that key, so that nobody who
    groups by series must send it on once more.
    """
    loaded, began = Loaded(), time.monotonic()
    sender = _Sender(bootstrap)
    await sender.start()
    try:
        open_blocks: list[list[bytes]] = [[] for _ in range(lanes)]
        batches = [sender.batch() for _ in range(lanes)]
        for beacon in traffic:
            lane = lane_of(beacon.site, beacon.session_id, lanes)
            open_blocks[lane].append(encode_beacon(beacon))
            loaded.beacons += 1
            loaded.events += len(beacon.events)
            if len(open_blocks[lane]) == BLOCK_BEACONS:
                await _put_block(sender, loaded, open_blocks, lane, generations)
            if events_topic is None:
                continue
            for series, ts, value in _single(beacon):
                loaded.series.add(series)
                loaded.event_bytes += len(value)
                key = series.encode()
                to = sender.partition_of(key, lanes)
                if batches[to].append(key=key, value=value, timestamp=ts) is None:
                    await sender.send(batches[to], events_topic, to)
                    batches[to] = sender.batch()
                    batches[to].append(key=key, value=value, timestamp=ts)
        for lane in range(lanes):
            if open_blocks[lane]:
                await _put_block(sender, loaded, open_blocks, lane, generations)
            if events_topic is not None and batches[lane].record_count():
                await sender.send(batches[lane], events_topic, lane)
    finally:
        await sender.stop()
    loaded.seconds = time.monotonic() - began
    return loaded


async def _put_block(
    sender: "_Sender", loaded: Loaded, open_blocks: list[list[bytes]], lane: int, generations: list[int]
) -> None:
    value, open_blocks[lane] = join_lines(open_blocks[lane]), []
    loaded.blocks += 1
    loaded.block_bytes += len(value)
    for generation in generations:
        batch = sender.batch()
        batch.append(key=None, value=value, timestamp=None, headers=_HEADERS)
        await sender.send(batch, topic_name(BEACONS, generation), lane)


_encoder: Final = msgspec.json.Encoder()


def _single(beacon: Beacon) -> Iterator[tuple[str, int, bytes]]:
    """(series, ts, value) of every event of a beacon that is measured."""
    for event in beacon.events:
        measure = measure_of(event)
        if measure is None:
            continue
        name = "" if event.kind in ("vital", "view") else event.name
        of_beacon = (beacon.device, beacon.browser, beacon.country, beacon.release)
        of_event = (measure.name, name, event.route, event.navigation_type)
        series = "|".join((beacon.site, beacon.environment, beacon.source, *of_event, *of_beacon))
        one = OneEvent(
            beacon.beacon_id,
            beacon.site,
            beacon.environment,
            beacon.source,
            beacon.session_id,
            beacon.received_at,
            beacon.sent_at,
            beacon.seq,
            beacon.device,
            beacon.browser,
            beacon.os,
            beacon.country,
            beacon.connection,
            beacon.release,
            beacon.weight,
            series,
            measure.name,
            event.ts,
            event.kind,
            event.name,
            event.value,
            event.unit,
            event.metric_id,
            event.view_id,
            event.route,
            event.url,
            event.navigation_type,
            event.attrs,
        )
        yield series, event.ts, _encoder.encode(one)


class _Sender:
    """Batches on their way, a bounded number at once."""

    def __init__(self, bootstrap: str) -> None:
        self._producer = AIOKafkaProducer(
            bootstrap_servers=bootstrap, compression_type="zstd", acks=1, max_batch_size=_BATCH_BYTES
        )
        self._sent: set[asyncio.Future[object]] = set()

    async def start(self) -> None:
        await self._producer.start()

    def batch(self) -> Any:
        """An empty batch."""
        return self._producer.create_batch()

    def partition_of(self, key: bytes, lanes: int) -> int:
        return lane_of("", key.decode(), lanes)

    async def send(self, batch: object, topic: str, partition: int) -> None:
        self._sent.add(await self._producer.send_batch(batch, topic, partition=partition))
        if len(self._sent) >= _IN_FLIGHT:
            done, self._sent = await asyncio.wait(self._sent, return_when=asyncio.FIRST_COMPLETED)
            for future in done:
                future.result()

    async def stop(self) -> None:
        """All are acknowledged."""
        for future in self._sent:
            await future
        await self._producer.stop()
