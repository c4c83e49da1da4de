"""Workers killed, stopped and robbed of their disks while beacons keep coming: nothing lost, nothing twice."""

import asyncio
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer

from processors.core.block import Block
from processors.core.config import CoreConfig
from schemas.block import block_headers, join_lines
from schemas.event import encode_beacon
from schemas.lanes import lane_id, lane_of
from schemas.rollup import rollup_key
from schemas.session import session_key
from schemas.topics import BEACONS, topic_name
from tests.lab.lane import Lab
from tests.lab.servers import running
from tests.lab.topic_contents import newest_rollups, newest_sessions, sample_lines
from tests.lab.traffic import beacons
from tests.lab.worker import SESSION_TIMEOUT_S

LANES = 2
SETTLE_SECONDS = 120.0
BEACONS_A_BLOCK = 3


class Workers:
    """Two worker processes over their own data folders, started anew when they end, as a supervisor would."""

    def __init__(self, bootstrap: str, generation: int, folder: Path, stack: ExitStack) -> None:
        self._bootstrap, self._generation, self._folder, self._stack = bootstrap, generation, folder, stack
        self.processes = [self._start(n) for n in range(2)]
        self._stopped_until: dict[int, float] = {}

    def _start(self, number: int) -> subprocess.Popen[bytes]:
        data = self._folder / f"worker-{number}"
        arguments = ["tests.lab.worker", self._bootstrap, str(self._generation), str(data)]
        return self._stack.enter_context(running(arguments, self._folder / f"worker-{number}.log"))

    def tend(self) -> None:
        """Start what has ended, wake what was stopped long enough."""
        for number, process in enumerate(self.processes):
            if process.poll() is not None:
                self.processes[number] = self._start(number)
            elif self._stopped_until.get(number, float("inf")) < time.monotonic():
                del self._stopped_until[number]
                process.send_signal(signal.SIGCONT)

    def strike(self, number: int, fault: str) -> None:
        process = self.processes[number]
        if number in self._stopped_until or process.poll() is not None:
            return
        if fault == "SIGSTOP":
            process.send_signal(signal.SIGSTOP)
            self._stopped_until[number] = time.monotonic() + SESSION_TIMEOUT_S + 3
            return
        process.send_signal(signal.SIGTERM if fault == "SIGTERM" else signal.SIGKILL)
        process.wait(40)
        if fault == "lost disk":
            shutil.rmtree(self._folder / f"worker-{number}", ignore_errors=True)

    @property
    def asleep(self) -> bool:
        return bool(self._stopped_until)


def blocks(seed: int, count: int) -> Iterator[tuple[int, list[bytes]]]:
    """(lane, lines) of blocks as a collector would write them."""
    open_blocks: dict[int, list[bytes]] = {}
    base = int(time.time() * 1000) - 7_200_000
    for beacon in beacons(seed, count, base):
        lane = lane_of(beacon.site, beacon.session_id, LANES)
        lines = open_blocks.setdefault(lane, [])
        lines.append(encode_beacon(beacon))
        if len(lines) == BEACONS_A_BLOCK:
            yield lane, open_blocks.pop(lane)
    yield from open_blocks.items()


async def produce(bootstrap: str, generation: int, planned: list[tuple[int, list[bytes]]], seconds: float) -> None:
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


def uninterrupted(generation: int, planned: list[tuple[int, list[bytes]]]) -> list[Lab]:
    """The same blocks through the pure core, without any fault."""
    labs = [Lab(CoreConfig(lane=lane_id(generation, n), generation=generation, sample_rate=0.5)) for n in range(LANES)]
    for lane, lines in planned:
        lab = labs[lane]
        lab.feed(Block(offset=lab.memory.offset + 1, appended_at=int(time.time() * 1000), lines=lines))
    for lab in labs:
        lab.checkpoint()
    return labs


async def outcome(bootstrap: str, generation: int) -> dict[str, object]:
    return {
        "rollups": await newest_rollups(bootstrap, generation, LANES),
        "sessions": await newest_sessions(bootstrap, generation, LANES),
        "samples": await sample_lines(bootstrap, generation, LANES),
    }


def expected(labs: list[Lab]) -> dict[str, object]:
    return {
        "rollups": {(n, rollup_key(r)): r for n, lab in enumerate(labs) for r in lab.windows()},
        "sessions": {
            (n, session_key(s.site, s.session_id, s.opened_at)): s for n, lab in enumerate(labs) for s in lab.visits()
        },
        "samples": sorted((n, line) for n, lab in enumerate(labs) for line in lab.samples),
    }


async def ordeal(bootstrap: str, generation: int, folder: Path, faults: list[str], seed: int) -> None:
    """Two workers, steady traffic, one fault after the other; the outcome is that of an uninterrupted run."""
    draw = random.Random(seed)
    seconds = 4.0 * len(faults) + 6
    planned = list(blocks(seed, int(seconds * 60)))
    want = expected(uninterrupted(generation, planned))
    with ExitStack() as stack:
        workers = Workers(bootstrap, generation, folder, stack)
        traffic = asyncio.create_task(produce(bootstrap, generation, planned, seconds))
        pending = list(faults)
        strike_at = time.monotonic() + 4
        deadline = time.monotonic() + seconds + SETTLE_SECONDS
        while (pending or workers.asleep or not traffic.done()) or await outcome(bootstrap, generation) != want:
            if time.monotonic() > deadline:
                break
            if pending and time.monotonic() > strike_at:
                workers.strike(draw.randrange(2), pending.pop(0))
                strike_at = time.monotonic() + draw.uniform(1, 6)
            workers.tend()
            await asyncio.sleep(0.1)  # the period of this poll
        await traffic
        for process in workers.processes:
            process.terminate()
        for process in workers.processes:
            assert process.wait(30) == 0
    got = await outcome(bootstrap, generation)
    for what in ("samples", "sessions", "rollups"):
        assert got[what] == want[what], f"{what} differ, seed {seed}, see {folder}"


@pytest.mark.fault
@pytest.mark.timeout(300)
async def test_faults_of_two_workers_change_no_count_no_sum_and_no_bucket(
    kafka: str, generation: int, tmp_path: Path
) -> None:
    faults = ["SIGKILL", "SIGSTOP", "lost disk", "SIGTERM", "SIGKILL", "SIGSTOP"]
    await ordeal(kafka, generation, tmp_path, faults, seed=1)


@pytest.mark.fault
@pytest.mark.long
@pytest.mark.timeout(900)
async def test_thirty_faults_change_no_count_no_sum_and_no_bucket(kafka: str, generation: int, tmp_path: Path) -> None:
    draw = random.Random(30)
    faults = [draw.choice(["SIGKILL", "SIGSTOP", "lost disk", "SIGTERM"]) for _ in range(30)]
    await ordeal(kafka, generation, tmp_path, faults, seed=30)
