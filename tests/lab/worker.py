"""A processor worker for fault tests, with short times: `python -m tests.lab.worker BOOTSTRAP GENERATION DATA [brief]`.

With `brief` sessions and windows are short-lived too, so that forgetting is part of what is tested.
"""

import sys
from dataclasses import replace
from pathlib import Path

from processors.config import ProcessorConfig
from processors.worker import run

SESSION_TIMEOUT_S = 6.0
BRIEF = "brief"


def worker_config(bootstrap: str, generation: int, data: Path) -> ProcessorConfig:
    """Short times for checkpoints; sessions as in production."""
    return ProcessorConfig(
        bootstrap=bootstrap,
        generation=generation,
        data=data,
        session_timeout_s=SESSION_TIMEOUT_S,
        checkpoint_s=0.3,
        emission_s=0.5,
        sample_rate=0.5,
    )


def brief(config: ProcessorConfig) -> ProcessorConfig:
    """Sessions of at most a minute, windows that can change for 80 s, and checkpoints so often that faults hit them."""
    return replace(
        config,
        checkpoint_s=0.05,
        emission_s=0.2,
        window_seconds=10,
        session_gap_s=20,
        session_max_s=60,
        lateness_extra_s=20,
    )


if __name__ == "__main__":
    config = worker_config(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
    run(brief(config) if BRIEF in sys.argv[4:] else config)
