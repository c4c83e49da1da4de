"""The tables of docs/testing.md from the list of breaks (`make docs`)."""

import re
from pathlib import Path
from typing import Final

from tests.lab.broken_rules import BREAKS

DOCS: Final = Path(__file__).parents[2] / "docs" / "testing.md"
_BEGIN: Final = "<!-- from tests/lab/broken_rules.py by `make docs` -->\n"


def main() -> None:
    head = DOCS.read_text().partition(_BEGIN)[0]
    DOCS.write_text(head + tables())


def tables() -> str:
    """The end of the document."""
    lines = [
        "| rule | the break | the test that caught it |",
        "|---|---|---|",
        *(
            f"| {b.rule} | `{b.file}`: `{_shown(b.old)}` → {f'`{_shown(b.new)}`' if b.new else 'nothing'} "
            f"| {_named(b.test)} |"
            for b in BREAKS
        ),
    ]
    return _BEGIN + "\n".join(lines) + "\n"


def _shown(code: str) -> str:
    return re.sub(r"\s+", " ", code).strip().replace("|", "\\|")


def _named(test: str) -> str:
    file, _, name = test.removeprefix("tests/").partition("::")
    return f"`{file}`" + (f" `{name}`" if name else "")


if __name__ == "__main__":
    main()
