"""One process per data folder: two engines on one folder would write over each other."""

import fcntl
import os
from pathlib import Path
from typing import IO


class StartError(Exception):
    """ClickHouse cannot start here; the message says why and what to do."""


def locked(folder: Path) -> IO[str]:
    """The folder's lock, held until the file is closed or the process dies, however it dies.

    Raises:
        StartError: another process has it, or the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = (folder / "lock").open("a+", encoding="utf-8")
    except OSError as error:
        raise StartError(f"the data folder {folder} cannot be written ({error.strerror})") from error
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        file.seek(0)
        owner = file.read().strip()
        file.close()
        said = f"the data folder {folder} is in use by process {owner}: stop that one, or choose another folder"
        raise StartError(said) from error
    file.truncate(0)
    file.write(f"{os.getpid()}\n")
    file.flush()
    return file
