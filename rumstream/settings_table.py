"""docs/settings.md from the settings themselves: `python -m rumstream.settings_table` writes it."""

from pathlib import Path
from typing import Any, Final, get_args

from pydantic.fields import FieldInfo

from rumstream.settings import Settings, variable

DOCUMENT: Final = Path(__file__).resolve().parent.parent / "docs" / "settings.md"
_HEAD: Final = """\
# Settings

Every part reads these environment variables, or the same lines from a file `.env` in the working directory (the
environment wins). A value that cannot be used ends the command with a message that names the variable.
This table is written by `make docs` from `rumstream/settings.py`; a test holds the two together.

| variable | default | values | meaning |
|---|---|---|---|
"""


def settings_document() -> str:
    """The Markdown text: one row a variable, in the order of the class."""
    return _HEAD + "".join(_row(name, field) for name, field in Settings.model_fields.items())


def _row(name: str, field: FieldInfo) -> str:
    default = f"`{field.default}`" if str(field.default or "") else ""
    return f"| `{variable(name)}` | {default} | {_values(field)} | {field.description} |\n"


def _values(field: FieldInfo) -> str:
    choices = [a for a in get_args(field.annotation) if isinstance(a, str)]
    if choices:
        return ", ".join(f"`{choice}`" for choice in choices)
    limits = {key: _limit(field, key) for key in ("ge", "gt", "le")}
    low = f"from {limits['ge']}" if limits["ge"] is not None else f"over {limits['gt']}"
    high = f" to {limits['le']}" if limits["le"] is not None else ""
    return (low if (limits["ge"], limits["gt"]) != (None, None) else "") + high


def _limit(field: FieldInfo, key: str) -> Any:
    return next((getattr(m, key) for m in field.metadata if hasattr(m, key)), None)


if __name__ == "__main__":
    DOCUMENT.parent.mkdir(exist_ok=True)
    DOCUMENT.write_text(settings_document(), "utf-8")
