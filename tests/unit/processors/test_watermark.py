"""The watermark of a lane: the highest time seen, and what that means for what has ended."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.core.watermark import Watermark


@given(st.lists(st.integers(0, 2**53)))
def test_it_is_the_highest_time_seen(times: list[int]) -> None:
    mark, seen = Watermark(), 0
    for ts in times:
        mark.advance(ts)
        seen = max(seen, ts)
        assert mark.at == seen


@pytest.mark.parametrize(("at", "passed"), [(1_099, False), (1_100, True)])
def test_what_ended_can_change_until_its_lateness_is_over(at: int, passed: bool) -> None:
    assert Watermark(at).has_passed(1_000, 100) is passed
