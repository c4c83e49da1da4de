"""Lines that nobody can read, among good ones and alone: the good are counted, the bad are told, exactly."""

import asyncio
import random
import re
import time
from collections.abc import Awaitable, Callable
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
from tests.lab.servers import running, unused_port
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


def halted(log: Path) -> Callable[[], Awaitable[bool]]:
    """Whether a worker has said that it stopped a lane."""

    async def said() -> bool:
        return "lane halted, too much of it is refused" in await asyncio.to_thread(log.read_text)

    return said


async def test_poison_alone_stops_the_lane_at_the_limit_which_says_so_and_stops_there_again(
    kafka: str, generation: int, tmp_path: Path
) -> None:
    good = [(0, [line]) for lane, lines in good_blocks(400, seed=20) for line in lines if lane == 0]
    bad: Planned = [(0, [b"{"] * LINES_A_BLOCK) for _ in range(150)]
    await produce(kafka, generation, [*good[:100], *bad[:30]])
    stops_at = 100 + (1_000 - 100) // LINES_A_BLOCK - 1  # the 1000th line is in this block
    settings = {
        "KAFKA_BOOTSTRAP": kafka,
        "GENERATION": generation,
        "LANES": LANES,
        "DATA": tmp_path / "data",
        "PROCESSOR_METRICS_PORT": unused_port(),
        "CHECKPOINT_S": 0.3,
        "LOG_FORMAT": "json",
    }
    env = {f"RUMSTREAM_{name}": str(value) for name, value in settings.items()}

    def told_of(blocks: int) -> Callable[[], Awaitable[bool]]:
        async def told() -> bool:
            return len(await letters(kafka, generation)) == blocks * LINES_A_BLOCK

        return told

    for life in range(2):
        log = tmp_path / f"log-{life}"
        with running(["rumstream", "process"], log, env) as worker:
            if life == 0:
                await until(told_of(30), "the first of it committed", worker)
                await produce(kafka, generation, [*bad[30:], *good[100:200]])
            await until(halted(log), "the lane halted", worker)
            worker.terminate()
            assert await asyncio.to_thread(worker.wait, 40) == 0
        said = re.search(
            r"of the last \d+ lines were refused.* \(the last at offset (\d+) .*BAD_SHARE=1", log.read_text()
        )
        assert said, log.read_text()
        assert int(said[1]) == stops_at
        assert 30 * LINES_A_BLOCK <= len(await letters(kafka, generation)) < 1_000

    with running(["rumstream", "process"], tmp_path / "log-2", {**env, "RUMSTREAM_BAD_SHARE": "1"}) as worker:
        await until(told_of(150), "every bad line told, for it was asked for", worker, seconds=90)
        worker.terminate()
        assert await asyncio.to_thread(worker.wait, 40) == 0
    places = {(x.offset, x.line) for x in await letters(kafka, generation)}
    assert places == {(100 + block, line) for block in range(150) for line in range(LINES_A_BLOCK)}


async def test_a_lane_of_poison_alone_halts_and_says_so_while_the_other_goes_on(
    kafka: str, generation: int, tmp_path: Path
) -> None:
    """Nothing of the halted lane is drained to dead letters beyond the limit; it waits in Kafka."""
    good = [item for item in good_blocks(3_000, seed=20) if item[0] == 0]
    poison: Planned = [(1, [b"{"] * LINES_A_BLOCK)] * 500
    want = counted(generation, good)
    arguments = ["tests.lab.worker", kafka, str(generation), str(tmp_path / "data")]
    with running(arguments, tmp_path / "log") as worker:
        await produce(kafka, generation, poison)
        await produce(kafka, generation, good)

        async def halted_and_counted() -> bool:
            return await halted(tmp_path / "log")() and await newest_rollups(kafka, generation, LANES) == want

        await until(halted_and_counted, "the lane halted and the other lane counted", worker, seconds=120)
        worker.terminate()
        assert await asyncio.to_thread(worker.wait, 40) == 0
    assert len(await letters(kafka, generation)) <= 1_000
