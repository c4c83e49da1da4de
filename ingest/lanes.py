"""Lines in, blocks out: each waiter is told once its block is acknowledged, or its deadline has passed."""

import asyncio
import time
from typing import Final

import structlog

from ingest.admission import Budget
from ingest.background import Background
from ingest.blocks import Ended, Entry, Lane, Outcome
from ingest.config import CollectorConfig
from ingest.instruments import ACK_SECONDS, BLOCKS, BLOCKS_FAILED
from ingest.producer import DurableProducer, NotDurableError
from schemas.block import Headers, block_headers, join_lines, tick_headers
from schemas.lanes import lane_of
from schemas.topics import BEACONS, topic_name

_log: Final = structlog.get_logger()
_SWEEP_S: Final = 0.02
_ANSWER_S: Final = 0.05
"""Kept back from the deadline for the answer itself."""


class Lanes:
    """All lanes of a generation."""

    def __init__(
        self, config: CollectorConfig, producer: DurableProducer, budget: Budget, background: Background
    ) -> None:
        self._config = config
        self._producer = producer
        self._budget = budget
        self._topic = topic_name(BEACONS, config.generation)
        self._lanes = [Lane(config.linger_ms / 1000) for _ in range(config.lanes)]
        self._timers: list[asyncio.Handle | None] = [None] * config.lanes
        self._background = background
        self._loop = asyncio.get_running_loop()
        self._ended = asyncio.Event()
        self._headers = block_headers(config.collector_id)

    def start(self) -> None:
        """Begin to watch deadlines and silence."""
        self._background.start(self._sweep())

    def submit(self, site: str, session_id: str, line: bytes, since: float) -> "asyncio.Future[Ended]":
        """Put a beacon's line on its way; ``since`` is the loop's time from which its
        deadline counts.

        Raises:
            Refusal: OVERLOADED.
        """
        self._budget.take(len(line))
        waiter: asyncio.Future[Ended] = self._loop.create_future()
        number = lane_of(site, session_id, len(self._lanes))
        deadline = since + self._config.ack_deadline_s - _ANSWER_S
        self._lanes[number].add(Entry(line, waiter, since, deadline))
        self._schedule(number)
        return waiter

    def last_heard(self) -> float:
        """The loop's time of the last acknowledgement of any lane."""
        return max(lane.heard for lane in self._lanes)

    def is_stuck(self, now: float) -> bool:
        """True when a lane has a block under way and has heard nothing for longer than the deadline."""
        return any(
            lane.under_way is not None and now - max(lane.heard, lane.opened) > self._config.ack_deadline_s
            for lane in self._lanes
        )

    async def drain(self) -> None:
        """Returns when nothing waits and nothing is under way."""
        while any(lane.under_way is not None or lane.due() is not None for lane in self._lanes):
            await self.block_ended()

    async def block_ended(self) -> None:
        """Returns when the next block, of any lane, is acknowledged or given up."""
        await self._ended.wait()

    def tick(self, number: int) -> None:
        """Write an empty block to a lane that has nothing under way: time goes on there, and Kafka is asked."""
        lane = self._lanes[number]
        if lane.under_way is None:
            lane.open_tick(self._loop.time())
            self._send(number, b"", tick_headers(self._config.collector_id, time.time_ns() // 1_000_000))

    def _schedule(self, number: int) -> None:
        """See to it that the lane's next block is closed when it is due: with the loop's next turn at the earliest."""
        due = self._lanes[number].due()
        if due is None or self._timers[number] is not None:
            return
        if due <= self._loop.time():
            self._timers[number] = self._loop.call_soon(self._close, number)
        else:
            self._timers[number] = self._loop.call_at(due, self._close, number)

    def _close(self, number: int) -> None:
        self._timers[number] = None
        lane = self._lanes[number]
        if lane.due() is not None:
            self._send(number, join_lines(lane.close(self._loop.time())), self._headers)

    def _send(self, number: int, value: bytes, headers: Headers) -> None:
        self._background.start(self._deliver(number, value, headers))

    async def _deliver(self, number: int, value: bytes, headers: Headers) -> None:
        ended = Ended(Outcome.UNKNOWN)
        try:
            appended_at = await self._producer.send(self._topic, number, value, headers=headers)
            ended = Ended(Outcome.ACKED, appended_at)
            BLOCKS.inc()
        except NotDurableError as error:
            BLOCKS_FAILED.inc()
            _log.warning("a block was not acknowledged", lane=number, error=str(error))
        finally:
            now = self._loop.time()
            for entry in self._lanes[number].finish(ended, now):
                self._budget.give(len(entry.line))
                if ended.outcome is Outcome.ACKED:
                    ACK_SECONDS.observe(now - entry.since)
            self._ended.set()
            self._ended = asyncio.Event()
        self._schedule(number)

    async def _sweep(self) -> None:
        while True:
            now = self._loop.time()
            for number, lane in enumerate(self._lanes):
                lane.expire(now, self._budget.give)
                if lane.is_silent(now, self._config.tick_s):
                    self.tick(number)
            await asyncio.sleep(_SWEEP_S)
