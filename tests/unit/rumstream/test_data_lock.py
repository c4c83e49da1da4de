"""One `up` for a data folder; the guardian's inherited lock keeps it until the parts have ended."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from rumstream.supervisor import data_lock
from rumstream.supervisor.data_lock import DataInUseError, lock_data


def test_a_second_up_on_the_same_folder_is_refused(tmp_path: Path) -> None:
    first = lock_data(tmp_path)
    with pytest.raises(DataInUseError, match=rf"process {os.getpid()}.*RUMSTREAM_DATA"):
        lock_data(tmp_path)
    os.close(first)


def test_another_folder_is_another_matter(tmp_path: Path) -> None:
    first, second = lock_data(tmp_path / "a"), lock_data(tmp_path / "b")
    os.close(first)
    os.close(second)


def test_the_folder_is_free_when_its_up_has_ended(tmp_path: Path) -> None:
    os.close(lock_data(tmp_path))
    os.close(lock_data(tmp_path))


def test_what_a_killed_up_left_is_waited_for(tmp_path: Path) -> None:
    first = lock_data(tmp_path)
    (tmp_path / "up.lock").write_text(f"{ended_pid()}\n")
    leftover = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, pass_fds=(first,))
    os.close(first)
    assert leftover.stdin
    leftover.stdin.close()  # it ends in a moment, and the lock with it
    os.close(lock_data(tmp_path))
    leftover.wait()


def test_the_wait_for_what_was_left_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data_lock, "_LEFTOVERS_S", 0.1)
    first = lock_data(tmp_path)
    (tmp_path / "up.lock").write_text(f"{ended_pid()}\n")
    with pytest.raises(DataInUseError, match="RUMSTREAM_DATA"):
        lock_data(tmp_path)
    os.close(first)


def ended_pid() -> int:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    return ended.pid
