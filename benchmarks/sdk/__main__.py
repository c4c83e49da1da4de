"""The SDK's CPU time on a page's main thread, at its start and for each event; and Lighthouse with it and without.

python -m benchmarks.sdk [--rounds 20] [--lighthouse 7] [--only cost|lighthouse]
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path

from benchmarks.result import RESULTS, Figure, keep, show, spread
from tests.lab.node import BROWSER, node


def measured(script: str, rounds: int) -> list[Figure]:
    """The figures of one of the scripts beside this file."""
    path = Path(__file__).with_name(script)
    done = subprocess.run([node(), str(path), str(BROWSER / "dist"), str(rounds)], stdout=subprocess.PIPE, check=True)
    return [f for name, ms in json.loads(done.stdout).items() for f in spread(name, ms, "ms")]


def main() -> None:
    """Measure, keep, show; what was not measured stays as it was."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20, help="pages that are opened with each script")
    parser.add_argument("--lighthouse", type=int, default=7, help="runs of Lighthouse with the SDK, and without")
    parser.add_argument("--only", choices=("cost", "lighthouse"), help="only these figures")
    asked = parser.parse_args()
    figures = []
    if asked.only != "lighthouse":
        figures += measured("cost.mjs", asked.rounds)
    if asked.only != "cost":
        subprocess.run([sys.executable, str(BROWSER / "build.py"), "--lighthouse"], check=True)
        figures += measured("lighthouse.mjs", asked.lighthouse)
    again = {f["name"] for f in figures}
    former: list[Figure] = json.loads((RESULTS / "sdk.json").read_text()) if asked.only else []
    keep(
        "sdk",
        sorted((*(f for f in former if f["name"] not in again), *figures), key=lambda f: "Lighthouse" in f["name"]),
    )
    show("browser SDK", figures)


if __name__ == "__main__":
    main()
