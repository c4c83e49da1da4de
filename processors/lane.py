"""A lane: one partition's state, its producer and its store, and the checkpoint that ties them (design section 6)."""

import time
from collections.abc import Callable, Iterable, Iterator

import structlog
from faust.types import EventT

from processors import instruments
from processors.changelog import LANE_RECORD, restore
from processors.config import ProcessorConfig
from processors.core.bad_share import BadShare
from processors.core.block import Block
from processors.core.emission import unsent_rows
from processors.core.eviction import evict
from processors.core.keys import LANE_KEY
from processors.core.memory import LaneMemory
from processors.core.step import step
from processors.core.turn import Outputs, Rows
from processors.source import blocks_between
from processors.store import LaneStore, Stamp
from processors.transaction import LaneProducer, Pair
from schemas import topics
from schemas.block import join_lines
from schemas.dead_letter import encode_dead_letter
from schemas.ledger import encode_ledger, ledger_key
from schemas.limits import BLOCK_BYTES
from schemas.rollup import encode_rollup, rollup_key
from schemas.session import encode_session, session_key

log = structlog.get_logger()

Clock = Callable[[], float]


class OffsetGapError(Exception):
    """Blocks are missing between two that Faust delivered: going on would lose them."""


class Lane:
    """What one worker does for one partition between opening it and losing it.

    ``clock`` gives wall-clock seconds: it decides when rows go out, never what is in them.
    """

    def __init__(self, config: ProcessorConfig, partition: int, clock: Clock = time.time) -> None:
        self.partition = partition
        self._config = config
        self._core = config.core(partition)
        self._clock = clock
        self._store = LaneStore(config.store_path(partition))
        self._producer = LaneProducer(config.bootstrap, config.transactional_id(partition), partition)
        self._out = Outputs()
        self._unacked: list[EventT] = []
        self._emitted_at = clock()
        self._committed = -1
        self._events_open = self._bytes_open = 0
        self.memory: LaneMemory
        self._bad_share: BadShare

    def _topic(self, base: str) -> str:
        return topics.topic_name(base, self._config.generation)

    async def open(self, first_delivered: int) -> None:
        """Fence former owners, then read the state to its end, then the blocks Faust will not deliver.

        Raises:
            KafkaError: the broker can't be reached, or another owner fenced this one meanwhile.
        """
        began = self._clock()
        config, partition = self._config, self.partition
        await self._producer.start()
        record = await restore(
            config.bootstrap, self._topic(topics.STATE), partition, config.generation, self._store, int(began * 1000)
        )
        self.memory = LaneMemory(self._store, record)
        self._bad_share = BadShare(config.bad_share, config.bad_share_lines, record.bad_runs)
        self._committed = record.offset
        needed = record.offset + 1
        if first_delivered > needed:
            await self._catch_up(needed, first_delivered)
        instruments.RECOVERY_SECONDS.observe(self._clock() - began)
        log.info("lane opened", lane=partition, after_offset=record.offset, first_delivered=first_delivered)

    async def _catch_up(self, needed: int, first_delivered: int) -> None:
        topic = self._topic(topics.BEACONS)
        async for block in blocks_between(self._config.bootstrap, topic, self.partition, needed, first_delivered):
            self._skip_lost(needed, block.offset)
            self._step(block)
            needed = block.offset + 1
            if self.is_full:
                await self.checkpoint()
        self._skip_lost(needed, first_delivered)

    def _skip_lost(self, needed: int, found: int) -> None:
        """Say what retention has deleted before it was processed: the one loss there is, never a silent one."""
        if found > needed:
            instruments.LOST_BLOCKS.inc(found - needed)
            log.error("blocks lost to retention", lane=self.partition, first=needed, last=found - 1)
            self.memory.offset = found - 1

    def apply(self, block: Block, event: EventT) -> None:
        """Apply a block that Faust delivered; one that the state already has is only acknowledged.

        Raises:
            OffsetGapError: the block is not the next one.
            BadShareError: too much of what the lane reads is refused.
        """
        self._unacked.append(event)
        if block.offset <= self.memory.offset:
            return
        if block.offset != self.memory.offset + 1:
            raise OffsetGapError(
                f"lane {self.partition}: block {block.offset} follows {self.memory.offset}; the worker must start anew"
            )
        self._step(block)

    def _step(self, block: Block) -> None:
        _, out = step(self.memory, block, self._core)
        self._bad_share.note(len(block.lines), len(out.dead_letters))
        self._bad_share.check(out.dead_letters)
        self._out.add(out)
        self._events_open += sum(out.counts.values())
        self._bytes_open += sum(map(len, block.lines))
        instruments.BLOCKS.inc()

    @property
    def is_full(self) -> bool:
        """True when the open checkpoint has grown to its bound, in events or in bytes: what it holds is in memory."""
        config = self._config
        return self._events_open >= config.checkpoint_events or self._bytes_open >= config.checkpoint_bytes

    async def checkpoint(self) -> list[EventT]:
        """Commit all since the last checkpoint as one transaction; returns the events that may be acknowledged now.

        Only after the commit is the local store written. Any error leaves the lane unusable: drop it, start anew.

        Raises:
            KafkaError: the transaction failed or the lane has another owner.
        """
        memory, out = self.memory, self._out
        due = self._clock() - self._emitted_at >= self._config.emission_s
        unsent = bool(memory.unsent_windows or memory.unsent_visits or memory.unsent_ledger)
        if memory.offset == self._committed and not (due and unsent):
            return self._release()
        began = self._clock()
        fresh, spent = evict(memory, out, self._core)
        if due:
            rows = unsent_rows(memory, out, self._core)
            self._emitted_at = began
        else:
            rows = out.last
        changes = [*memory.encoded_changes()]
        record = memory.record()
        record.bad_runs = self._bad_share.record()
        at = await self._producer.commit(self._parts(rows, changes, LANE_RECORD.encode(record)))
        local = [*changes, *((key, b"") for key in fresh), *((key, None) for key in spent)]
        self._store.write(local, Stamp(record.birth, self._config.generation, at, int(began * 1000)))
        memory.settle()
        self._committed, self._out = record.offset, Outputs()
        self._events_open = self._bytes_open = 0
        self._count(out, began)
        return self._release()

    def _release(self) -> list[EventT]:
        events, self._unacked = self._unacked, []
        return events

    def _parts(
        self,
        rows: Rows,
        changes: list[tuple[bytes, bytes | None]],
        record: bytes,
    ) -> Iterator[tuple[str, Iterable[Pair]]]:
        yield self._topic(topics.SAMPLES), ((None, value) for value in _chunks(self._out.samples))
        yield self._topic(topics.DEAD_LETTER), ((None, encode_dead_letter(x)) for x in self._out.dead_letters)
        yield (
            self._topic(topics.ROLLUPS),
            ((rollup_key(r), encode_rollup(r)) for r in rows.rollups),
        )
        yield (
            self._topic(topics.SESSIONS),
            ((session_key(s.site, s.session_id, s.opened_at), encode_session(s)) for s in rows.sessions),
        )
        yield self._topic(topics.LEDGER), ((ledger_key(x), encode_ledger(x)) for x in rows.ledger)
        yield self._topic(topics.STATE), [*changes, (LANE_KEY, record)]

    def _count(self, out: Outputs, began: float) -> None:
        for outcome, n in out.counts.items():
            instruments.EVENTS.labels(outcome).inc(n)
        for kind, n in out.untracked.items():
            instruments.UNTRACKED.labels(kind).inc(n)
        for letter in out.dead_letters:
            instruments.DEAD_LETTERS.labels(letter.reason).inc()
        instruments.CHECKPOINTS.inc()
        instruments.CHECKPOINT_SECONDS.observe(self._clock() - began)
        instruments.WATERMARK.labels(str(self.partition)).set(self.memory.watermark.at / 1000)

    @property
    def committed(self) -> int:
        """Offset of the last block whose effects are committed, -1 for none."""
        return self._committed

    async def close(self) -> None:
        """Let go of the connections and of the store's lock; what is not committed is gone."""
        try:
            await self._producer.stop()
        finally:
            self._store.close()


def _chunks(lines: list[bytes]) -> Iterator[bytes]:
    """Sample lines joined into records of about a block's size."""
    chunk: list[bytes] = []
    size = 0
    for line in lines:
        if chunk and size + len(line) > BLOCK_BYTES:
            yield join_lines(chunk)
            chunk, size = [], 0
        chunk.append(line)
        size += len(line) + 1
    if chunk:
        yield join_lines(chunk)
