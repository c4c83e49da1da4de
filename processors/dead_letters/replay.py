"""Writing refused lines to `rum.beacons` once more, each to its session's lane."""

import time
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from enum import StrEnum, unique

import xxhash
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from processors.core.decode import LineError, beacon_of
from processors.dead_letters.receipt import Receipt
from processors.dead_letters.scan import Span, Wanted, letters
from schemas.block import block_headers, join_lines
from schemas.dead_letter import DeadLetter
from schemas.lanes import lane_of
from schemas.ledger import LedgerRow, encode_ledger, ledger_key
from schemas.limits import BLOCK_BYTES, MESSAGE_BYTES

Write = Callable[[int, list[bytes]], Awaitable[None]]
"""Takes the partition and the lines of a block."""


@unique
class Outcome(StrEnum):
    """What becomes of a letter in a replay: a closed set, each counted."""

    REPLAYED = "replayed"
    REPEATED = "repeated"
    STILL_REFUSED = "still_refused"
    CUT = "cut"
    AT_THE_DOOR = "at_the_door"


class Judge:
    """Says of each letter of one lane whether its line can be written again. Memory: 16 bytes a line written.

    The same line is written once, however many letters hold it. One that this rumstream still refuses would only
    become another dead letter and add to the share at which a lane stops: it is counted and left where it is.
    """

    def __init__(self, lanes: int) -> None:
        self._lanes = lanes
        self._written: set[bytes] = set()

    def judge(self, letter: DeadLetter) -> tuple[Outcome, int, bytes]:
        """What becomes of it, and where it is replayed the partition and the line."""
        if letter.lane < 0:
            return Outcome.AT_THE_DOOR, -1, b""
        if not letter.whole:
            return Outcome.CUT, -1, b""
        line = letter.body.encode()
        digest = xxhash.xxh3_128_digest(line)
        if digest in self._written:
            return Outcome.REPEATED, -1, b""
        try:
            beacon = beacon_of(line)
        except LineError:
            return Outcome.STILL_REFUSED, -1, b""
        self._written.add(digest)
        return Outcome.REPLAYED, lane_of(beacon.site, beacon.session_id, self._lanes), line


class OpenBlocks:
    """Lines on their way to blocks of at most BLOCK_BYTES (one line alone may be longer), one block open a lane."""

    def __init__(self) -> None:
        self._open: dict[int, list[bytes]] = {}
        self._bytes: Counter[int] = Counter()

    def add(self, partition: int, line: bytes) -> list[bytes]:
        """Add a line; returns the lines of the block that it no longer fits into, else none."""
        full: list[bytes] = []
        if partition in self._open and self._bytes[partition] + len(line) > BLOCK_BYTES:
            full = self._open.pop(partition)
            self._bytes[partition] = 0
        self._open.setdefault(partition, []).append(line)
        self._bytes[partition] += len(line) + 1
        return full

    def rest(self) -> Iterator[tuple[int, list[bytes]]]:
        """The blocks that are still open, which are closed by that."""
        while self._open:
            yield self._open.popitem()


async def replay(
    consumer: AIOKafkaConsumer, topic: str, found: list[Span], wanted: Wanted, lanes: int, write: Write
) -> Counter[Outcome]:
    """Write the wanted letters of these spans again; says what became of them.

    Letters that come meanwhile are outside of the spans, so that it ends. Memory: a fetch of letters, a block a lane.

    Raises:
        KafkaError: it stopped in the middle; to do it again counts nothing twice.
    """
    outcomes: Counter[Outcome] = Counter()
    for span in found:
        judge, blocks = Judge(lanes), OpenBlocks()
        async for letter in letters(consumer, topic, span):
            if not wanted.wants(letter):
                continue
            outcome, partition, line = judge.judge(letter.letter)
            outcomes[outcome] += 1
            if outcome is Outcome.REPLAYED and (full := blocks.add(partition, line)):
                await write(partition, full)
        for partition, lines in blocks.rest():
            await write(partition, lines)
    return outcomes


async def nowhere(_partition: int, _lines: list[bytes]) -> None:
    """What a dry run writes to."""


@asynccontextmanager
async def beacons_writer(bootstrap: str, topic: str, ledger: str) -> AsyncIterator[Write]:
    """Writes blocks as a collector does: acknowledged by all replicas, idempotent, never transactional.

    What it is about to write stands in the ``ledger`` topic before.

    Raises:
        KafkaError: the broker can't be reached.
    """
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap,
        acks="all",
        enable_idempotence=True,
        compression_type="zstd",
        max_request_size=MESSAGE_BYTES,
    )
    await producer.start()

    receipt = Receipt(f"replay/{uuid.uuid4().hex[:12]}")

    async def enter(partition: int, rows: list[LedgerRow]) -> None:
        for row in rows:
            await producer.send_and_wait(ledger, encode_ledger(row), key=ledger_key(row), partition=partition)

    async def write(partition: int, lines: list[bytes]) -> None:
        now = time.time_ns() // 1_000_000
        await enter(partition, receipt.announced(lines, now))
        block = join_lines(lines)
        told = await producer.send_and_wait(topic, block, partition=partition, headers=block_headers("replay"))
        await enter(partition, receipt.written(lines, now, told.timestamp))

    try:
        yield write
    finally:
        await producer.stop()
