"""The command line as an operator calls it."""

import os
import subprocess
import sys


def rumstream(
    kafka: str, generation: int, lanes: int, *arguments: str, typed: str = ""
) -> subprocess.CompletedProcess[str]:
    """A command with these topics, what it said, and how it ended. ``typed`` is what the operator types."""
    told = {"KAFKA_BOOTSTRAP": kafka, "GENERATION": generation, "LANES": lanes}
    env = {**os.environ, **{f"RUMSTREAM_{name}": str(value) for name, value in told.items()}}
    return subprocess.run(
        [sys.executable, "-m", "rumstream", *arguments],
        env=env, input=typed, capture_output=True, text=True, timeout=90, check=False,
    )  # fmt: skip
