"""Ends the parts if the supervisor is killed: `python -m rumstream.supervisor.guardian`, started by `up` itself.

Its stdin is a pipe that only the supervisor and, between fork and exec, its children can write to: `+<group>` for a
process group that lives, `-<group>` for one that has ended. The pipe's end means that the supervisor is gone, however
it went; what is still alive then is asked to end, and killed if it does not. It needs nothing but POSIX, so it works
where Linux's PR_SET_PDEATHSIG does not exist, and also for a JVM.
"""

import os
import signal
import sys
import time
from collections.abc import Iterable
from typing import BinaryIO, Final

GRACE_S: Final = 8.0
_LOOK_EVERY_S: Final = 0.05


def watch(orders: BinaryIO, grace_s: float = GRACE_S) -> None:
    """Follow the orders until the pipe ends, then end every group that is left. Blocks."""
    groups: dict[int, None] = {}
    for line in orders:
        group = int(line[1:])
        if line[:1] == b"+":
            groups[group] = None
        else:
            groups.pop(group, None)
    end(groups, grace_s)


def end(groups: Iterable[int], grace_s: float) -> None:
    """SIGTERM to each process group, SIGKILL to what is alive after ``grace_s``."""
    left = [group for group in groups if send(group, signal.SIGTERM)]
    deadline = time.monotonic() + grace_s
    while left and time.monotonic() < deadline:
        time.sleep(_LOOK_EVERY_S)
        left = [group for group in left if send(group, 0)]
    for group in left:
        send(group, signal.SIGKILL)


def send(group: int, signal_number: int) -> bool:
    """Signal a process group; whether there is one. Signal 0 only asks."""
    try:
        os.killpg(group, signal_number)
    except ProcessLookupError:
        return False
    return True


if __name__ == "__main__":
    watch(sys.stdin.buffer)
