"""Sessions: where one ends and the next begins, exact at both sides."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.core.config import CoreConfig
from schemas.event import Event
from schemas.sample import decode_sample
from tests.lab.lane import NOW, Lab, beacon, block, vital

GAP, LONGEST = 1_800_000, 14_400_000


def action(ts: int) -> Event:
    return Event(ts=ts, kind="action", name="click")


def feed_times(times: list[int]) -> Lab:
    lab = Lab()
    for offset, ts in enumerate(times):
        lab.feed(block(offset, beacon([action(ts)], beacon_id=f"b{offset}", received_at=ts)))
    lab.checkpoint()
    return lab


@pytest.mark.parametrize("before", [[], [NOW - 2 * GAP]], ids=["one session yet", "a session before"])
@pytest.mark.parametrize(("gap", "sessions"), [(GAP, 1), (GAP + 1, 2)])
def test_a_session_ends_after_thirty_minutes_without_an_event(gap: int, sessions: int, before: list[int]) -> None:
    assert len(feed_times([*before, NOW, NOW + gap]).visits()) == sessions + len(before)


@pytest.mark.parametrize(("age", "sessions"), [(LONGEST - 1, 1), (LONGEST, 2)])
def test_a_session_ends_four_hours_after_it_was_opened(age: int, sessions: int) -> None:
    times = [*range(NOW, NOW + LONGEST - GAP + 1, GAP), NOW + age - GAP // 2, NOW + age]
    assert len(feed_times(times).visits()) == sessions


@pytest.mark.parametrize(("age", "ended"), [(LONGEST - 1, LONGEST - 1), (LONGEST, LONGEST - GAP // 2)])
def test_no_correction_makes_a_session_longer_than_four_hours(age: int, ended: int) -> None:
    lab = Lab()
    for offset, after in enumerate([*range(0, LONGEST, GAP), LONGEST - GAP // 2, age]):
        told = beacon([vital("CLS", 0.1, NOW + after, metric_id="m")], beacon_id=str(offset), received_at=NOW + after)
        lab.feed(block(offset, told))
    lab.checkpoint()
    assert [(visit.opened_at, visit.ended_at - NOW) for visit in lab.visits()] == [(NOW, ended)]


def test_opened_at_never_changes_when_an_earlier_event_arrives_later() -> None:
    (row,) = feed_times([NOW, NOW - 60_000]).visits()
    assert (row.opened_at, row.started_at, row.ended_at) == (NOW, NOW - 60_000, NOW)


def test_the_final_report_two_hours_later_counts_once_in_the_window_of_its_page_view() -> None:
    lab = Lab()
    lab.feed(block(0, beacon([vital("INP", 40, metric_id="m")], beacon_id="a")))
    lab.checkpoint()
    late = NOW + 2 * 3_600_000
    lab.feed(block(1, beacon([vital("INP", 600, late, metric_id="m")], beacon_id="b", received_at=late)))
    lab.checkpoint()
    (window,) = lab.windows()
    assert (window.window_start, window.n, window.poor, window.good) == (NOW - NOW % 60_000, 1, 1000, 0)
    (session,) = lab.visits()
    assert (session.ended_at, session.worst_vital, session.worst_rating) == (NOW, "INP", "poor")


@pytest.mark.parametrize("beside", [0, 1], ids=["alone", "beside a late one"])
@pytest.mark.parametrize(("after", "late"), [(-1, 0), (0, 1)])
def test_a_window_can_change_until_the_longest_session_and_ten_minutes_are_over(
    after: int, late: int, beside: int
) -> None:
    start = NOW - NOW % 60_000
    lab = Lab(CoreConfig(lane=1))
    mark = start + 60_000 + LONGEST + 600_000 + after
    lab.feed(block(0, beacon([vital("LCP", 1, mark)], beacon_id="a", session_id="other", received_at=mark)))
    events = [vital("LCP", 1, start), vital("LCP", 1, start - 1)][: 1 + beside]
    lab.feed(block(1, beacon(events, beacon_id="b", received_at=mark)))
    lab.checkpoint()
    assert lab.counts.get("late", 0) == late + beside
    assert len(lab.windows()) == 2 - late
    assert sum(len(decode_sample(line).beacon.events) for line in lab.samples) == 2 + beside


def test_a_beacon_repeated_a_hundred_times_counts_once() -> None:
    lab = Lab()
    for offset in range(100):
        lab.feed(block(offset, beacon([vital("LCP", 100, metric_id="m")])))
    lab.checkpoint()
    assert lab.counts == {"applied": 1, "duplicate": 99}
    assert lab.visits()[0].duplicates == 99
    assert lab.windows()[0].n == 1


@pytest.mark.parametrize(("apart", "duplicates"), [(10_000, 1), (10_001, 0)])
def test_a_hashed_beacon_id_is_a_retry_only_within_ten_seconds(apart: int, duplicates: int) -> None:
    lab = Lab()
    for offset, at in enumerate((NOW, NOW + apart)):
        lab.feed(block(offset, beacon([vital("LCP", 100, at)], beacon_id="h:1", received_at=at)))
    lab.checkpoint()
    assert lab.counts.get("duplicate", 0) == duplicates


def test_a_collector_clock_ahead_of_the_broker_moves_no_watermark() -> None:
    lab = Lab()
    ahead = NOW + 30 * 86_400_000
    lab.feed(block(0, beacon([vital("LCP", 100, ahead - 500)], received_at=ahead), appended_at=NOW))
    assert lab.memory.watermark.at == NOW - 500


@given(st.lists(st.tuples(st.integers(0, 2 * GAP), st.sampled_from([1000, 2500, 10_000])), min_size=1, max_size=8))
def test_a_session_weighs_what_its_lightest_beacon_does_in_any_order(told: list[tuple[int, int]]) -> None:
    """A beacon whose kinds have assumed rates comes in parts; the one that opens the session decides nothing."""
    lab, received = Lab(), NOW + 2 * GAP
    for offset, (after, weight) in enumerate(told):
        events = [action(NOW + after), action(NOW + GAP)]  # of one session with all that is two gaps apart
        lab.feed(block(offset, beacon(events, beacon_id=f"b{offset}", received_at=received, weight=weight)))
    lab.checkpoint()
    assert [visit.weight for visit in lab.visits()] == [min(weight for _, weight in told)]
