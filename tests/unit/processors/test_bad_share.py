"""The limit on the share of refused lines: when a lane stops, and that it stops there again."""

from collections import deque

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.core.bad_share import BadShare, BadShareError
from schemas.dead_letter import DeadLetter

blocks = st.lists(st.integers(0, 60).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n))), max_size=80)


def test_too_few_lines_tell_nothing() -> None:
    share = BadShare(0.5, 1_000)
    share.note(999, 999)
    assert not share.is_over
    share.note(1, 1)
    assert share.is_over


def test_half_is_allowed_and_one_line_more_is_not() -> None:
    share = BadShare(0.5, 1_000)
    share.note(1_000, 500)
    share.check([])
    share = BadShare(0.5, 1_000)
    share.note(1_000, 501)
    letters = [DeadLetter("r", "", 0), DeadLetter("line_undecodable", "no end", 0, offset=7, line=3)]
    said = r"501 of the last 1000 lines .* 0\.5 .*offset 7 line 3: line_undecodable: no end.*RUMSTREAM_BAD_SHARE=1"
    with pytest.raises(BadShareError, match=said):
        share.check(letters)
    with pytest.raises(BadShareError, match="501 of the last 1000 lines"):
        share.check([])


def test_a_share_of_one_is_no_limit() -> None:
    share = BadShare(1.0, 1)
    share.note(10_000, 10_000)
    assert not share.is_over


def test_good_lines_of_long_ago_do_not_hide_a_lane_that_has_turned_bad() -> None:
    share = BadShare(0.5, 1_000)
    for _ in range(10_000):
        share.note(20, 0)
    bad = 0
    while not share.is_over:
        share.note(20, 20)
        bad += 20
    assert 500 < bad <= 560


def test_bad_lines_of_long_ago_are_forgotten() -> None:
    share = BadShare(0.5, 1_000)
    share.note(1_000, 500)
    for _ in range(60):
        share.note(20, 0)
    assert share.refused == 0


def test_a_tick_says_nothing() -> None:
    share = BadShare(0.5, 1)
    share.note(0, 0)
    assert not share.is_over
    assert share.record() == []


def test_one_percent_never_stops_a_lane() -> None:
    share = BadShare(0.5, 1_000)
    for number in range(20_000):
        share.note(1, number % 100 == 0)
        assert not share.is_over


@given(blocks, st.integers(1, 200))
def test_the_count_is_that_of_the_last_lines_and_bounded(told: list[tuple[int, int]], span: int) -> None:
    share = BadShare(0.5, span)
    last: deque[bool] = deque()
    for lines, refused in told:
        share.note(lines, refused)
        last.extend([True] * refused + [False] * (lines - refused))
        assert len(share.record()) <= 22
        assert share.lines <= len(last)
        assert share.lines >= min(span, len(last))
        assert share.lines <= span + span // 20 + 60
        assert 0 <= share.refused <= share.lines
    assert (share.lines, share.refused) == (sum(n for n, _ in share.record()), sum(n for _, n in share.record()))


@given(blocks, blocks)
def test_a_restart_changes_nothing(before: list[tuple[int, int]], after: list[tuple[int, int]]) -> None:
    share = BadShare(0.5, 100)
    for told in before:
        share.note(*told)
    anew = BadShare(0.5, 100, share.record())
    for told in after:
        share.note(*told)
        anew.note(*told)
        assert anew.is_over == share.is_over
    assert anew.record() == share.record()


@pytest.mark.parametrize(("share", "lines"), [(0.0, 1), (1.01, 1), (-1.0, 1), (0.5, 0)])
def test_a_limit_that_makes_no_sense_is_refused(share: float, lines: int) -> None:
    with pytest.raises(ValueError, match="must be"):
        BadShare(share, lines)
