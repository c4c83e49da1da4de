"""A real processor worker as a process of its own: `python -m benchmarks.processor.worker SETTINGS`, JSON."""

import json
import sys
from pathlib import Path
from typing import Any

from benchmarks.processor import timers, windows_alone
from processors.config import ProcessorConfig
from processors.worker import run


def main(told: dict[str, Any]) -> None:
    """Run with ProcessorConfig(**told["config"]); ``mode`` is everything, windows, or timed."""
    if told["mode"] == "windows":
        windows_alone.install()
    elif told["mode"] == "timed":
        timers.install(Path(told["split"]))
    config = told["config"]
    run(ProcessorConfig(**{**config, "data": Path(config["data"])}))


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
