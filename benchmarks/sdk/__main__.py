"""The SDK's CPU time on a page's main thread: at its start, and for each event.

python -m benchmarks.sdk [--rounds 20]
"""

import argparse
import json
import subprocess
from pathlib import Path

from benchmarks.result import keep, show, spread
from tests.lab.node import BROWSER, node


def main() -> None:
    """Measure, keep, show."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20, help="pages that are opened with each script")
    rounds = parser.parse_args().rounds
    script = Path(__file__).with_name("cost.mjs")
    done = subprocess.run([node(), str(script), str(BROWSER / "dist"), str(rounds)], capture_output=True, check=True)
    figures = [f for name, ms in json.loads(done.stdout).items() for f in spread(name, ms, "ms")]
    keep("sdk", figures)
    show("browser SDK, main thread", figures)


if __name__ == "__main__":
    main()
