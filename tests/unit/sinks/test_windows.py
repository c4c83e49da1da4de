"""The windows in memory agree with a merge from nothing, whatever came in whatever order."""

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.rollup import RollupRow
from sinks.prometheus.cells import Cell, Cells, Page
from sinks.prometheus.windows import KEPT_MS, MINUTE_MS, Windows

NOW = 1_700_000_000_000
OPEN = NOW - NOW % MINUTE_MS


def row(
    version: int = 1,
    start: int = OPEN,
    lane: int = 1,
    metric: str = "LCP",
    route: str = "/",
    browser: str = "",
    weight: int = 1000,
    buckets: dict[int, int] | None = None,
    site: str = "shop",
    device: str = "phone",
) -> RollupRow:
    return RollupRow(
        site, "", "browser", metric, "", route, "", device, browser, "", "", start, 60, lane, version, 1, weight,
        good=weight, buckets={1: weight} if buckets is None else buckets,
    )  # fmt: skip


rows = st.builds(
    row,
    version=st.integers(1, 5),
    start=st.sampled_from([OPEN, OPEN - MINUTE_MS, OPEN - 4 * MINUTE_MS]),
    lane=st.integers(1, 2),
    metric=st.sampled_from(["LCP", "CLS"]),
    route=st.sampled_from(["/", "/cart"]),
    browser=st.sampled_from(["firefox", "chrome"]),
    weight=st.integers(0, 3000),
    buckets=st.dictionaries(st.integers(-3, 3), st.integers(1, 100), max_size=3),
)


def from_nothing(seen: list[RollupRow]) -> Cells:
    newest: dict[object, RollupRow] = {}
    for r in seen:
        key = (r.lane, r.window_start, r.series)
        if key not in newest or r.version > newest[key].version:
            newest[key] = r
    cells: Cells = {}
    for r in newest.values():
        cells.setdefault(Page(r.site, r.route, r.device), {}).setdefault(r.metric, Cell()).add(r)
    return {
        page: kept for page, of in cells.items() if (kept := {m: c for m, c in of.items() if c.weight or c.measured})
    }


@settings(deadline=None)
@given(st.lists(rows))
def test_taking_back_and_putting_in_is_the_same_as_merging_the_newest(seen: list[RollupRow]) -> None:
    windows = Windows()
    for r in seen:
        windows.apply(r, NOW)
    assert windows.last_five_minutes(NOW)[0] == from_nothing(seen)


@settings(deadline=None)
@given(st.lists(rows), st.lists(rows))
def test_a_replay_changes_nothing(seen: list[RollupRow], replayed: list[RollupRow]) -> None:
    once, twice = Windows(), Windows()
    for r in (*seen, *replayed):
        once.apply(r, NOW)
    for r in (*seen, *replayed, *seen):
        twice.apply(r, NOW)
    assert once.last_five_minutes(NOW) == twice.last_five_minutes(NOW)


def test_an_older_version_and_the_same_one_change_nothing() -> None:
    windows = Windows()
    assert windows.apply(row(version=2), NOW)
    assert not windows.apply(row(version=2, weight=5), NOW)
    assert not windows.apply(row(version=1, weight=5), NOW)
    assert windows.apply(row(version=3), NOW)


def test_lanes_and_browsers_add_up() -> None:
    windows = Windows()
    for lane in (1, 2):
        for browser in ("firefox", "chrome"):
            windows.apply(row(lane=lane, browser=browser), NOW)
    (cell,) = [c for of in windows.last_five_minutes(NOW)[0].values() for c in of.values()]
    assert (cell.weight, cell.good, cell.buckets) == (4000, 4000, {1: 4000})


def test_the_last_minute_is_the_complete_one_alone() -> None:
    windows = Windows()
    for minutes in (0, 1, 2):
        windows.apply(row(start=OPEN - minutes * MINUTE_MS, route=f"/{minutes}"), NOW)
    for now in (OPEN, OPEN + MINUTE_MS - 1):
        cells, end = windows.last_minute(now)
        assert [page.route for page in cells] == ["/1"]
        assert end == OPEN
    assert [page.route for page in windows.last_minute(OPEN + MINUTE_MS)[0]] == ["/0"]


def test_five_minutes_are_the_open_one_and_the_four_before() -> None:
    windows = Windows()
    for minutes in range(6):
        windows.apply(row(start=OPEN - minutes * MINUTE_MS, route=f"/{minutes}"), NOW)
    cells, end = windows.last_five_minutes(NOW)
    assert {page.route for page in cells} == {"/0", "/1", "/2", "/3", "/4"}
    assert end == OPEN + MINUTE_MS


def test_what_no_gauge_needs_is_neither_taken_nor_kept() -> None:
    windows = Windows()
    assert windows.apply(row(start=NOW - KEPT_MS - MINUTE_MS), NOW)
    assert not windows.apply(row(start=NOW - KEPT_MS - MINUTE_MS - 1), NOW)
    windows.forget(NOW)
    assert len(windows._rows) == 1
    windows.forget(NOW + 1)
    assert not windows._rows
    assert not windows._cells


def test_no_data_has_no_end() -> None:
    assert Windows().last_minute(NOW) == ({}, None)


def test_what_no_browser_saw_is_in_no_gauge() -> None:
    windows = Windows()
    for source in ("server", "lab"):
        seen = row()
        seen.source = source
        assert not windows.apply(seen, NOW)
    assert windows.last_five_minutes(NOW) == ({}, None)
