"""A processor worker for fault tests: `python -m tests.lab.worker BOOTSTRAP GENERATION DATA`, with short times."""

import sys
from pathlib import Path

from processors.config import ProcessorConfig
from processors.worker import run

SESSION_TIMEOUT_S = 6.0

if __name__ == "__main__":
    run(
        ProcessorConfig(
            bootstrap=sys.argv[1],
            generation=int(sys.argv[2]),
            data=Path(sys.argv[3]),
            session_timeout_s=SESSION_TIMEOUT_S,
            checkpoint_s=0.3,
            emission_s=0.5,
            sample_rate=0.5,
        )
    )
