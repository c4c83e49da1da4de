"""A lane's blocks: closed when they are due, bounded, and each waiter is told once."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from ingest.blocks import Ended, Entry, Lane, Outcome
from schemas.limits import BLOCK_BYTES

LINGER = 0.005


def entry(line: bytes = b"line", since: float = 0.0, deadline: float = 2.0) -> Entry:
    return Entry(line, asyncio.get_running_loop().create_future(), since, deadline)


async def test_an_idle_lane_is_due_at_once() -> None:
    lane = Lane(LINGER)
    assert lane.due() is None
    lane.add(entry())
    assert lane.due() == float("-inf")


async def test_the_next_block_waits_for_the_linger_and_for_the_block_under_way() -> None:
    lane = Lane(LINGER)
    lane.add(entry())
    lane.close(now=10.0)
    lane.add(entry())
    assert lane.due() is None
    lane.finish(Ended(Outcome.ACKED), now=10.001)
    assert lane.due() == 10.0 + LINGER


async def test_a_full_block_does_not_wait() -> None:
    lane = Lane(LINGER)
    lane.open_tick(now=10.0)
    lane.finish(Ended(Outcome.ACKED), now=10.001)
    lane.add(entry(b"x" * (BLOCK_BYTES - 1)))
    assert lane.due() == 10.0 + LINGER
    lane.add(entry(b"x"))
    assert lane.due() == float("-inf")


@given(st.lists(st.integers(1, BLOCK_BYTES), min_size=1, max_size=20))
def test_every_line_is_in_one_block_in_its_order_and_blocks_are_bounded(sizes: list[int]) -> None:
    async def run() -> None:
        lane, lines, now = Lane(LINGER), [bytes([n]) * size for n, size in enumerate(sizes)], 0.0
        entries = [entry(line) for line in lines]
        for one in entries:
            lane.add(one)
        written: list[bytes] = []
        while lane.due() is not None:
            block = lane.close(now)
            assert block
            assert sum(map(len, block[:-1])) < BLOCK_BYTES
            written += block
            lane.finish(Ended(Outcome.ACKED), now)
        assert written == lines
        assert [e.waiter.result().outcome for e in entries] == [Outcome.ACKED] * len(lines)

    asyncio.run(run())


async def test_at_its_deadline_a_waiter_is_told_whether_the_line_can_be_in_kafka() -> None:
    lane = Lane(LINGER)
    let_go: list[int] = []
    handed_over, waiting, later = entry(deadline=2.0), entry(b"waits", deadline=2.0), entry(deadline=2.1)
    lane.add(handed_over)
    lane.close(now=0.0)
    lane.add(waiting)
    lane.add(later)
    lane.expire(1.999, let_go.append)
    assert not handed_over.waiter.done()
    lane.expire(2.0, let_go.append)
    assert handed_over.waiter.result().outcome is Outcome.UNKNOWN
    assert waiting.waiter.result().outcome is Outcome.NOT_SENT
    assert let_go == [len(b"waits")]
    assert not later.waiter.done()
    assert lane.finish(Ended(Outcome.ACKED), now=30.0) == [handed_over]
    assert lane.close(now=30.0) == [later.line]


async def test_silence_is_a_lane_with_nothing_to_do_for_so_long() -> None:
    lane = Lane(LINGER)
    assert lane.is_silent(now=0.0, silence_s=10)
    lane.open_tick(now=0.0)
    assert not lane.is_silent(now=99.0, silence_s=10)
    lane.finish(Ended(Outcome.ACKED), now=1.0)
    assert not lane.is_silent(now=9.999, silence_s=10)
    assert lane.is_silent(now=10.0, silence_s=10)
    lane.add(entry())
    assert not lane.is_silent(now=10.0, silence_s=10)
