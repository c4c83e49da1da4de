"""A site that names a million routes has a bounded number of series, and its totals are exact."""

import pytest

from processors.core.caps import count_seen, renew, told_apart
from processors.core.config import CoreConfig
from processors.core.records import Roster
from schemas.event import Event
from schemas.rollup import OTHER
from tests.lab.lane import NOW, Lab, beacon, block, vital

CONFIG = CoreConfig(lane=7, routes_per_site=10, names_per_site=5, releases_per_site=2, series_per_window=40)
HOUR = 3_600_000


def views(route: str, at: int, count: int, offset: int) -> list[Event]:
    return [Event(ts=at, kind="view", metric_id=f"{route}-{offset}-{n}", route=route) for n in range(count)]


def test_routes_beyond_the_cap_fold_and_totals_stay_exact() -> None:
    lab = Lab(CONFIG)
    for offset in range(1_000):
        told = vital("LCP", 100 + offset, route=f"/{offset}", metric_id=f"m{offset}")
        lab.feed(block(offset, beacon([told], beacon_id=f"b{offset}", session_id=f"s{offset}")))
    lab.checkpoint()
    rows = lab.windows()
    assert {r.route for r in rows} == {f"/{n}" for n in range(10)} | {OTHER}
    assert sum(r.n for r in rows) == 1_000
    assert sum(r.sum for r in rows) == sum(100 + n for n in range(1_000)) * 10_000


def test_a_million_combinations_open_a_bounded_number_of_series() -> None:
    lab = Lab(CONFIG)
    for offset in range(500):
        told = vital("LCP", 100, route=f"/{offset % 7}", navigation_type=f"n{offset}")
        lab.feed(block(offset, beacon([told], beacon_id=f"b{offset}", session_id=f"s{offset}", country=f"c{offset}")))
    lab.checkpoint()
    rows = lab.windows()
    assert len(rows) == CONFIG.series_per_window + 1
    assert sum(r.n for r in rows) == 500


def test_a_corrected_value_beyond_a_cap_is_taken_out_of_the_row_it_went_into() -> None:
    lab = Lab(CoreConfig(lane=7, series_per_window=1))
    lab.feed(block(0, beacon([vital("LCP", 100, route="/a", metric_id="a")], beacon_id="a")))
    lab.feed(block(1, beacon([vital("LCP", 200, route="/b", metric_id="b")], beacon_id="b")))
    lab.feed(block(2, beacon([vital("LCP", 900, NOW, route="/b", metric_id="b")], beacon_id="c", seq=1)))
    lab.checkpoint()
    assert {r.route: (r.n, r.sum // 10_000) for r in lab.windows()} == {"/a": (1, 100), OTHER: (1, 900)}


@pytest.mark.parametrize("release", ["", "1.0"])
def test_the_most_viewed_routes_of_the_last_hour_are_told_apart_in_the_next(release: str) -> None:
    lab = Lab(CoreConfig(lane=7, routes_per_site=2))
    hour = NOW - NOW % HOUR
    for offset, (route, count) in enumerate([("/a", 1), ("/b", 3), ("/c", 2)]):
        told = views(route, hour, count, offset)
        lab.feed(block(offset, beacon(told, beacon_id=route, session_id=route, received_at=hour, release=release)))
    told = [event for route in ("/a", "/b", "/c") for event in views(route, hour + HOUR, 1, 9)]
    lab.feed(block(3, beacon(told, beacon_id="next", session_id="next", received_at=hour + HOUR, release=release)))
    lab.checkpoint()
    counted = {(r.window_start - hour, r.route): r.n for r in lab.windows()}
    assert counted == {
        (0, "/a"): 1,
        (0, "/b"): 3,
        (0, OTHER): 2,
        (HOUR, "/b"): 1,
        (HOUR, "/c"): 1,
        (HOUR, OTHER): 1,
    }


def test_a_roster_remembers_a_bounded_number_of_those_that_wait() -> None:
    roster = Roster()
    for n in range(1_000):
        told_apart(roster, f"r{n}", 3)
        count_seen(roster, f"r{n}", 3)
    assert (len(roster.admitted), len(roster.waiting)) == (3, 6)
    renew(roster, 3)
    assert (len(roster.admitted), len(roster.waiting)) == (3, 0)
