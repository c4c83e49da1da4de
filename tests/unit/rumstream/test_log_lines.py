"""One event is one line, whatever is in its values."""

import json
import logging
from unicodedata import bidirectional

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from rumstream.log_lines import configure_logs, escape_control_characters, one_line


@pytest.fixture(autouse=True)
def logs_as_before() -> object:
    root = logging.getLogger()
    before, level = root.handlers, root.level
    yield
    root.handlers = before
    root.setLevel(level)
    structlog.reset_defaults()


@given(st.text() | st.text(st.sampled_from("a\u202e\u2066\u200f\x1b\x9b\u2028\r\n")))
def test_no_text_keeps_a_control_character(text: str) -> None:
    escaped = one_line(text)
    assert len(escaped.splitlines()) <= 1
    assert not any(ord(c) < 0x20 or 0x7F <= ord(c) < 0xA0 for c in escaped)
    assert not any(bidirectional(c) in {"LRE", "RLE", "PDF", "LRO", "RLO", "LRI", "RLI", "FSI", "PDI"} for c in escaped)


@given(st.recursive(st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=5))
def test_no_nested_value_keeps_one_either(value: object) -> None:
    assert "\n" not in str(escape_control_characters(None, "info", {"value": value}).values())


def test_plain_text_is_left_alone() -> None:
    text = "Größe 12 µs, 東京"
    assert one_line(text) == text


@pytest.mark.parametrize("form", ["json", "human"])
def test_an_input_cannot_forge_a_line(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("info", form, "collector")  # type: ignore[arg-type]
    structlog.get_logger().warning("refused", why="x\r\n\x1b[31mGET /admin 200\n", n=1)
    logging.getLogger("uvicorn.error").warning("bad path %s", "/a\nb\x1b[2J")
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    assert "\x1b[31m" not in lines[0]
    assert "\x1b[2J" not in lines[1]
    assert all("collector" in line for line in lines)


def test_a_traceback_is_on_the_line_of_its_event(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("info", "json", "processor")
    try:
        raise ValueError("broken\nline")
    except ValueError:
        structlog.get_logger().exception("failed", lane=3)
    [line] = capsys.readouterr().err.splitlines()
    said = json.loads(line)
    assert (said["event"], said["lane"], said["part"], said["level"]) == ("failed", 3, "processor", "error")
    assert "ValueError: broken" in said["exception"]


def test_less_severe_lines_are_not_written(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("warning", "json", "api")
    structlog.get_logger().info("quiet")
    logging.getLogger("somebody").info("quiet")
    assert capsys.readouterr().err == ""
