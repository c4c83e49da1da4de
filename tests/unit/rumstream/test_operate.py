"""How the operator's commands read and write."""

import io
import re

import pytest
from rich.console import Console
from typer.testing import CliRunner

from processors.dead_letters.replay import Outcome
from processors.dead_letters.scan import Found, Span
from processors.dead_letters.summary import Summary
from rumstream.cli import app
from rumstream.exits import CONFIGURATION
from rumstream.operate.letter_table import group_table, letter_lines, outcome_lines, unread_lines
from rumstream.operate.since import since
from rumstream.operate.state import QuestionError, lane_asked
from schemas.dead_letter import DeadLetter
from schemas.lanes import lane_of

NOW = 1_750_000_000_000
NASTY = "a\x1b[31m\r\nreason [bold]x[/bold]"


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("90s", NOW - 90_000),
        ("30m", NOW - 1_800_000),
        ("2h", NOW - 7_200_000),
        ("7d", NOW - 604_800_000),
        ("999999d", 0),
        ("2025-06-15", 1_749_945_600_000),
        ("2025-06-15T15:06:40Z", NOW),
        ("2025-06-15T17:06:40+02:00", NOW),
    ],
)
def test_since_is_an_age_or_a_time(text: str, ms: int) -> None:
    assert since(text, NOW) == ms


@pytest.mark.parametrize("text", ["", "yesterday", "5", "5w", "-5m", "1.5h", "2025-13-01"])
def test_since_that_is_neither_is_refused_with_what_to_write(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no time: 30m, 2h or 7d ago, or 2026-05-01"):
        since(text, NOW)


def test_the_table_names_the_newest_letter_of_each_group_and_trusts_no_text() -> None:
    summary = Summary()
    summary.add(Found(1, 70, NOW, DeadLetter(NASTY, "", 0, "shop", whole=True)))
    summary.add(Found(3, 44, NOW + 1_000, DeadLetter(NASTY, "", 0, "shop")))
    out = io.StringIO()
    Console(file=out, width=200).print(group_table(summary.groups()))
    heading, row = out.getvalue().splitlines()
    assert heading.split() == ["reason", "site", "count", "replayable", "first", "last", "newest", "is"]
    assert re.split(r" {2,}", row.strip()) == [
        *(r"a\x1b[31m\r\nreason [bold]x[/bold]", "shop", "2", "1"),
        *("2025-06-15 15:06:40Z", "2025-06-15 15:06:41Z", "3 44"),
    ]


def test_a_letter_is_shown_field_by_field_and_trusts_no_text() -> None:
    lines = letter_lines(Found(1, 2, NOW, DeadLetter("r", NASTY, NOW, body=NASTY, lane=1 << 16 | 3, offset=9, line=4)))
    assert "place      lane 3, offset 9, line 4 of rum.beacons" in lines
    assert "replayable no" in lines
    assert lines[-1] == r"body       a\x1b[31m\r\nreason [bold]x[/bold]"
    assert not any(character in line for line in lines for character in "\x1b\r\n")


def test_every_outcome_of_a_replay_is_said_before_and_after() -> None:
    counts = dict.fromkeys(Outcome, 12)
    before, after = outcome_lines(counts, done=False), outcome_lines(counts, done=True)
    assert len(before) == len(after) == len(Outcome)
    assert "12 can be written to rum.beacons" in before
    assert "12 written to rum.beacons" in after


def test_what_was_not_read_is_said() -> None:
    assert unread_lines([Span(0, 0, 9, 0)], 10) == []
    assert unread_lines([Span(0, 5, 9, 5), Span(1, 0, 9, 0), Span(2, 1, 9, 1)], 4) == [
        "Only the newest 4 offsets a lane were read; lane 0, 2 has older ones: --newest"
    ]


def test_a_session_lives_in_the_lane_of_its_hash() -> None:
    own = lane_of("shop", "v", 4)
    assert lane_asked(4, None, "shop", "v") == own
    assert lane_asked(4, own, "shop", "v") == own
    assert lane_asked(4, 0, None, None) == 0
    with pytest.raises(QuestionError, match=f"lives in lane {own}, not {own + 1}"):
        lane_asked(4, own + 1, "shop", "v")
    with pytest.raises(QuestionError, match="which lane"):
        lane_asked(4, None, None, None)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("state inspect", "which lane"),
        ("state inspect --session v", "--site"),
        ("state inspect --lane 0 --key xyz", "not hex"),
        ("state inspect --lane 0 --key 77 --windows", "one of --session, --key and --windows"),
        ("dead-letter list --since tomorrow", "is no time"),
    ],
)
def test_a_question_that_makes_no_sense_is_answered_with_what_is_wrong(arguments: str, said: str) -> None:
    result = CliRunner().invoke(app, arguments.split())
    assert result.exit_code == CONFIGURATION
    assert said in result.output
    assert "Traceback" not in result.output


def test_an_unknown_reason_is_answered_with_the_known_ones() -> None:
    result = CliRunner().invoke(app, ["dead-letter", "list", "--reason", "bad"], env={"COLUMNS": "1000"})
    assert result.exit_code == 2
    assert "line_undecodable" in result.output
