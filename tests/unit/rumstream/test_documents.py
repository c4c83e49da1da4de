"""What the documents list is what there is."""

import re
import tomllib
from pathlib import Path
from typing import Final

import typer

from rumstream.cli import app

ROOT: Final = Path(__file__).resolve().parents[3]


def test_every_dependency_has_its_reason_once() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    declared = [*project["dependencies"], *(d for extra in project["optional-dependencies"].values() for d in extra)]
    names = {re.split(r"[\[<>=~ ]", requirement)[0] for requirement in declared}
    cells = [
        line.split("|")[1]
        for line in (ROOT / "docs" / "dependencies.md").read_text("utf-8").splitlines()
        if "|" in line
    ]
    extras = {"zstd", "async", "regex"}
    listed = [name for cell in cells for name in re.findall(r"`([a-z0-9.-]+)`", cell) if name not in extras]
    assert sorted(listed) == sorted(names)


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
