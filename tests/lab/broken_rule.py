"""A rule, with the one line that breaks it and the test that must catch that."""

from typing import Final, NamedTuple


class Break(NamedTuple):
    """``old`` stands once in ``file``; with ``new`` in its place the ``rule`` is broken and ``test`` must fail."""

    rule: str
    file: str
    old: str
    new: str
    test: str


UNIT: Final = "tests/unit/"
FAULTS: Final = "tests/faults/"
INTEGRATION: Final = "tests/integration/"
CORE: Final = UNIT + "processors/"
SKETCH: Final = UNIT + "schemas/test_sketch.py::"
