"""A lane's store that is written until somebody kills the process: `python -m tests.lab.dying_store FOLDER`."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from processors.store import LaneStore, Stamp

KEYS: Final = 200
_VALUE_BYTES: Final = 4_000
"""So that a memtable is full after some twenty batches, in the middle of one."""


def batch_of(number: int) -> Iterator[tuple[bytes, bytes]]:
    """What the batch writes: each of the same keys anew."""
    for key in range(KEYS):
        yield b"k%d" % key, (b"%d " % number).ljust(_VALUE_BYTES, b"x")


if __name__ == "__main__":
    store, number = LaneStore(Path(sys.argv[1])), 0
    while True:
        store.write(batch_of(number), Stamp("birth", 1, number, 0))
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()
        number += 1
