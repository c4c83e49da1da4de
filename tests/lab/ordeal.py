"""Workers killed, stopped and robbed of their disks while beacons keep coming, and the rows they wrote meanwhile."""

import asyncio
import random
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from aiokafka import AIOKafkaProducer

from processors.core.block import Block
from schemas.block import block_headers, join_lines
from schemas.event import encode_beacon
from schemas.lanes import lane_of
from schemas.topics import BEACONS, topic_name
from tests.lab.lane import Lab
from tests.lab.outcome import Verdict, compare, expected, written
from tests.lab.traffic import beacons
from tests.lab.worker import brief, worker_config
from tests.lab.workers import FAULTS, Workers

LANES: Final = 2
SETTLE_SECONDS: Final = 120.0
BEACONS_A_BLOCK: Final = 3
BEACONS_A_SECOND: Final = 60
_FAULT_SECONDS: Final = 4.0
_STEP_MS: Final = 200
"""Event time runs twelve times as fast as the traffic, so that windows and sessions run out and are forgotten."""

Planned = list[tuple[int, list[bytes]]]
"""(lane, lines) of blocks, in order."""


def drawn_faults(count: int, seed: int) -> list[str]:
    """The same faults for the same seed."""
    draw = random.Random(seed)
    return [draw.choice(FAULTS) for _ in range(count)]


async def ordeal(
    bootstrap: str,
    generation: int,
    folder: Path,
    faults: list[str],
    seed: int,
    say: Callable[[str], None] = lambda _: None,
) -> Verdict:
    """Two workers, steady traffic, one fault after the other; the rows compared with those of an uninterrupted run."""
    draw = random.Random(seed)
    seconds = _FAULT_SECONDS * len(faults) + 6
    planned = list(blocks(seed, int(seconds * BEACONS_A_SECOND)))
    want = expected(uninterrupted(generation, planned))
    with ExitStack() as stack:
        workers = Workers(bootstrap, generation, folder, stack)
        traffic = asyncio.create_task(produce(bootstrap, generation, planned, seconds))
        pending, began = list(faults), time.monotonic()
        strike_at, deadline = began + 4, began + 2 * seconds + SETTLE_SECONDS
        while pending or workers.asleep or not traffic.done() or await written(bootstrap, generation, LANES) != want:
            if time.monotonic() > deadline:
                say("the workers did not catch up in time")
                break
            if pending and time.monotonic() > strike_at:
                number = draw.randrange(2)
                if workers.strike(number, pending[0]):
                    say(f"{len(faults) - len(pending) + 1:3d} {pending.pop(0)} worker {number}")
                    strike_at = time.monotonic() + draw.uniform(1, 6)
            workers.tend()
            await asyncio.sleep(0.1 if pending or workers.asleep else 0.5)  # the period of this poll
        await traffic
        codes = workers.finish()
    say(f"{len(planned)} blocks; workers that ended on the way, by exit code: {sorted(workers.ends)}")
    verdict = compare(want, await written(bootstrap, generation, LANES))
    for number, code in enumerate(codes):
        ended = "was still there 30 s after SIGTERM" if code is None else f"ended with {code} at SIGTERM"
        verdict.check(code == 0, f"worker {number} {ended}")
    return verdict


def blocks(seed: int, count: int) -> Iterator[tuple[int, list[bytes]]]:
    """(lane, lines) of blocks as a collector would write them, all of the past."""
    open_blocks: dict[int, list[bytes]] = {}
    base = int(time.time() * 1000) - count * _STEP_MS - 60_000
    for beacon in beacons(seed, count, base, _STEP_MS):
        lane = lane_of(beacon.site, beacon.session_id, LANES)
        lines = open_blocks.setdefault(lane, [])
        lines.append(encode_beacon(beacon))
        if len(lines) == BEACONS_A_BLOCK:
            yield lane, open_blocks.pop(lane)
    yield from open_blocks.items()


async def produce(bootstrap: str, generation: int, planned: Planned, seconds: float = 0.0) -> None:
    """Write the blocks spread over about ``seconds``."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", enable_idempotence=True)
    await producer.start()
    try:
        began = time.monotonic()
        for number, (lane, lines) in enumerate(planned):
            await producer.send_and_wait(
                topic_name(BEACONS, generation), join_lines(lines), partition=lane, headers=block_headers("test")
            )
            ahead = began + seconds * number / len(planned) - time.monotonic()
            if ahead > 0:
                await asyncio.sleep(ahead)  # the pace of the traffic, not a wait for anything
    finally:
        await producer.stop()


def uninterrupted(generation: int, planned: Planned) -> list[Lab]:
    """The same blocks through the pure core, without any fault."""
    config = brief(worker_config("", generation, Path()))
    labs = [Lab(config.core(n)) for n in range(LANES)]
    for lane, lines in planned:
        lab = labs[lane]
        lab.feed(Block(offset=lab.memory.offset + 1, appended_at=int(time.time() * 1000), lines=lines))
    for lab in labs:
        lab.checkpoint()
    return labs
