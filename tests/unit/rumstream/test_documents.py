"""What the documents list is what there is."""

import json
import re
import tomllib
from pathlib import Path
from typing import Final

import typer

from rumstream.cli import app

ROOT: Final = Path(__file__).resolve().parents[3]


PACKAGES: Final = ("package.json", "tools/lighthouse/package.json")


def reasons() -> tuple[str, str]:
    """The part of the page on Python's libraries, and the one on the browser's."""
    python, browser = (ROOT / "docs" / "dependencies.md").read_text("utf-8").split("## `browser`")
    return python, browser


def first_cells(page: str) -> list[str]:
    return [line.split("|")[1] for line in page.splitlines() if "|" in line]


def test_every_dependency_has_its_reason_once() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    declared = [*project["dependencies"], *(d for extra in project["optional-dependencies"].values() for d in extra)]
    names = {re.split(r"[\[<>=~ ]", requirement)[0] for requirement in declared}
    extras = {"zstd", "async", "regex"}
    listed = [n for cell in first_cells(reasons()[0]) for n in re.findall(r"`([a-z0-9.-]+)`", cell) if n not in extras]
    assert sorted(listed) == sorted(names)


def test_every_package_of_the_browser_has_its_reason_once() -> None:
    packages = [json.loads((ROOT / "browser" / at).read_text("utf-8")) for at in PACKAGES]
    declared = {name for package in packages for name in package.get("devDependencies", {})}
    listed = [n for cell in first_cells(reasons()[1]) for n in re.findall(r"`([@a-z0-9./-]+)`", cell)]
    types = {name for name in declared if name.startswith("@types/")}  # said in words, beside what they type
    assert sorted(set(listed) - {"rumstream-bundle", "rumstream-lighthouse"}) == sorted(declared - types)


def test_the_readme_names_every_command() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    group = typer.main.get_command(app)
    for name, command in group.commands.items():  # type: ignore[attr-defined]
        for inner in getattr(command, "commands", {"": None}):
            assert f"rumstream {name} {inner}".strip() in readme


def test_the_links_of_the_readme_lead_somewhere() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    links = [link for link in re.findall(r"\]\(([^)]+)\)", readme) if "://" not in link]
    assert links
    assert all((ROOT / link).exists() for link in links)
