"""kill -9 at the exact places of a checkpoint (F3 to F5), and rebalances in the middle of windows (F13, F44)."""

import asyncio
import signal
from contextlib import AbstractContextManager
from pathlib import Path
from subprocess import Popen

import pytest

from tests.lab.dying_worker import PLACES
from tests.lab.ordeal import LANES, Planned, blocks, produce, uninterrupted
from tests.lab.outcome import compare, expected, written
from tests.lab.servers import running
from tests.lab.sink_traffic import until
from tests.lab.worker import BRIEF

pytestmark = [pytest.mark.fault, pytest.mark.timeout(300)]


@pytest.mark.parametrize("disk", ["its own", "none"])
@pytest.mark.parametrize("place", PLACES)
async def test_killed_at_any_place_of_a_checkpoint_the_rows_are_those_of_a_quiet_run(
    kafka: str, generation: int, tmp_path: Path, place: str, disk: str
) -> None:
    planned = list(blocks(seed=3, count=400))
    want = expected(uninterrupted(generation, planned))
    data, next_data = tmp_path / "data", tmp_path / ("data" if disk == "its own" else "fresh")

    with running(["tests.lab.dying_worker", place, kafka, str(generation), str(data)], tmp_path / "log") as dying:
        await produce(kafka, generation, planned, seconds=4)
        assert await asyncio.to_thread(dying.wait, 60) == -signal.SIGKILL

    with running(["tests.lab.worker", kafka, str(generation), str(next_data), BRIEF], tmp_path / "log") as worker:

        async def all_written() -> bool:
            return await written(kafka, generation, LANES) == want

        await until(all_written, "the rows of a quiet run", worker, seconds=120)
        worker.terminate()
        assert await asyncio.to_thread(worker.wait, 30) == 0
    assert compare(want, await written(kafka, generation, LANES)).failed == []


async def flow(kafka: str, generation: int, planned: Planned, enough: asyncio.Event) -> None:
    """Write the blocks four a second until it was enough, the rest at once."""
    while planned:
        now, planned = (planned, []) if enough.is_set() else (planned[:4], planned[4:])
        await produce(kafka, generation, now, seconds=0 if enough.is_set() else 1)


@pytest.mark.long
async def test_five_rebalances_in_the_middle_of_windows_change_nothing_and_each_worker_ends_in_peace(
    kafka: str, generation: int, tmp_path: Path
) -> None:
    planned = list(blocks(seed=13, count=1_200))
    want = expected(uninterrupted(generation, planned))

    def worker(name: str, log: Path) -> AbstractContextManager[Popen[bytes]]:
        return running(["tests.lab.worker", kafka, str(generation), str(tmp_path / name), BRIEF], log)

    with worker("stays", tmp_path / "stays.log") as stays:
        enough = asyncio.Event()
        traffic = asyncio.create_task(flow(kafka, generation, planned, enough))
        for number in range(5):
            log = tmp_path / f"guest-{number}.log"
            with worker("comes-and-goes", log) as guest:

                async def has_a_lane(log: Path = log) -> bool:
                    return "lane opened" in await asyncio.to_thread(log.read_text)

                await until(has_a_lane, "the guest has a lane", stays, guest)
                guest.terminate()
                assert await asyncio.to_thread(guest.wait, 30) == 0
        enough.set()
        await traffic

        async def all_written() -> bool:
            return await written(kafka, generation, LANES) == want

        await until(all_written, "the rows of a quiet run", stays, seconds=120)
        stays.terminate()
        assert await asyncio.to_thread(stays.wait, 30) == 0
    assert compare(want, await written(kafka, generation, LANES)).failed == []
