"""A site's quota: the n-th passes, the next is told when to come again."""

import pytest

from ingest.quota import Limits, Quota
from ingest.refusal import Refusal
from schemas.drop_reasons import DropReason
from schemas.limits import EVENTS_PER_BEACON


def passed(quota: Quota, now: float, most: int = 10_000) -> int:
    """How many beacons pass at this moment."""
    for number in range(most):
        try:
            quota.take_beacon(now, "shop")
        except Refusal:
            return number
    return most


def test_the_burst_passes_and_one_more_does_not() -> None:
    quota = Quota(Limits(beacons_per_s=10, beacons_burst=25), 1, 0)
    assert passed(quota, 0) == 25
    assert passed(quota, 1) == 10
    assert passed(quota, 1.05) == 0
    assert passed(quota, 1.1) == 1


@pytest.mark.parametrize(("rate", "told"), [(10.0, 1), (0.5, 2), (0.1, 10), (0.001, 1_000), (0.0001, 3_600)])
def test_a_refusal_says_when_there_is_room(rate: float, told: int) -> None:
    quota = Quota(Limits(beacons_per_s=rate, beacons_burst=1), 1, 0)
    quota.take_beacon(0, "shop")
    with pytest.raises(Refusal) as refused:
        quota.take_beacon(0, "shop")
    assert (refused.value.reason, refused.value.retry_after_s) == (DropReason.QUOTA, told)
    assert refused.value.site == "shop"


@pytest.mark.parametrize("processes", [1, 2, 4])
def test_each_process_takes_its_share_and_together_they_are_the_whole(processes: int) -> None:
    quotas = [Quota(Limits(beacons_per_s=8, beacons_burst=40), processes, 0) for _ in range(processes)]
    assert sum(passed(quota, 0) for quota in quotas) == 40
    assert sum(passed(quota, 1) for quota in quotas) == 8


def test_a_share_smaller_than_one_still_lets_one_through() -> None:
    assert passed(Quota(Limits(beacons_per_s=1, beacons_burst=1), 100, 0), 0) == 1


def test_events_are_counted_apart_and_a_full_beacon_fits_the_default_burst() -> None:
    quota = Quota(Limits(events_per_s=1), 1, 0)
    assert passed(quota, 0, most=50) == 50
    quota.take_events(EVENTS_PER_BEACON, 0, "shop")
    with pytest.raises(Refusal) as refused:
        quota.take_events(1, 0, "shop")
    assert (refused.value.reason, refused.value.retry_after_s) == (DropReason.QUOTA, 1)


def test_without_limits_all_pass() -> None:
    quota = Quota(Limits(), 1, 0)
    assert passed(quota, 0) == 10_000
    quota.take_events(10**9, 0, "shop")


def test_new_rules_do_not_refill() -> None:
    before, after = (Quota(Limits(10, 20, 10, 20), 1, 0) for _ in range(2))
    assert passed(before, 0) == 20
    after.go_on_from(before, 0)
    assert passed(after, 0) == 0
