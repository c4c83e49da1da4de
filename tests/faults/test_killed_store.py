"""kill -9 of a process that writes a local store, which keeps no log of its own."""

import os
import signal
from pathlib import Path

import pytest

from processors.store import LaneStore
from tests.lab.dying_store import KEYS, batch_of
from tests.lab.servers import running, wait_until

pytestmark = [pytest.mark.fault, pytest.mark.timeout(120)]


@pytest.mark.parametrize("batches", [70, 110])
def test_a_store_that_was_killed_holds_whole_batches_and_the_stamp_of_the_last(tmp_path: Path, batches: int) -> None:
    log, folder = tmp_path / "log", tmp_path / "store"
    with running(["tests.lab.dying_store", str(folder)], log) as process:
        wait_until(lambda: log.read_bytes().count(b"\n") >= batches, f"{batches} batches", process)
        os.kill(process.pid, signal.SIGKILL)
        assert process.wait(30) == -signal.SIGKILL
    store = LaneStore(folder)
    try:
        stamp = store.stamp()
        assert stamp is not None
        assert len(list(store.keys(b"k", b"l"))) == KEYS
        assert {key: store.get(key) for key in store.keys(b"k", b"l")} == dict(batch_of(stamp.record_offset))
    finally:
        store.close()
