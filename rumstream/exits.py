"""Exit codes that the supervisor understands."""

from typing import Final

CONFIGURATION: Final = 78
"""Starting again cannot help: a setting is wrong, something cannot be had (EX_CONFIG of BSD's sysexits.h)."""
