"""A lane on a real Kafka without Faust: the test opens it, brings it up to a block, takes its checkpoint, closes it."""

import time
from collections.abc import AsyncIterator, Callable, Container
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic, RecordsToDelete
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import TopicAlreadyExistsError

from processors.changelog import partition_reader
from processors.config import ProcessorConfig
from processors.core.block import Block
from processors.core.keys import EXPIRY
from processors.lane import Lane
from processors.store import LaneStore
from schemas.event import Beacon, encode_beacon
from schemas.topics import STATE, topic_name, topics
from tests.lab.lane import Lab
from tests.lab.ordeal import LANES, Planned, produce
from tests.lab.outcome import Rows, expected, written
from tests.lab.topic_contents import transactions_are_over
from tests.lab.traffic import beacons
from tests.lab.worker import brief, worker_config

PARTITION: Final = 0
BEACONS_A_BLOCK: Final = 4
_STEP_MS: Final = 1_000


class KafkaLane:
    """One lane of a generation, its blocks, and the disks it is worked on."""

    def __init__(self, bootstrap: str, generation: int) -> None:
        self.bootstrap, self.generation = bootstrap, generation
        self._lines: list[list[bytes]] = []

    def config(self, disk: Path) -> ProcessorConfig:
        """Brief sessions, rows out at each checkpoint."""
        return replace(brief(worker_config(self.bootstrap, self.generation, disk)), emission_s=0)

    async def write(self, made: list[Beacon], a_block: int = BEACONS_A_BLOCK) -> None:
        """Append blocks of these beacons."""
        lines = [encode_beacon(b) for b in made]
        blocks = [lines[n : n + a_block] for n in range(0, len(lines), a_block)]
        planned: Planned = [(PARTITION, block) for block in blocks]
        await produce(self.bootstrap, self.generation, planned)
        self._lines += blocks

    async def write_traffic(self, count: int = 160, seed: int = 3) -> None:
        """Visitors over ``count`` seconds of event time, ended three minutes ago: twice as long as anything lasts."""
        base = int(time.time() * 1000) - count * _STEP_MS - 180_000
        await self.write(list(beacons(seed, count, base, _STEP_MS)))

    @property
    def end(self) -> int:
        """Offset of the next block."""
        return len(self._lines)

    @asynccontextmanager
    async def opened(self, disk: Path, upto: int, clock: Callable[[], float] = time.time) -> AsyncIterator[Lane]:
        """The lane on this disk with all blocks before ``upto`` applied, nothing of it committed yet."""
        lane = Lane(self.config(disk), PARTITION, clock)
        try:
            await lane.open(upto)
            yield lane
        finally:
            await lane.close()

    async def work(self, disk: Path, upto: int, clock: Callable[[], float] = time.time) -> None:
        """Open, apply, checkpoint, close; what was committed can be read then."""
        async with self.opened(disk, upto, clock) as lane:
            await lane.checkpoint()
        names = [t.name for t in topics(self.generation) if t.per_lane]
        while not await transactions_are_over(self.bootstrap, names, LANES):
            pass

    def uninterrupted(self, lost: Container[int] = ()) -> Rows:
        """The rows of all blocks, or of all but the lost ones."""
        lab = Lab(self.config(Path()).core(PARTITION))
        for offset, lines in enumerate(self._lines):
            if offset not in lost:
                lab.feed(Block(offset=offset, appended_at=int(time.time() * 1000), lines=lines))
        lab.checkpoint()
        return expected([lab])

    async def written(self) -> Rows:
        """What is committed in the topics."""
        return await written(self.bootstrap, self.generation, LANES)

    def stored(self, disk: Path) -> dict[bytes, bytes]:
        """What the local store of a closed lane remembers; reminders are made anew by each store for itself."""
        store = LaneStore(self.config(disk).store_path(PARTITION))
        try:
            keys = [k for k in store.keys(b"a", b"z") if k[:1] != EXPIRY]
            return {k: store.get(k) or b"" for k in keys}
        finally:
            store.close()

    async def delete_before(self, base: str, offset: int) -> None:
        """As retention would: nothing before ``offset`` is there any more."""
        name = topic_name(base, self.generation)
        async with _admin(self.bootstrap) as admin:
            if base == STATE:  # Kafka deletes no records of a topic that is compacted only
                policy = {"cleanup.policy": "compact,delete"}
                await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, name, policy)])
            await admin.delete_records({TopicPartition(name, PARTITION): RecordsToDelete(offset)})

    async def write_state(self, key: bytes, value: bytes) -> None:
        """Put a record into the lane's `rum.state`, as another rumstream would."""
        producer = AIOKafkaProducer(bootstrap_servers=self.bootstrap)
        await producer.start()
        try:
            await producer.send_and_wait(topic_name(STATE, self.generation), value, key, PARTITION)
        finally:
            await producer.stop()

    async def recreate_state(self) -> None:
        """Delete `rum.state` and make it anew, empty."""
        name = topic_name(STATE, self.generation)
        made = next(t for t in topics(self.generation) if t.name == name)
        async with _admin(self.bootstrap) as admin:
            await admin.delete_topics([name])
            while name in await admin.list_topics():
                pass
            while True:
                try:
                    await admin.create_topics([NewTopic(name, LANES, 1, topic_configs=made.config)])
                    return
                except TopicAlreadyExistsError:
                    continue

    async def state_end(self) -> int:
        """Offset of the next record of the lane's `rum.state`."""
        consumer = partition_reader(self.bootstrap, "read_committed")
        await consumer.start()
        try:
            tp = TopicPartition(topic_name(STATE, self.generation), PARTITION)
            return int((await consumer.end_offsets([tp]))[tp])
        finally:
            await consumer.stop()


@asynccontextmanager
async def _admin(bootstrap: str) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        yield admin
    finally:
        await admin.close()
