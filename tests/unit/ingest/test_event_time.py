"""When an event happened, told by a clock that may be anything."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.event_time import FUTURE, PAST, UNTOLD, Clock, client_ms
from schemas.limits import CLIENT_CLOCK_MS

NOW = 1_750_000_000_000
DAY = CLIENT_CLOCK_MS


def placed(client_time: float | None, sent_at: float = 0) -> tuple[int, Counter[str]]:
    clamped: Counter[str] = Counter()
    return Clock(NOW, sent_at, clamped).place(client_time), clamped


@pytest.mark.parametrize("wrong_by", [-30 * DAY, -1, 0, 1, 30 * DAY])
def test_a_wrong_clock_cancels_out_when_it_says_when_it_sent(wrong_by: int) -> None:
    assert placed(NOW + wrong_by - 700, sent_at=NOW + wrong_by) == (NOW - 700, Counter())


@pytest.mark.parametrize(
    ("before_sending", "event_time", "reason"),
    [(0, NOW, None), (-1, NOW, FUTURE), (DAY, NOW - DAY, None), (DAY + 1, NOW - DAY, PAST)],
)
def test_with_sent_at_an_event_is_clamped_to_the_last_day(
    before_sending: int, event_time: int, reason: str | None
) -> None:
    assert placed(NOW - before_sending, sent_at=NOW) == (event_time, Counter([reason] if reason else []))


@pytest.mark.parametrize(
    ("client_time", "event_time", "reason"),
    [(NOW, NOW, None), (NOW + 1, NOW, UNTOLD), (NOW - DAY, NOW - DAY, None), (NOW - DAY - 1, NOW, UNTOLD)],
)
def test_without_sent_at_only_a_time_within_the_last_day_is_believed(
    client_time: int, event_time: int, reason: str | None
) -> None:
    assert placed(client_time) == (event_time, Counter([reason] if reason else []))


def test_no_time_is_the_time_of_arrival() -> None:
    assert placed(None) == (NOW, Counter())


@given(st.none() | st.floats(), st.floats())
def test_event_time_is_always_within_the_last_day(client_time: float | None, sent_at: float) -> None:
    ts, _ = placed(client_time, sent_at)
    assert NOW - DAY <= ts <= NOW


@pytest.mark.parametrize(
    ("told", "ms"),
    [
        ("2026-01-01T00:00:00Z", 1_767_225_600_000),
        ("2026-01-01T01:00:00.250+01:00", 1_767_225_600_250),
        ("2026-01-01T00:00:00", 1_767_225_600_000),
        (5.5, 5.5),
        ("yesterday", None),
        (None, None),
    ],
)
def test_client_times_are_numbers_or_iso_texts(told: str | float | None, ms: float | None) -> None:
    assert client_ms(told) == ms


@given(st.text(max_size=40) | st.datetimes().map(lambda d: d.isoformat()))
def test_no_text_makes_the_time_fail(told: str) -> None:
    client_ms(told)
