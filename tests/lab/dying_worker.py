"""A worker that dies by SIGKILL at an exact place: `python -m tests.lab.dying_worker PLACE BOOTSTRAP GENERATION DATA`.

The signal is a real one; only the moment is chosen, by stepping in where the worker comes by.
"""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from aiokafka import AIOKafkaProducer

from processors.store import LaneStore
from processors.worker import run
from tests.lab.worker import brief, worker_config

BEFORE_COMMIT: Final = "before-commit"
BEFORE_LOCAL_WRITE: Final = "before-local-write"
BEFORE_ACK: Final = "before-ack"
PLACES: Final = (BEFORE_COMMIT, BEFORE_LOCAL_WRITE, BEFORE_ACK)
CHECKPOINT: Final = 5
"""The worker dies in this one: what came before is committed."""


def arm(place: str) -> None:
    """Have this process killed when it comes to this place for the CHECKPOINT-th time."""
    came = 0

    def here() -> None:
        nonlocal came
        came += 1
        if came == CHECKPOINT:
            os.kill(os.getpid(), signal.SIGKILL)

    commit: Callable[..., Any] = AIOKafkaProducer.commit_transaction
    write: Callable[..., Any] = LaneStore.write

    async def commit_transaction(self: AIOKafkaProducer) -> None:
        if place == BEFORE_COMMIT:
            here()
        await commit(self)
        if place == BEFORE_LOCAL_WRITE:
            here()

    def local_write(self: LaneStore, *arguments: Any) -> None:
        write(self, *arguments)
        if place == BEFORE_ACK:
            here()

    AIOKafkaProducer.commit_transaction = commit_transaction
    setattr(LaneStore, "write", local_write)  # noqa: B010 - mypy takes no method for another


if __name__ == "__main__":
    arm(sys.argv[1])
    run(brief(worker_config(sys.argv[2], int(sys.argv[3]), Path(sys.argv[4]))))
