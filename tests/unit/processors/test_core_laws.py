"""Laws of the pure core: replay, blocks, checkpoints and order make no difference."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from processors.core.config import CoreConfig
from schemas.event import Beacon, Event
from tests.lab.lane import NOW, Lab, beacon, block, vital

ROUTES = ("/", "/product/:id")
MINUTE = 60_000


@st.composite
def beacons(draw: st.DrawFn) -> list[Beacon]:
    """Beacons of a few visitors over two hours: reports corrected, retried, out of order, some errors."""
    made: list[Beacon] = []
    for number in range(draw(st.integers(1, 25))):
        visitor = draw(st.integers(0, 3))
        at = NOW + draw(st.integers(0, 120)) * MINUTE
        events = [
            draw(
                st.one_of(
                    st.builds(
                        vital,
                        st.sampled_from(["LCP", "CLS", "INP"]),
                        st.sampled_from([0.0, 0.05, 0.3, 90.0, 2500.0, 2500.1, 4000.1]),
                        st.integers(at - 5 * MINUTE, at),
                        metric_id=st.sampled_from([f"m{visitor}-{n}" for n in range(4)]),
                        route=st.sampled_from(ROUTES),
                    ),
                    st.builds(
                        Event,
                        ts=st.integers(at - MINUTE, at),
                        kind=st.sampled_from(["error", "visibility", "view"]),
                        name=st.just("TypeError"),
                    ),
                )
            )
            for _ in range(draw(st.integers(1, 4)))
        ]
        weight = draw(st.sampled_from([1000, 4000]))
        made.append(beacon(events, beacon_id=f"b{number}", session_id=f"v{visitor}", received_at=at, weight=weight))
    return [*made, *draw(st.lists(st.sampled_from(made), max_size=3))]


def run(items: list[Beacon], cuts: set[int], config: CoreConfig, hot: int = 20_000) -> Lab:
    """One beacon a block, with a checkpoint after each offset in ``cuts``."""
    lab = Lab(config, hot)
    for offset, item in enumerate(items):
        lab.feed(block(offset, item))
        if offset in cuts:
            lab.checkpoint()
    lab.checkpoint()
    return lab


CONFIG = CoreConfig(lane=7)
THINNED = CoreConfig(lane=7, sample_rate=0.3)
CAPPED = CoreConfig(lane=7, routes_per_site=1, names_per_site=1, series_per_window=2)


@given(beacons(), st.sets(st.integers(0, 30)), st.integers(0, 30))
@settings(max_examples=60, deadline=None)
def test_a_crash_and_a_replay_change_nothing(items: list[Beacon], cuts: set[int], crash: int) -> None:
    whole = run(items, cuts, THINNED)
    lab = Lab(THINNED)
    for offset, item in enumerate(items):
        lab.feed(block(offset, item))
        if offset in cuts:
            lab.checkpoint()
        if offset == crash:
            lab.restart()
            for again in range(offset + 1):
                lab.feed(block(again, items[again]))
    lab.checkpoint()
    assert lab.windows() == whole.windows()
    assert lab.visits() == whole.visits()
    assert lab.samples == whole.samples
    assert lab.counts == whole.counts
    assert lab.minutes() == whole.minutes()


@given(beacons(), st.sets(st.integers(0, 30)))
@settings(max_examples=60, deadline=None)
def test_checkpoints_and_a_cold_cache_change_nothing(items: list[Beacon], cuts: set[int]) -> None:
    whole, cut = run(items, set(), CONFIG), run(items, cuts, CONFIG, hot=0)
    assert cut.windows() == whole.windows()
    assert cut.visits() == whole.visits()
    assert cut.samples == whole.samples


@given(beacons(), st.sets(st.integers(0, 30)), st.integers(0, 30))
@settings(max_examples=60, deadline=None)
def test_a_crash_and_a_replay_change_nothing_beyond_every_cap(items: list[Beacon], cuts: set[int], crash: int) -> None:
    whole, lab = run(items, cuts, CAPPED), Lab(CAPPED, hot=0)
    for offset, item in enumerate(items):
        lab.feed(block(offset, item))
        if offset in cuts:
            lab.checkpoint()
        if offset == crash:
            lab.restart()
            for again in range(offset + 1):
                lab.feed(block(again, items[again]))
    lab.checkpoint()
    assert lab.windows() == whole.windows()
    assert sum(r.n for r in lab.windows()) == sum(r.n for r in run(items, cuts, CONFIG).windows())


@given(beacons(), st.integers(1, 6))
@settings(max_examples=60, deadline=None)
def test_any_split_into_blocks_gives_the_same_rows(items: list[Beacon], size: int) -> None:
    whole = run(items, set(), CONFIG)
    lab = Lab(CONFIG)
    for offset, start in enumerate(range(0, len(items), size)):
        lab.feed(block(offset, *items[start : start + size]))
        lab.checkpoint()
    assert lab.windows() == whole.windows()
    assert lab.visits() == whole.visits()


@given(beacons(), st.integers(0, 2**32))
@settings(max_examples=60, deadline=None)
def test_any_order_of_arrival_gives_the_same_windows(items: list[Beacon], seed: int) -> None:
    whole = run(items, set(), CONFIG)
    shuffled = list(items)
    random.Random(seed).shuffle(shuffled)
    assert run(shuffled, set(), CONFIG).windows() == whole.windows()


@given(beacons())
@settings(max_examples=60, deadline=None)
def test_every_accepted_event_becomes_exactly_one_thing(items: list[Beacon]) -> None:
    lab = run(items, set(), CONFIG)
    accepted = sum(len(b.events) for b in items)
    assert sum(lab.counts.values()) == accepted
    assert sum(row.accepted for row in lab.ledger.values()) == accepted
    assert all(row.accepted == sum(row.outcomes.values()) for row in lab.ledger.values())


EDGES = (0, MINUTE, CONFIG.gap_ms, CONFIG.session_max_ms, CONFIG.lateness_ms - 1, CONFIG.lateness_ms, 12 * 60 * MINUTE)
Spread = list[tuple[int, int, int, float]]
"""Of each beacon: ms since the one before, how far back its event is, visitor, value."""

spread = st.lists(
    st.tuples(
        st.sampled_from(EDGES), st.sampled_from(EDGES), st.integers(0, 1), st.sampled_from([0.0, 90.0, 2500.1, 4000.1])
    ),
    min_size=2,
    max_size=15,
)


@given(spread, st.sets(st.integers(0, 15)))
@settings(max_examples=150, deadline=None)
def test_when_what_has_run_out_is_forgotten_changes_nothing(told: Spread, cuts: set[int]) -> None:
    at, items = NOW, list[Beacon]()
    for after, back, visitor, value in told:
        at += after
        events = [vital("LCP", value, at - back, metric_id=f"m{visitor}"), Event(ts=at, kind="view")]
        # ids come again: of a visit that has run out they mean nothing
        ident = f"b{len(items) % 5}"
        items.append(beacon(events, beacon_id=ident, session_id=f"v{visitor}", received_at=at, seq=len(items)))
    once, often = run(items, set(), THINNED), run(items, cuts, THINNED, hot=0)
    assert often.counts == once.counts
    assert often.windows() == once.windows()
    assert often.visits() == once.visits()
    assert often.samples == once.samples
    assert often.minutes() == once.minutes()
    for visit in once.visits():
        assert visit.ended_at < visit.opened_at + CONFIG.session_max_ms


@given(beacons())
@settings(max_examples=30, deadline=None)
def test_forgetting_leaves_nothing_and_changes_no_row(items: list[Beacon]) -> None:
    lab = run(items, set(), CONFIG)
    before = lab.windows(), lab.visits()
    end = NOW + 120 * MINUTE + CONFIG.lateness_ms + CONFIG.window_ms
    lab.feed(
        block(len(items), beacon([vital("LCP", 1.0, end)], session_id="later", beacon_id="later", received_at=end))
    )
    lab.checkpoint()
    lab.checkpoint()
    lab.rollups = {k: r for k, r in lab.rollups.items() if r.window_start < end - CONFIG.lateness_ms}
    lab.sessions = {k: r for k, r in lab.sessions.items() if r.session_id != "later"}
    assert (lab.windows(), lab.visits()) == before
    assert sorted(k[:1] for k in lab.store.records) == [b"c", b"g", b"s", b"w", b"x"]
