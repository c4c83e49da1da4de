"""One `up` for a data folder."""

import fcntl
import os
import time
from pathlib import Path
from typing import Final

_LEFTOVERS_S: Final = 12.0
_LOOK_EVERY_S: Final = 0.1


class DataInUseError(Exception):
    """Another `up` runs on the folder; the message says which process and what to do."""


def lock_data(data: Path) -> int:
    """Lock the folder for this process and those that inherit the returned descriptor.

    The guardian inherits it: after a killed `up` the folder stays locked until its parts have ended, for which this
    waits a little.

    Raises:
        DataInUseError: another `up` holds it.
    """
    data.mkdir(parents=True, exist_ok=True)
    path = data / "up.lock"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    deadline = time.monotonic() + _LEFTOVERS_S
    while not _try_lock(descriptor):
        owner = path.read_text("ascii").strip()
        if _is_alive(owner) or time.monotonic() > deadline:
            os.close(descriptor)
            raise DataInUseError(
                f"`rumstream up` (process {owner or 'unknown'}) already runs on {data.resolve()}: "
                "stop it, or choose another folder by RUMSTREAM_DATA"
            )
        time.sleep(_LOOK_EVERY_S)
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
    return descriptor


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_alive(pid: str) -> bool:
    if not pid.isdigit():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
