"""Which lanes this worker runs: opened by their first event, dropped at every rebalance (design section 6)."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

import structlog
from faust.types import EventT

from processors import instruments
from processors.config import ProcessorConfig
from processors.core.bad_share import BadShareError
from processors.lane import Lane
from processors.source import make_block

log = structlog.get_logger()

Ack = Callable[[EventT], Awaitable[object]]
OnFailure = Callable[[BaseException], None]

_QUEUED_BLOCKS: Final = 64
_CLOSE_SECONDS: Final = 5.0


class LaneTask:
    """A lane and the task that feeds it from its own bounded queue, so that one lane's checkpoint stops no other."""

    def __init__(self, config: ProcessorConfig, partition: int, ack: Ack, on_failure: OnFailure) -> None:
        self._config = config
        self._partition = partition
        self._ack = ack
        self._on_failure = on_failure
        self._queue: asyncio.Queue[EventT | None] = asyncio.Queue(_QUEUED_BLOCKS)
        self._lane = Lane(config, partition)
        self._task = asyncio.create_task(self._run(), name=f"lane-{partition}")
        self._dropped = False

    async def put(self, event: EventT) -> None:
        """Queue a block; waits while the lane is behind."""
        if not self._dropped:
            await self._queue.put(event)

    async def finish(self) -> None:
        """Take a last checkpoint of what was queued, and close."""
        if not self._dropped:
            await self._queue.put(None)
        await self._task

    async def drop(self) -> None:
        """Stop at once, uncommitted work unwritten: another worker may own the lane already."""
        self._dropped = True
        self._task.cancel()
        while not self._queue.empty():  # wake whoever waits to put
            self._queue.get_nowait()
        await asyncio.wait([self._task], timeout=_CLOSE_SECONDS)

    async def _run(self) -> None:
        try:
            await self._work()
        except asyncio.CancelledError:
            if not self._dropped:
                raise
        except BadShareError as error:
            self._halt(error)
        except BaseException as error:  # noqa: BLE001 - crash-only: whatever it was, this worker ends
            self._on_failure(error)
        await self._lane.close()

    def _halt(self, error: BadShareError) -> None:
        """Stop this lane alone: its blocks wait in Kafka until a worker starts that can read them, or may refuse."""
        log.error("lane halted, too much of it is refused", lane=self._partition, detail=str(error))
        instruments.HALTED.labels(str(self._partition)).set(1)
        self._dropped = True
        while not self._queue.empty():  # wake whoever waits to put
            self._queue.get_nowait()

    async def _work(self) -> None:
        lane, loop = self._lane, asyncio.get_running_loop()
        first = await self._queue.get()
        if first is None:
            return
        await lane.open(first.message.offset)
        instruments.HALTED.labels(str(self._partition)).set(0)
        self._apply(first)
        due = loop.time() + self._config.checkpoint_s
        ended = False
        while not ended:
            event = await self._next(due - loop.time())
            ended = event is _END
            if isinstance(event, EventT):
                self._apply(event)
            if ended or loop.time() >= due or lane.is_full:
                for done in await lane.checkpoint():
                    await self._ack(done)
                due = loop.time() + self._config.checkpoint_s

    async def _next(self, timeout: float) -> EventT | object | None:
        """The next event; None when the time is up, _END when the lane shall finish."""
        if self._queue.empty():
            try:
                event = await asyncio.wait_for(self._queue.get(), max(timeout, 0.001))
            except TimeoutError:
                return None
        else:
            event = self._queue.get_nowait()
            await asyncio.sleep(0)
        return _END if event is None else event

    def _apply(self, event: EventT) -> None:
        message = event.message
        headers = [(k, v) for k, v in message.headers.items()] if isinstance(message.headers, dict) else message.headers
        block = make_block(message.offset, round(message.timestamp * 1000), message.value, list(headers or []))
        self._lane.apply(block, event)

    @property
    def committed(self) -> int:
        """Offset of the last committed block."""
        return self._lane.committed


_END: Final = object()


class Ownership:
    """The open lanes of a worker."""

    def __init__(
        self, config: ProcessorConfig, ack: Ack, is_assigned: Callable[[int], bool], on_failure: OnFailure
    ) -> None:
        self._config = config
        self._ack = ack
        self._is_assigned = is_assigned
        self._on_failure = on_failure
        self._lanes: dict[int, LaneTask] = {}
        self._ending = False

    async def deliver(self, event: EventT) -> None:
        """Hand a block to its lane. One of a partition that is no longer ours must not open it: it would fence."""
        partition = event.message.partition
        if self._ending or not self._is_assigned(partition):
            return
        lane = self._lanes.get(partition)
        if lane is None:
            lane = LaneTask(self._config, partition, self._ack, self._on_failure)
            self._lanes[partition] = lane
            instruments.LANES.set(len(self._lanes))
        await lane.put(event)

    async def drop_all(self) -> None:
        """A rebalance: drop every lane; the next event of each opens it anew, wherever it is then."""
        lanes, self._lanes = self._lanes, {}
        instruments.LANES.set(0)
        for partition, lane in lanes.items():
            await lane.drop()
            log.info("lane dropped", lane=partition, committed=lane.committed)

    async def finish(self) -> None:
        """The worker ends: a last checkpoint of every lane, side by side."""
        self._ending = True
        lanes, self._lanes = self._lanes, {}
        await asyncio.gather(*(lane.finish() for lane in lanes.values()))

    def committed(self) -> dict[int, int]:
        """Partition to the offset of its last committed block."""
        return {partition: lane.committed for partition, lane in self._lanes.items()}
