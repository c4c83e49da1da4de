"""Beacons of a lane on their way into blocks: pure bookkeeping, time is an argument (design section 3)."""

from asyncio import Future
from collections import deque
from collections.abc import Callable
from enum import Enum
from typing import NamedTuple

from schemas.limits import BLOCK_BYTES


class Outcome(Enum):
    """What became of a line. NOT_SENT is certainly not in Kafka, UNKNOWN was handed over and may be."""

    ACKED = "acked"
    NOT_SENT = "not_sent"
    UNKNOWN = "unknown"


class Ended(NamedTuple):
    """How it ended for a line; ``appended_at``: when the broker took its block, in ms (0: not known)."""

    outcome: Outcome
    appended_at: int = 0


class Entry(NamedTuple):
    """A beacon's line and who waits for it; times in seconds of the loop's clock."""

    line: bytes
    waiter: "Future[Ended]"
    since: float
    deadline: float


class Lane:
    """The beacons of one lane: those that wait for the next block, and those of the block that is under way.

    One block is under way at a time, so a slow broker makes blocks larger, not more numerous, and what was not handed
    over can be taken back.
    """

    def __init__(self, linger_s: float) -> None:
        self._linger_s = linger_s
        self._waiting: deque[Entry] = deque()
        self._waiting_bytes = 0
        self.opened = float("-inf")
        """When the last block was closed and sent."""
        self.under_way: list[Entry] | None = None
        self.heard: float = float("-inf")
        """When a block of this lane was last acknowledged."""

    def add(self, entry: Entry) -> None:
        """Let a line wait for the next block."""
        self._waiting.append(entry)
        self._waiting_bytes += len(entry.line)

    def due(self) -> float | None:
        """When the next block is to be closed; None while none can be or nothing waits. An idle lane: at once."""
        if self.under_way is not None or not self._waiting:
            return None
        return float("-inf") if self._waiting_bytes >= BLOCK_BYTES else self.opened + self._linger_s

    def close(self, now: float) -> list[bytes]:
        """Start the next block: its lines, at most BLOCK_BYTES and the line that overfills it."""
        taken: list[Entry] = []
        size = 0
        while self._waiting and size < BLOCK_BYTES:
            entry = self._waiting.popleft()
            size += len(entry.line)
            taken.append(entry)
        self._waiting_bytes -= size
        self.under_way, self.opened = taken, now
        return [entry.line for entry in taken]

    def open_tick(self, now: float) -> None:
        """Start a block without lines."""
        self.under_way, self.opened = [], now

    def finish(self, ended: Ended, now: float) -> list[Entry]:
        """The block under way came to its end: its waiters are told; returns its entries."""
        entries, self.under_way = self.under_way or [], None
        if ended.outcome is Outcome.ACKED:
            self.heard = now
        for entry in entries:
            _tell(entry, ended)
        return entries

    def expire(self, now: float, dropped: Callable[[int], None]) -> None:
        """Tell those whose deadline passed; the bytes of those that were not handed over are let go."""
        while self._waiting and self._waiting[0].deadline <= now:
            entry = self._waiting.popleft()
            self._waiting_bytes -= len(entry.line)
            dropped(len(entry.line))
            _tell(entry, Ended(Outcome.NOT_SENT))
        for entry in self.under_way or ():
            if entry.deadline > now:
                break
            _tell(entry, Ended(Outcome.UNKNOWN))

    def is_silent(self, now: float, silence_s: float) -> bool:
        """True when nothing waits or is under way, and the last block is this long ago."""
        return self.under_way is None and not self._waiting and now - self.opened >= silence_s


def _tell(entry: Entry, ended: Ended) -> None:
    if not entry.waiter.done():
        entry.waiter.set_result(ended)
