"""`make breaks [ONLY=text]`: break one rule after the other in a copy of the tree and see its test fail.

First every test named must pass on the unbroken copy. The last line says how many breaks were caught.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from enum import Enum
from pathlib import Path
from typing import Final

from tests.lab.broken_rule import Break
from tests.lab.broken_rules import BREAKS

ROOT: Final = Path(__file__).parents[2]
_PASSED: Final = 0
_FAILED: Final = 1
_SECONDS: Final = 900


class Found(Enum):
    """What became of a break. A test that could not run, or hung, has caught nothing."""

    CAUGHT = "caught"
    NOT_CAUGHT = "NOT CAUGHT"
    NOT_RUN = "NOT RUN"


def main() -> int:
    parser = argparse.ArgumentParser(prog="make breaks", description=__doc__)
    parser.add_argument("--only", default="", help="rules, files or tests that contain this text")
    asked = parser.parse_args()
    chosen = [b for b in BREAKS if any(asked.only in part for part in (b.rule, b.file, b.test))]
    if not chosen:
        parser.error(f"no rule, file or test contains {asked.only!r}")
    with tempfile.TemporaryDirectory(prefix="rumstream-breaks-") as folder:
        copy = Path(folder) / "tree"
        copy_tree(copy)
        say(f"{len(chosen)} breaks; first their tests, unbroken")
        if run_tests(copy, sorted({b.test for b in chosen})) != _PASSED:
            say("a test fails without any break: nothing can be told")
            return 1
        found = [one(copy, broken) for broken in chosen]
    caught = found.count(Found.CAUGHT)
    say(f"{caught} caught, {len(found) - caught} not caught")
    return 0 if caught == len(found) else 1


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def copy_tree(to: Path) -> None:
    """All files of the repository as they are now, what git ignores left out."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (ROOT / name).is_file():
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, to / name)


def broken_text(broken: Break, text: str) -> str:
    """The file with the rule broken.

    Raises:
        ValueError: the line is not there, or more than once.
    """
    if text.count(broken.old) != 1:
        raise ValueError(f"{broken.file} has the line of {broken.rule!r} {text.count(broken.old)} times, not once")
    return text.replace(broken.old, broken.new)


def one(copy: Path, broken: Break) -> Found:
    """Break a rule, run its test, repair it."""
    path = copy / broken.file
    whole = path.read_text()
    path.write_text(broken_text(broken, whole))
    try:
        code = run_tests(copy, [broken.test], quiet=True)
    finally:
        path.write_text(whole)
    found = {_FAILED: Found.CAUGHT, _PASSED: Found.NOT_CAUGHT}.get(code, Found.NOT_RUN)
    say(f"{found.value:10s} {broken.rule}  ({broken.file}; {broken.test})")
    return found


def run_tests(copy: Path, tests: list[str], quiet: bool = False) -> int:
    """pytest's exit code; the tests and all they start import from the copy."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests]
    env = {**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    out = subprocess.DEVNULL if quiet else None
    try:
        done = subprocess.run(command, cwd=copy, env=env, stdout=out, stderr=out, timeout=_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return -1
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
