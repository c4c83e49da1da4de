"""`make chaos FAULTS=30 SEED=n`: the ordeal with any number of faults, on a Kafka of its own.

Every window, session, ledger minute and sample is one check; the last line says how many passed and failed.
"""

import argparse
import asyncio
import random
import sys
import tempfile
import traceback
from pathlib import Path

from tests.lab.ordeal import LANES, drawn_faults, ordeal
from tests.lab.outcome import Verdict
from tests.lab.servers import create_topics, kafka_answers, running, unused_port, wait_until

GENERATION = 1
_SHOWN_FAILURES = 20


def main() -> int:
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--faults", type=int, default=30)
    parser.add_argument("--seed", type=int, default=None, help="drawn and printed where it is not given")
    asked = parser.parse_args()
    seed = random.randrange(2**32) if asked.seed is None else asked.seed
    say(f"{asked.faults} faults, seed {seed}")
    folder = Path(tempfile.mkdtemp(prefix="rumstream-chaos-"))
    try:
        verdict = _run(folder, asked.faults, seed)
    except Exception as error:  # noqa: BLE001 - a run that breaks off has failed, and its last line says so
        traceback.print_exc()
        verdict = Verdict()
        verdict.check(False, f"the run broke off: {error!r}")
    for failure in verdict.failed[:_SHOWN_FAILURES]:
        say(failure)
    if verdict.failed:
        say(f"seed {seed}; what the workers said is in {folder}")
    say(f"{verdict.passed} passed, {len(verdict.failed)} failed")
    return 1 if verdict.failed else 0


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _run(folder: Path, faults: int, seed: int) -> Verdict:
    port = unused_port()
    address = f"127.0.0.1:{port}"
    arguments = ["embedded.kafka", "--data", str(folder / "kafka"), "--port", str(port)]
    with running(arguments, folder / "kafka.log") as kafka:
        wait_until(lambda: asyncio.run(kafka_answers(address)), f"Kafka, see {folder / 'kafka.log'}", kafka)
        asyncio.run(create_topics(address, GENERATION, LANES))
        return asyncio.run(ordeal(address, GENERATION, folder, drawn_faults(faults, seed), seed, say))


if __name__ == "__main__":
    sys.exit(main())
