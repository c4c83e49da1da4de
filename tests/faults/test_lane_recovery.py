"""What a lane finds when it is opened: its own disk, none, an old one, one of another life, and gaps in Kafka."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from unittest.mock import Mock

import pytest
from aiokafka.errors import IllegalOperation, KafkaError
from faust.types import EventT
from structlog.testing import capture_logs

from processors import changelog, instruments
from processors import lane as lane_module
from processors.core.block import Block
from processors.core.keys import HELD
from processors.core.records import STATE_VERSION, StateVersionError
from processors.lane import OffsetGapError
from processors.ownership import LaneTask
from processors.transaction import LaneProducer
from schemas.topics import BEACONS, STATE, STATE_DELETE_RETENTION_MS
from tests.lab.kafka_lane import KafkaLane
from tests.lab.lane import beacon, vital

pytestmark = [pytest.mark.fault, pytest.mark.timeout(120)]

TRUSTED_S = STATE_DELETE_RETENTION_MS / 2_000


@pytest.fixture
async def worked(kafka: str, generation: int) -> KafkaLane:
    """A lane whose blocks are written and not yet worked on."""
    lane = KafkaLane(kafka, generation)
    await lane.write_traffic()
    return lane


def later(seconds: float) -> Callable[[], float]:
    """A clock that stands still, so many seconds after now."""
    at = time.time() + seconds
    return lambda: at


def wiped(logs: list[Any]) -> list[str]:
    return [entry["why"] for entry in logs if entry["event"] == "local store wiped"]


async def test_with_its_disk_without_it_and_with_one_from_before_the_rows_are_the_same(
    worked: KafkaLane, tmp_path: Path
) -> None:
    third = worked.end // 3
    await worked.work(tmp_path / "a", third)
    await worked.work(tmp_path / "b", 2 * third)
    with capture_logs() as logs:
        await worked.work(tmp_path / "a", worked.end)
    await worked.work(tmp_path / "fresh", worked.end)
    assert await worked.written() == worked.uninterrupted()
    assert worked.stored(tmp_path / "a") == worked.stored(tmp_path / "fresh") != {}
    assert wiped(logs) == []


async def forget_all(lane: KafkaLane) -> None:
    """Two blocks of one visitor so long after all others that the state of those is forgotten."""
    now = int(time.time() * 1000)
    for number in range(2):
        event = vital("LCP", 100.0, now - 60_000, metric_id="last")
        told = beacon(
            [event], beacon_id=f"last{number}", site="shop", session_id="last", received_at=now - 60_000, seq=number
        )
        await lane.write([told])


async def test_a_disk_that_may_have_missed_tombstones_brings_nothing_back(worked: KafkaLane, tmp_path: Path) -> None:
    await worked.work(tmp_path / "old", worked.end)
    old = worked.stored(tmp_path / "old")
    await forget_all(worked)
    await worked.work(tmp_path / "other", worked.end - 1)
    tombstones_end = await worked.state_end()
    await worked.work(tmp_path / "other", worked.end)
    await worked.delete_before(STATE, tombstones_end)
    with capture_logs() as logs:
        await worked.work(tmp_path / "old", worked.end, later(TRUSTED_S + 60))
    await worked.work(tmp_path / "fresh", worked.end)
    assert "tombstones" in wiped(logs)[0]
    assert worked.stored(tmp_path / "old") == worked.stored(tmp_path / "fresh")
    assert set(worked.stored(tmp_path / "fresh")) < set(old) | set(worked.stored(tmp_path / "other"))
    assert len(worked.stored(tmp_path / "fresh")) < 10 < len(old)
    assert await worked.written() == worked.uninterrupted()


@pytest.mark.parametrize(("seconds", "wipes"), [(TRUSTED_S, 0), (TRUSTED_S + 0.001, 1)])
async def test_a_disk_is_trusted_for_half_the_time_a_tombstone_lasts(
    worked: KafkaLane, tmp_path: Path, seconds: float, wipes: int
) -> None:
    began = float(int(time.time()))
    await worked.work(tmp_path / "a", worked.end, lambda: began)
    with capture_logs() as logs:
        await worked.work(tmp_path / "a", worked.end, lambda: began + seconds)
    assert len(wiped(logs)) == wipes


async def test_a_state_of_a_newer_version_is_refused_by_name_and_nothing_is_written(
    worked: KafkaLane, tmp_path: Path
) -> None:
    await worked.work(tmp_path / "a", 6)
    rows, end = await worked.written(), await worked.state_end()
    for key, value in worked.stored(tmp_path / "a").items():
        await worked.write_state(key, bytes((STATE_VERSION + 1,)) + value[1:])
    with pytest.raises(StateVersionError, match=f"state version {STATE_VERSION + 1}.*newer version"):
        await worked.work(tmp_path / "fresh", worked.end)
    assert await worked.written() == rows
    assert await worked.state_end() == end + len(worked.stored(tmp_path / "a"))


async def test_what_is_forgotten_is_a_tombstone_for_every_other_disk(worked: KafkaLane, tmp_path: Path) -> None:
    await worked.work(tmp_path / "a", worked.end)
    await forget_all(worked)
    await worked.work(tmp_path / "b", worked.end)
    await worked.work(tmp_path / "a", worked.end)
    await worked.work(tmp_path / "fresh", worked.end)
    assert worked.stored(tmp_path / "a") == worked.stored(tmp_path / "fresh") == worked.stored(tmp_path / "b")
    # what is held back is forgotten by the broker's time, which a test can't turn: the core's laws hold that
    assert len([key for key in worked.stored(tmp_path / "a") if key[:1] != HELD]) < 10


@pytest.mark.parametrize("life", ["shorter", "longer"])
async def test_a_state_topic_made_anew_is_filled_from_the_blocks_and_no_old_disk_is_believed(
    worked: KafkaLane, tmp_path: Path, life: str
) -> None:
    half = worked.end // 2
    await worked.work(tmp_path / "a", half if life == "shorter" else 1)
    before = await worked.state_end()
    await worked.recreate_state()
    await worked.work(tmp_path / "b", 1 if life == "shorter" else half)
    assert (await worked.state_end() < before) is (life == "shorter")
    with capture_logs() as logs:
        await worked.work(tmp_path / "a", worked.end)
    await worked.work(tmp_path / "fresh", worked.end)
    assert len(wiped(logs)) == 1
    assert worked.stored(tmp_path / "a") == worked.stored(tmp_path / "fresh")
    got, want = await worked.written(), worked.uninterrupted()
    assert {k: got[k] for k in ("windows", "sessions", "ledger")} == {
        k: want[k] for k in ("windows", "sessions", "ledger")
    }
    assert set(got["samples"]) == set(want["samples"])  # the same identities again, for sinks that replace


async def test_a_disk_on_an_emptied_state_topic_is_wiped(worked: KafkaLane, tmp_path: Path) -> None:
    await worked.work(tmp_path / "a", 3)
    await worked.delete_before(STATE, await worked.state_end())
    with capture_logs() as logs:
        await worked.work(tmp_path / "a", worked.end)
    assert len(wiped(logs)) == 1
    got, want = await worked.written(), worked.uninterrupted()
    assert (got["windows"], got["sessions"]) == (want["windows"], want["sessions"])


@pytest.mark.parametrize("deleted_before", [10, 16])
async def test_blocks_that_retention_took_first_are_counted_and_the_lane_goes_on(
    worked: KafkaLane, tmp_path: Path, deleted_before: int
) -> None:
    await worked.work(tmp_path / "a", 6)
    await worked.delete_before(BEACONS, deleted_before)
    lost = instruments.LOST_BLOCKS._value.get()
    with capture_logs() as logs:
        await worked.work(tmp_path / "a", 16)
    await worked.work(tmp_path / "a", worked.end)
    assert instruments.LOST_BLOCKS._value.get() - lost == deleted_before - 6
    (told,) = [e for e in logs if e["event"] == "blocks lost to retention"]
    assert (told["log_level"], told["first"], told["last"]) == ("error", 6, deleted_before - 1)
    assert await worked.written() == worked.uninterrupted(lost=range(6, deleted_before))


async def test_a_former_owner_can_commit_nothing_from_the_moment_the_state_is_read(
    worked: KafkaLane, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with worked.opened(tmp_path / "old", 8) as former:

        async def restore(*arguments: Any) -> Any:
            found = await changelog.restore(*arguments)
            with pytest.raises((KafkaError, IllegalOperation)):
                await former.checkpoint()
            return found

        monkeypatch.setattr(lane_module, "restore", restore)
        await worked.work(tmp_path / "new", worked.end)
    assert await worked.written() == worked.uninterrupted()


@pytest.mark.parametrize("disk", ["the same", "another"])
async def test_what_a_dead_owner_sent_without_a_commit_never_was(
    worked: KafkaLane, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, disk: str
) -> None:
    await worked.work(tmp_path / "the same", 5)
    async with worked.opened(tmp_path / "the same", 12) as dying:

        async def killed() -> None:
            raise KafkaError("killed before the commit")

        monkeypatch.setattr(dying._producer._producer, "commit_transaction", killed)
        with pytest.raises(KafkaError, match="killed"):
            await dying.checkpoint()
    await worked.work(tmp_path / disk, worked.end)
    assert await worked.written() == worked.uninterrupted()


async def test_a_commit_that_the_local_store_never_heard_of_counts_once(
    worked: KafkaLane, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await worked.work(tmp_path / "a", 5)
    async with worked.opened(tmp_path / "a", 12) as dying:

        def killed(*_: object) -> None:
            raise OSError("killed before the local write")

        monkeypatch.setattr(dying._store, "write", killed)
        with pytest.raises(OSError, match="killed"):
            await dying.checkpoint()
    await worked.work(tmp_path / "a", worked.end)
    assert await worked.written() == worked.uninterrupted()


async def test_a_block_that_is_known_is_only_acknowledged_and_a_missing_one_stops_the_worker(
    worked: KafkaLane, tmp_path: Path
) -> None:
    first, second, third = (cast(EventT, object()) for _ in range(3))
    await worked.work(tmp_path / "a", 6)
    async with worked.opened(tmp_path / "a", 6) as lane:
        for known in (5, 4):
            lane.apply(Block(offset=known, appended_at=0, lines=[b"{"]), first)
        assert await lane.checkpoint() == [first, first]
        lane.apply(Block(offset=6, appended_at=0, lines=[]), second)
        with pytest.raises(OffsetGapError, match="block 8 follows 6"):
            lane.apply(Block(offset=8, appended_at=0, lines=[]), third)


def delivered(offset: int) -> EventT:
    """What Faust hands over: an event of an empty block."""
    message = SimpleNamespace(offset=offset, timestamp=0.0, value=b"", headers=None)
    return cast(EventT, Mock(spec=EventT, message=message))


@pytest.mark.parametrize("fails", [False, True])
async def test_a_block_is_acknowledged_after_its_commit_and_never_without(
    kafka: str, generation: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails: bool
) -> None:
    happened: list[str] = []
    commit = LaneProducer.commit

    async def watched(self: LaneProducer, parts: Any) -> int:
        if fails:
            raise KafkaError("no commit")
        at = await commit(self, parts)
        happened.append("commit")
        return at

    async def ack(event: EventT) -> None:
        happened.append(f"ack {event.message.offset}")

    monkeypatch.setattr(LaneProducer, "commit", watched)
    failures: list[BaseException] = []
    task = LaneTask(KafkaLane(kafka, generation).config(tmp_path), 0, ack, failures.append)
    for offset in range(2):
        await task.put(delivered(offset))
    await asyncio.wait_for(task.finish(), 30)
    if fails:
        assert (happened, [str(e) for e in failures]) == ([], ["KafkaError: no commit"])
    else:
        assert happened == ["commit", "ack 0", "ack 1"]
        assert failures == []
