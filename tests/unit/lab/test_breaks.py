"""The list of breaks stays in step with the code: each line is where it is said to be, each test is there."""

import re
from pathlib import Path

import pytest

from tests.lab.breaks import broken_text
from tests.lab.breaks_table import DOCS, tables
from tests.lab.broken_rule import Break
from tests.lab.broken_rules import BREAKS

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("broken", BREAKS, ids=lambda b: b.rule)
def test_a_break_can_be_made_and_changes_its_file(broken: Break) -> None:
    whole = (ROOT / broken.file).read_text()
    assert broken_text(broken, whole) != whole


@pytest.mark.parametrize("test", sorted({b.test for b in BREAKS}))
def test_a_test_that_guards_a_rule_is_there(test: str) -> None:
    file, _, name = test.partition("::")
    text = (ROOT / file).read_text()
    assert not name or re.search(rf"def {name}\(", text)


def test_a_line_that_is_not_there_once_breaks_nothing() -> None:
    for text in ("", "x = 1\nx = 1\n"):
        with pytest.raises(ValueError, match="not once"):
            broken_text(Break("rule", "file", "x = 1", "x = 2", "test"), text)


def test_rules_are_named_once() -> None:
    rules = [b.rule for b in BREAKS]
    assert len(set(rules)) == len(rules)


def test_the_docs_show_the_list_as_it_is() -> None:
    assert DOCS.read_text().endswith(tables())
