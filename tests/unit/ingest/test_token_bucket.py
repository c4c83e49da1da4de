"""What a rate and a burst let through, exactly."""

from hypothesis import given
from hypothesis import strategies as st

from ingest.token_bucket import TokenBucket


def test_a_burst_passes_then_the_rate() -> None:
    bucket = TokenBucket(rate=2, burst=3, now=0)
    assert [bucket.take(0) for _ in range(4)] == [True, True, True, False]
    assert [bucket.take(0.49), bucket.take(0.5), bucket.take(0.5)] == [False, True, False]


@given(st.lists(st.floats(0, 10), max_size=200))
def test_never_more_than_burst_and_rate_allow(times: list[float]) -> None:
    bucket = TokenBucket(rate=5, burst=7, now=0)
    assert sum(bucket.take(now) for now in sorted(times)) <= 7 + 5 * max(times, default=0) + 1e-6


def test_several_pass_together_or_not_at_all() -> None:
    bucket = TokenBucket(rate=1, burst=10, now=0)
    assert [bucket.take(0, 6), bucket.take(0, 5), bucket.take(0, 4)] == [True, False, True]


def test_the_wait_told_is_the_wait_needed() -> None:
    bucket = TokenBucket(rate=2, burst=8, now=0)
    assert bucket.take(0, 8)
    assert not bucket.take(0, 4)
    assert bucket.wait_s(4) == 2
    assert [bucket.take(1.99, 4), bucket.take(2, 4)] == [False, True]


def test_more_than_the_burst_passes_when_full_and_is_paid_for_afterwards() -> None:
    bucket = TokenBucket(rate=1, burst=10, now=0)
    assert bucket.take(0, 25)
    assert bucket.wait_s(1) == 16
    assert [bucket.take(15.99), bucket.take(16)] == [False, True]
    assert not bucket.take(17, 25)
    assert bucket.take(36, 25)


def test_new_limits_go_on_from_what_was_left() -> None:
    before = TokenBucket(rate=1, burst=10, now=0)
    assert before.take(0, 9)
    wider, narrower = TokenBucket(rate=1, burst=100, now=2), TokenBucket(rate=1, burst=2, now=2)
    wider.go_on_from(before, 2)
    narrower.go_on_from(before, 2)
    assert [wider.take(2, 3), wider.take(2)] == [True, False]
    assert [narrower.take(2, 2), narrower.take(2)] == [True, False]
