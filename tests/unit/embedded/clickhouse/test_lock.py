"""A data folder has one process."""

import os
from pathlib import Path

import pytest

from embedded.clickhouse.lock import StartError, locked


def test_a_second_owner_is_told_who_the_first_is(tmp_path: Path) -> None:
    with locked(tmp_path / "new"), pytest.raises(StartError, match=f"in use by process {os.getpid()}"):
        locked(tmp_path / "new")


def test_a_lock_left_can_be_taken(tmp_path: Path) -> None:
    with locked(tmp_path):
        pass
    with locked(tmp_path):
        assert (tmp_path / "lock").read_text().strip() == str(os.getpid())


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StartError, match="cannot be written"):
        locked(tmp_path / "file" / "data")
