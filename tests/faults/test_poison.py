"""Lines that nobody can read, among good ones and alone: the good are counted, the bad are told, exactly."""

import asyncio
import random
import time
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer

from processors.core.block import Block
from processors.core.config import CoreConfig
from schemas.block import block_headers, join_lines
from schemas.dead_letter import DeadLetter, decode_dead_letter
from schemas.event import encode_beacon
from schemas.lanes import lane_id, lane_of
from schemas.rollup import RollupRow, rollup_key
from schemas.topics import BEACONS, DEAD_LETTER, topic_name
from tests.lab.lane import Lab
from tests.lab.servers import running
from tests.lab.sink_traffic import until
from tests.lab.topic_contents import committed_records, newest_rollups
from tests.lab.traffic import beacons

pytestmark = [pytest.mark.fault, pytest.mark.timeout(240)]

LANES = 2
LINES_A_BLOCK = 20
POISON = (b"{", b"", b'{"schema":9}', b"\xff\xfe\x00", b'{"schema":1,"beacon_id":"b","site":"shop"', b"[" * 5_000)
Planned = list[tuple[int, list[bytes]]]
"""(lane, lines) of blocks, in order."""


def good_blocks(count: int, seed: int) -> Planned:
    base = round(time.time() * 1000) - 3_600_000
    lanes: list[list[bytes]] = [[] for _ in range(LANES)]
    for beacon in beacons(seed, count, base):
        lanes[lane_of(beacon.site, beacon.session_id, LANES)].append(encode_beacon(beacon))
    return [
        (lane, lines[at : at + LINES_A_BLOCK])
        for lane, lines in enumerate(lanes)
        for at in range(0, len(lines), LINES_A_BLOCK)
    ]


async def produce(kafka: str, generation: int, planned: Planned) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=kafka, acks="all", enable_idempotence=True)
    await producer.start()
    try:
        for lane, lines in planned:
            await producer.send_and_wait(
                topic_name(BEACONS, generation), join_lines(lines), partition=lane, headers=block_headers("test")
            )
    finally:
        await producer.stop()


async def letters(kafka: str, generation: int) -> list[DeadLetter]:
    records = await committed_records(kafka, topic_name(DEAD_LETTER, generation), LANES)
    return [decode_dead_letter(r.value) for r in records]


def counted(generation: int, planned: Planned) -> dict[tuple[int, bytes], RollupRow]:
    """The rollups of these blocks by the pure core."""
    labs = [Lab(CoreConfig(lane=lane_id(generation, n), generation=generation)) for n in range(LANES)]
    for lane, lines in planned:
        lab = labs[lane]
        lab.feed(Block(offset=lab.memory.offset + 1, appended_at=round(time.time() * 1000), lines=lines))
    for lab in labs:
        lab.checkpoint()
    return {(n, rollup_key(r)): r for n, lab in enumerate(labs) for r in lab.windows()}


async def test_one_percent_of_poison_is_exactly_what_is_dead_lettered_and_nobody_restarts(
    kafka: str, generation: int, tmp_path: Path
) -> None:
    draw = random.Random(19)
    planned = good_blocks(3_000, seed=19)
    want = counted(generation, planned)
    poisoned: Planned = [(lane, list(lines)) for lane, lines in planned]
    for number in range(33):
        lane, lines = poisoned[draw.randrange(len(poisoned))]
        lines.insert(draw.randrange(len(lines) + 1), POISON[number % len(POISON)])
    offsets = [0] * LANES
    bad: list[tuple[int, int, int]] = []
    for lane, lines in poisoned:
        bad += [(lane_id(generation, lane), offsets[lane], n) for n, line in enumerate(lines) if line in POISON]
        offsets[lane] += 1
    assert 0.009 < len(bad) / sum(len(lines) for _, lines in poisoned) < 0.012

    arguments = ["tests.lab.worker", kafka, str(generation), str(tmp_path / "data")]
    with running(arguments, tmp_path / "log") as worker:
        await produce(kafka, generation, poisoned)

        async def all_counted() -> bool:
            return await newest_rollups(kafka, generation, LANES) == want

        await until(all_counted, "the good lines counted", worker, seconds=120)
        told = await letters(kafka, generation)
        worker.terminate()
        assert await asyncio.to_thread(worker.wait, 40) == 0
    assert sorted((x.lane, x.offset, x.line) for x in told) == sorted(bad)
    assert all(x.whole == ("\ufffd" not in x.body) for x in told)
    assert await newest_rollups(kafka, generation, LANES) == want
