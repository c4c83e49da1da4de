"""Dead letters have a rate of their own."""

from hypothesis import given
from hypothesis import strategies as st

from ingest.dead_letters import TokenBucket


def test_a_burst_passes_then_the_rate() -> None:
    bucket = TokenBucket(rate=2, burst=3, now=0)
    assert [bucket.take(0) for _ in range(4)] == [True, True, True, False]
    assert [bucket.take(0.49), bucket.take(0.5), bucket.take(0.5)] == [False, True, False]


@given(st.lists(st.floats(0, 10), max_size=200))
def test_never_more_than_burst_and_rate_allow(times: list[float]) -> None:
    bucket = TokenBucket(rate=5, burst=7, now=0)
    assert sum(bucket.take(now) for now in sorted(times)) <= 7 + 5 * max(times, default=0) + 1e-6
