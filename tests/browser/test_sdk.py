"""The browser SDK's own checks, its size, how it is found, and a lock file that names no registry."""

import base64
import gzip
import hashlib
import json
import re
import subprocess
from pathlib import Path

import pytest

from tests.browser.conftest import BROWSER, HERE
from tests.lab.node import node

pytestmark = pytest.mark.browser

DIST = BROWSER / "dist"
LARGEST_GZIPPED = {"rum.js": 6 * 1024, "rum-all.js": 12 * 1024}


def run(*arguments: str) -> None:
    done = subprocess.run([node(), *arguments], cwd=BROWSER, capture_output=True, text=True, timeout=170)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_types_hold(bundle: None) -> None:
    run("node_modules/typescript/bin/tsc", "--noEmit")
    run("node_modules/typescript/bin/tsc", "--noEmit", "-p", "tsconfig.tools.json")


def test_the_laws_of_its_parts_hold(bundle: None) -> None:
    run("node_modules/vitest/vitest.mjs", "run")


@pytest.mark.parametrize("name", LARGEST_GZIPPED)
def test_the_sdk_is_small(bundle: None, name: str) -> None:
    assert len(gzip.compress((DIST / name).read_bytes(), 9)) <= LARGEST_GZIPPED[name]


@pytest.mark.parametrize("name", LARGEST_GZIPPED)
def test_a_versioned_script_is_the_one_that_its_hash_was_made_of(bundle: None, name: str) -> None:
    told = json.loads((DIST / "rum.json").read_text())[name]
    script = (DIST / told["url"].lstrip("/")).read_bytes()
    assert script == (DIST / name).read_bytes()
    assert told["integrity"] == f"sha384-{base64.b64encode(hashlib.sha384(script).digest()).decode()}"
    assert gzip.decompress((DIST / f"{name}.gz").read_bytes()) == script


def test_every_entry_point_has_its_module_and_its_types(bundle: None) -> None:
    for told in json.loads((BROWSER / "package.json").read_text())["exports"].values():
        assert all((BROWSER / place).is_file() for place in told.values()), told


def test_only_web_vitals_is_needed_at_run_time(bundle: None) -> None:
    told = json.loads((BROWSER / "package.json").read_text())
    assert list(told["dependencies"]) == ["web-vitals"]
    imported = {
        name
        for module in (DIST / "esm").glob("*.js")
        for name in re.findall(r'from "([^."][^"]*)"', module.read_text())
    }
    assert imported == {"web-vitals", "web-vitals/attribution", "react"}


@pytest.mark.parametrize("folder", [BROWSER, HERE / "clients"])
def test_a_lock_names_no_registry(folder: Path) -> None:
    packages = json.loads((folder / "package-lock.json").read_text())["packages"]
    assert packages
    assert not [place for place, told in packages.items() if "://" in told.get("resolved", "")]
