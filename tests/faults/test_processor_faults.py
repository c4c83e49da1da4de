"""Workers killed, stopped and robbed of their disks while beacons keep coming: nothing lost, nothing twice."""

from pathlib import Path

import pytest

from tests.lab.ordeal import drawn_faults, ordeal


@pytest.mark.fault
@pytest.mark.timeout(300)
async def test_faults_of_two_workers_change_no_count_no_sum_and_no_bucket(
    kafka: str, generation: int, tmp_path: Path
) -> None:
    faults = ["SIGKILL", "SIGSTOP", "lost disk", "SIGTERM", "SIGKILL", "SIGSTOP"]
    verdict = await ordeal(kafka, generation, tmp_path, faults, seed=1)
    assert verdict.failed == []
    assert verdict.passed > 1_000


@pytest.mark.fault
@pytest.mark.long
@pytest.mark.timeout(900)
async def test_thirty_faults_change_no_count_no_sum_and_no_bucket(kafka: str, generation: int, tmp_path: Path) -> None:
    verdict = await ordeal(kafka, generation, tmp_path, drawn_faults(30, seed=30), seed=30)
    assert verdict.failed == []
    assert verdict.passed > 5_000
