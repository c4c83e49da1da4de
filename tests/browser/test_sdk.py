"""The browser SDK's own checks, its size, and a lock file that names no registry."""

import gzip
import json
import subprocess
from pathlib import Path

import pytest

from tests.browser.conftest import BROWSER, HERE
from tests.lab.node import node

pytestmark = pytest.mark.browser

LARGEST_GZIPPED = 6 * 1024


def run(*arguments: str) -> None:
    done = subprocess.run([node(), *arguments], cwd=BROWSER, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_types_hold(bundle: None) -> None:
    run("node_modules/typescript/bin/tsc", "--noEmit")


def test_the_laws_of_sessions_queue_and_outbox_hold(bundle: None) -> None:
    run("--test", *(str(f) for f in sorted((BROWSER / "src").glob("*.test.mjs"))))


def test_the_sdk_is_small(bundle: None) -> None:
    assert len(gzip.compress((BROWSER / "dist" / "rum.js").read_bytes(), 9)) <= LARGEST_GZIPPED


@pytest.mark.parametrize("folder", [BROWSER, HERE / "clients"])
def test_a_lock_names_no_registry(folder: Path) -> None:
    packages = json.loads((folder / "package-lock.json").read_text())["packages"].values()
    assert packages
    assert not any("resolved" in package for package in packages)
