"""JSURL as the npm package `jsurl` and boomerang's compression plugin write it."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.formats.jsurl import structure
from ingest.refusal import Refusal
from schemas.drop_reasons import DropReason


def written(value: Any) -> str:
    """The reference writer of github.com/Sage/jsurl."""
    if value is None:
        return "~null"
    if isinstance(value, bool):
        return "~true" if value else "~false"
    if isinstance(value, (int, float)):
        return f"~{value}"
    if isinstance(value, str):
        return "~'" + _escaped(value)
    if isinstance(value, list):
        return "~(" + ("".join(map(written, value)) or "~") + ")"
    return "~(" + "~".join(_escaped(key) + written(below) for key, below in value.items()) + ")"


def _escaped(text: str) -> str:
    raw = text.encode("utf-16-be", "surrogatepass")
    units = [int.from_bytes(raw[place : place + 2]) for place in range(0, len(raw), 2)]
    return "".join(map(_unit, units))


def _unit(code: int) -> str:
    letter = chr(code)
    if code < 128 and (letter.isalnum() or letter in "_-."):
        return letter
    if letter == "$":
        return "!"
    return f"*{code:02x}" if code < 256 else f"**{code:04x}"


# An empty first key can't be told from a list: the notation has no difference.
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(-1e9, 1e9, width=32) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(min_size=1), inner, max_size=4),
    max_leaves=12,
)


@given(value=values)
def test_what_was_written_is_read(value: Any) -> None:
    assert structure(written(value)) == value


@given(value=st.lists(values, max_size=3))
def test_json_is_read_where_the_page_has_no_compression(value: Any) -> None:
    assert structure(json.dumps(value)) == value


@given(text=st.text("~()'*!%27.-e05atrue\ud800é", max_size=40) | st.text(max_size=20))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        structure(text)
        return
    except Refusal as refusal:
        told = refusal
    assert told.reason is DropReason.EVENT_MALFORMED
    assert told.detail


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (
            "~(name~'John*20Doe~age~42~children~(~'Mary~'Bill))",
            {"name": "John Doe", "age": 42, "children": ["Mary", "Bill"]},
        ),
        ("~%27a", "a"),
        ("~(~)", []),
        ("~()", {}),
        ("~'**d83d**de00", "😀"),
        ("~'**d83d", "\ufffd"),
        ("~1e999", None),
    ],
)
def test_examples(text: str, value: Any) -> None:
    assert structure(text) == value


@pytest.mark.parametrize(
    "text", ["~", "~(", "~(~1", "~(a", "~yes", "~1~2", "~(a~1))", "~nan", "", "{", "~" + "(~" * 40]
)
def test_wrong_ones_are_refused(text: str) -> None:
    with pytest.raises(Refusal):
        structure(text)


def test_32_deep_is_read_and_33_is_not() -> None:
    assert structure("~(" * 31 + "~1" + ")" * 31)
    with pytest.raises(Refusal, match="nested"):
        structure("~(" * 32 + "~1" + ")" * 32)
