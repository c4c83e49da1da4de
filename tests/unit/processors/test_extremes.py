"""A million of something: what a lane remembers has a bound, and what it counts is exact."""

import pytest

from processors.core.config import CoreConfig
from schemas.limits import IDS_PER_SESSION
from schemas.rollup import OTHER
from tests.lab.lane import NOW, Lab, beacon, block, vital

HOW_MANY = pytest.mark.parametrize("count", [50_000, pytest.param(1_000_000, marks=pytest.mark.long)])
A_BEACON = 1_000
NUMBERS_GROW = 256
"""Bytes by which a few counters grow when they count to more."""


def stored_bytes(lab: Lab) -> int:
    """What the lane remembers after a checkpoint."""
    return sum(len(key) + len(value) for key, value in lab.store.records.items())


@HOW_MANY
def test_a_million_urls_open_no_more_series_than_the_cap_and_totals_are_exact(count: int) -> None:
    lab = Lab(CoreConfig(lane=7, sample_rate=0.001))
    for number in range(count // A_BEACON):
        events = [vital("LCP", 1 + n % 500, route=f"/page/{number}/{n}") for n in range(A_BEACON)]
        lab.feed(block(number, beacon(events, beacon_id=str(number), session_id=str(number))))
        if number % 50 == 49:
            lab.checkpoint()
    rows = lab.windows()
    assert len({row.route for row in rows}) == lab.config.routes_per_site + 1
    assert len(rows) == lab.config.routes_per_site + 1
    assert sum(row.n for row in rows) == sum(sum(row.buckets.values()) for row in rows) // 1000 == count
    assert sum(row.sum for row in rows) == sum(1 + n % 500 for n in range(count)) * 10_000
    assert next(row.n for row in rows if row.route == OTHER) == count - lab.config.routes_per_site


@HOW_MANY
def test_a_million_updates_of_one_measurement_leave_as_much_state_as_the_first_thousands(count: int) -> None:
    lab = Lab(CoreConfig(lane=7, sample_rate=0.001))
    seq, sizes = 0, list[int]()
    for number in range(IDS_PER_SESSION):  # until the visit remembers as many beacons as it may
        seq += 1
        lab.feed(block(number, beacon([vital("LCP", 1 + seq, metric_id="m")], beacon_id=str(seq), seq=seq)))
    lab.checkpoint()
    sizes.append(stored_bytes(lab))
    for number in range(IDS_PER_SESSION, IDS_PER_SESSION + (count - IDS_PER_SESSION) // A_BEACON):
        seq += 1
        events = [vital("LCP", 1 + n, metric_id="m") for n in range(A_BEACON)]
        lab.feed(block(number, beacon(events, beacon_id=str(seq), seq=seq)))
        if number % 50 == 49:
            lab.checkpoint()
    lab.checkpoint()
    sizes.append(stored_bytes(lab))
    assert sizes[1] - sizes[0] < NUMBERS_GROW
    (row,) = lab.windows()
    assert (row.n, row.sum, sum(row.buckets.values())) == (1, A_BEACON * 10_000, 1000)
    assert lab.counts == {"applied": 1, "superseded": count - 1}


@HOW_MANY
def test_a_session_of_a_million_events_is_counted_whole_and_remembered_in_part(count: int) -> None:
    lab = Lab(CoreConfig(lane=7, sample_rate=0.001))
    sizes = []
    for number in range(count // A_BEACON):
        events = [vital("LCP", 1 + n, metric_id=f"m{number}-{n}") for n in range(A_BEACON)]
        lab.feed(block(number, beacon(events, beacon_id=str(number))))
        if number % 10 == 9:
            lab.checkpoint()
            sizes.append(stored_bytes(lab))
    (visit,) = lab.visits()
    assert visit.events == sum(row.n for row in lab.windows()) == count
    assert lab.counts == {"applied": count}
    # what it tracks and holds back is full by now: beacon ids alone are added, and of these too a bounded number
    assert sizes[-1] - sizes[3] < (count // A_BEACON) * 16


def test_attributes_by_the_ten_thousand_go_with_the_raw_event_and_not_into_memory() -> None:
    told = vital("LCP", 100, NOW, attrs={f"name{n}": "x" * 20 for n in range(10_000)})
    lab, plain = Lab(), Lab()
    lab.feed(block(0, beacon([told])))
    plain.feed(block(0, beacon([vital("LCP", 100, NOW)])))
    lab.checkpoint()
    plain.checkpoint()
    assert (lab.windows(), lab.visits()) == (plain.windows(), plain.visits())
    assert (lab.dead_letters, lab.counts) == ([], {"applied": 1})
    assert lab.store.records == plain.store.records
    assert lab.samples[0].count(b"x" * 20) == 10_000


def test_a_metric_that_does_not_exist_is_kept_raw_and_in_no_window() -> None:
    lab = Lab()
    lab.feed(block(0, beacon([vital("NO_SUCH_METRIC", 100), vital("LCP", 100)])))
    lab.checkpoint()
    assert lab.counts == {"unmeasured": 1, "applied": 1}
    assert [row.metric for row in lab.windows()] == ["LCP"]
    assert b"NO_SUCH_METRIC" in lab.samples[0]
    assert lab.dead_letters == []
