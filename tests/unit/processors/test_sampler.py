"""The sampler: whatever is drawn, each event is expected to weigh what the client said, and context weighs nothing."""

import itertools
import math
import random
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processors.core.config import CoreConfig
from processors.core.held import unpack
from processors.core.keys import HELD
from processors.core.sampler import is_drawn
from schemas.event import Beacon, Event
from schemas.lanes import lane_of
from schemas.sample import decode_sample
from tests.lab.lane import NOW, Lab, beacon, block, vital

MINUTE = 60_000
RATE = 0.25
THINNED = CoreConfig(lane=7, sample_rate=RATE)

Identity = tuple[int, int, int]


def visitor(drawn: bool, rate: float = RATE) -> str:
    """The first session id that is drawn, or is not."""
    return next(name for n in range(1_000) if is_drawn("s", name := f"visitor-{n}", rate) is drawn)


DRAWN, UNDRAWN = visitor(drawn=True), visitor(drawn=False)


def action(ts: int) -> Event:
    return Event(ts=ts, kind="action", name="click", value=5.0)


def error(ts: int) -> Event:
    return Event(ts=ts, kind="error", name="TypeError")


def weights(lab: Lab) -> dict[Identity, int]:
    """What each kept event stands for; an event that was put out twice fails here."""
    kept: dict[Identity, int] = {}
    for line in lab.samples:
        sample = decode_sample(line)
        for index in sample.index or range(len(sample.beacon.events)):
            identity = (sample.offset, sample.line, index)
            assert identity not in kept, f"event {identity} was put out twice"
            kept[identity] = sample.weight
    return kept


def told(events: list[Event], number: int, session_id: str, weight: int = 1000, site: str = "s") -> Beacon:
    """A beacon that was received when its last event happened."""
    received = max(e.ts for e in events)
    return beacon(events, beacon_id=f"b{number}", session_id=session_id, weight=weight, received_at=received, site=site)


@st.composite
def visits(draw: st.DrawFn) -> list[tuple[list[Event], int]]:
    """Events and client weight of a visitor's beacons: pauses that end sessions, late and corrected values, errors."""
    at, made = NOW, []
    for _ in range(draw(st.integers(1, 12))):
        at += draw(st.sampled_from([0, MINUTE, 20 * MINUTE, 31 * MINUTE, 6 * 60 * MINUTE]))
        kinds = st.one_of(
            st.builds(action, st.sampled_from([at, at - MINUTE, at - 31 * MINUTE, at - 5 * 60 * MINUTE])),
            st.builds(error, st.just(at)) if draw(st.integers(0, 5)) == 0 else st.builds(action, st.just(at)),
            st.builds(
                vital, st.just("LCP"), st.sampled_from([100.0, 4000.0, 4000.1]), st.just(at), metric_id=st.just("m")
            ),
        )
        made.append((draw(st.lists(kinds, min_size=1, max_size=3)), draw(st.sampled_from([1000, 3000]))))
    return made


def run(made: list[tuple[list[Event], int]], session_id: str, cuts: set[int], crash: int | None = None) -> Lab:
    """One beacon a block, checkpoints after the blocks in ``cuts``, a kill and a replay after block ``crash``."""
    lab = Lab(THINNED, hot=0)
    blocks = [block(n, told(events, n, session_id, weight)) for n, (events, weight) in enumerate(made)]
    for given_block in blocks:
        lab.feed(given_block)
        if given_block.offset in cuts:
            lab.checkpoint()
        if given_block.offset == crash:
            lab.restart()
            for again in blocks[: crash + 1]:
                lab.feed(again)
    lab.checkpoint()
    return lab


@given(visits(), st.sets(st.integers(0, 12)))
@settings(max_examples=150)
def test_each_event_is_expected_to_weigh_what_the_client_said(
    made: list[tuple[list[Event], int]], cuts: set[int]
) -> None:
    drawn, undrawn = (weights(run(made, who, cuts)) for who in (DRAWN, UNDRAWN))
    for offset, (events, weight) in enumerate(made):
        for index in range(len(events)):
            place = (offset, 0, index)
            assert RATE * drawn[place] + (1 - RATE) * undrawn.get(place, 0) == weight


@given(visits(), st.sets(st.integers(0, 12)), st.integers(0, 12))
@settings(max_examples=100)
def test_what_was_held_back_is_released_once_however_the_lane_is_cut_killed_and_replayed(
    made: list[tuple[list[Event], int]], cuts: set[int], crash: int
) -> None:
    whole = run(made, UNDRAWN, set())
    torn = run(made, UNDRAWN, cuts, crash)
    assert torn.samples == whole.samples
    assert weights(torn) == weights(whole)


@pytest.mark.parametrize("rate", [0.01, 0.1, 0.3, 0.9])
def test_the_share_of_sessions_drawn_is_the_rate(rate: float) -> None:
    count = 40_000
    drawn = sum(is_drawn("s", f"{n:x}", rate) for n in range(count))
    assert abs(drawn - count * rate) <= 5 * math.sqrt(count * rate * (1 - rate))


@pytest.mark.parametrize("rate", [0.1, 0.5])
@pytest.mark.parametrize("lanes", [3, 8])
def test_the_share_of_sessions_drawn_is_the_rate_in_each_lane(rate: float, lanes: int) -> None:
    of_lane = [list[bool]() for _ in range(lanes)]
    for n in range(20_000):
        of_lane[lane_of("s", f"{n:x}", lanes)].append(is_drawn("s", f"{n:x}", rate))
    for drawn in of_lane:
        assert abs(sum(drawn) - len(drawn) * rate) <= 5 * math.sqrt(len(drawn) * rate * (1 - rate))


@pytest.mark.parametrize("error_rate", [0.0, 0.1, 1.0])
@pytest.mark.parametrize("rate", [0.1, 0.3, 1.0])
def test_totals_from_raw_events_are_unbiased(rate: float, error_rate: float) -> None:
    """Exact variance: of a session only what came before its cause is left to the draw."""
    draw = random.Random(f"{rate} {error_rate}")
    lab, truth, spread, rounding = Lab(CoreConfig(lane=7, sample_rate=rate)), 0, 0.0, 0.0
    for session in range(600):
        weight = draw.choice([1000, 4000])
        cause = draw.randrange(5) if draw.random() < error_rate else 5
        for number in range(5):
            event = error(NOW + number) if number == cause else action(NOW + number)
            offset = session * 5 + number
            lab.feed(block(offset, told([event], offset, f"v{session}", weight)))
        before = cause * round(weight / rate)
        truth += 5 * weight
        spread += rate * (1 - rate) * before**2
        rounding += cause * rate / 2
    lab.checkpoint()
    assert abs(sum(weights(lab).values()) - truth) <= 5 * math.sqrt(spread) + rounding


def test_the_same_sessions_are_drawn_in_every_run_and_a_higher_rate_adds_to_them() -> None:
    names = [f"visitor-{n}" for n in range(2_000)]
    drawn = [{name for name in names if is_drawn("shop", name, rate)} for rate in (0.0, 0.001, 0.1, 0.5, 1.0)]
    assert all(lower < higher for lower, higher in itertools.pairwise(drawn))
    assert sorted(drawn[1]) == ["visitor-1352", "visitor-87"]
    assert len(drawn[-1]) == len(names)


@pytest.mark.parametrize("who", [DRAWN, UNDRAWN])
@pytest.mark.parametrize("cause", [error(NOW + 5), vital("LCP", 4000.1, NOW + 5)])
def test_from_its_error_or_poor_vital_on_a_session_is_kept(cause: Event, who: str) -> None:
    made = [([action(NOW + n)], 3000) for n in range(5)]
    lab = run([*made, ([cause], 3000), *(([action(NOW + n)], 3000) for n in range(6, 9))], who, {2, 5, 7})
    before = round(3000 / RATE) if who == DRAWN else 0
    assert [weight for _, weight in sorted(weights(lab).items())] == [before] * 5 + [3000] * 4


def test_a_value_at_the_limit_of_poor_is_no_cause() -> None:
    lab = run([([action(NOW)], 1000), ([vital("LCP", 4000.0, NOW + 1)], 1000)], UNDRAWN, set())
    assert lab.samples == []


def test_a_cause_releases_its_own_session_only() -> None:
    later = NOW + 31 * MINUTE
    lab = run([([action(NOW)], 1000), ([action(later)], 1000), ([error(later)], 1000)], UNDRAWN, {0, 1})
    assert weights(lab) == {(1, 0, 0): 0, (2, 0, 0): 1000}


def test_of_one_beacon_over_two_sessions_only_the_one_with_the_error_is_kept() -> None:
    later = NOW + 31 * MINUTE
    lab = run([([action(NOW), action(later), error(later)], 1000)], UNDRAWN, set())
    assert weights(lab) == {(0, 0, 1): 1000, (0, 0, 2): 1000}


def test_a_late_event_stands_for_itself() -> None:
    mark = NOW + 6 * 60 * MINUTE
    made = [([action(mark)], 1000), ([action(NOW), action(mark)], 2000)]
    assert weights(run(made, UNDRAWN, set())) == {(1, 0, 0): 2000}
    assert weights(run(made, DRAWN, set())) == {(0, 0, 0): 4000, (1, 0, 0): 2000, (1, 0, 1): 8000}


def held_lines(lab: Lab) -> int:
    return sum(len(unpack(lab.held(key))) for key in lab.store.records if key[:1] == HELD)


@pytest.mark.parametrize(("lines", "context"), [(32, 32), (33, 32)])
def test_a_session_holds_back_a_bounded_number_of_lines(lines: int, context: int) -> None:
    lab = run([([action(NOW + n)], 1000) for n in range(lines)], UNDRAWN, {7})
    assert held_lines(lab) == context
    lab.feed(block(lines, told([error(NOW + lines)], lines, UNDRAWN)))
    lab.feed(block(lines + 1, told([error(NOW + lines)], lines + 1, UNDRAWN)))
    lab.checkpoint()
    assert list(weights(lab).values()) == [0] * context + [1000, 1000]


def test_lines_held_back_within_the_block_of_the_cause_are_released_before_it() -> None:
    lab = Lab(THINNED)
    beacons = [told([action(NOW + n)], n, UNDRAWN) for n in range(3)] + [told([error(NOW + 3)], 3, UNDRAWN)]
    lab.feed(block(0, beacons[0]))
    lab.checkpoint()
    lab.feed(block(1, *beacons[1:]))
    lab.checkpoint()
    assert list(weights(lab).items()) == [((0, 0, 0), 0), ((1, 0, 0), 0), ((1, 1, 0), 0), ((1, 2, 0), 1000)]


@pytest.mark.parametrize(("after", "kept"), [(0, 1), (1, 0)])
def test_what_is_held_back_of_a_block_is_forgotten_when_no_session_of_it_can_live_any_more(
    after: int, kept: int
) -> None:
    lab = Lab(THINNED)
    lab.feed(block(0, told([action(NOW)], 0, UNDRAWN), appended_at=NOW))
    lab.checkpoint()
    end = NOW + 2 * THINNED.lateness_ms + after
    lab.feed(block(1, told([action(end)], 1, DRAWN), appended_at=end))
    lab.checkpoint()
    assert held_lines(lab) == kept


def test_lines_held_back_are_there_as_long_as_their_session_can_give_cause() -> None:
    """Those of its first block too, when its last event can still be corrected for a millisecond."""
    lab = Lab(THINNED)
    times = [*range(NOW, NOW + THINNED.session_max_ms, THINNED.gap_ms), NOW + THINNED.session_max_ms - 1]
    for number, ts in enumerate(times):
        lab.feed(block(number, told([action(ts)], number, UNDRAWN), appended_at=ts))
    lab.checkpoint()
    mark = times[-1] + THINNED.lateness_ms - 1
    lab.feed(block(len(times), told([action(mark)], len(times), DRAWN), appended_at=mark))
    lab.checkpoint()
    cause = beacon([error(times[-1])], beacon_id="cause", session_id=UNDRAWN, received_at=mark)
    lab.feed(block(len(times) + 1, cause, appended_at=mark))
    lab.checkpoint()
    assert {place[0]: weight for place, weight in weights(lab).items()} == {
        **dict.fromkeys(range(len(times)), 0),
        len(times): 4000,
        len(times) + 1: 1000,
    }


def test_a_session_that_has_run_out_releases_nothing() -> None:
    lab = run([([action(NOW + n)], 1000) for n in range(3)], UNDRAWN, {1})
    end = NOW + 2 + THINNED.lateness_ms
    lab.feed(block(3, told([action(end)], 3, DRAWN)))
    lab.feed(block(4, told([error(end)], 4, UNDRAWN)))
    lab.checkpoint()
    assert weights(lab) == {(3, 0, 0): 4000, (4, 0, 0): 1000}


def test_a_site_with_a_rate_of_its_own_is_drawn_and_weighed_by_it() -> None:
    lab = Lab(CoreConfig(lane=7, sample_rate=0.5, sample_rates={"few": 0.1}))
    drawn = {("few", 0.1): 0, ("s", 0.5): 0}
    for number, (site, rate) in enumerate(list(drawn) * 50):
        lab.feed(block(number, told([action(NOW)], number, f"v{number}", site=site)))
        drawn[site, rate] += is_drawn(site, f"v{number}", rate)
    lab.checkpoint()
    kept = Counter((sample.beacon.site, 1000 / sample.weight) for sample in map(decode_sample, lab.samples))
    assert kept == drawn
    assert 0 < kept["few", 0.1] < kept["s", 0.5] < 50


@pytest.mark.parametrize(("rate", "fits"), [(0.0, False), (1e-9, True), (1.0, True), (1.0001, False)])
def test_a_rate_is_above_0_and_at_most_1_of_all_and_of_a_site(rate: float, fits: bool) -> None:
    for rates in ({"sample_rate": rate}, {"sample_rates": {"s": rate}}):
        if fits:
            CoreConfig(lane=7, **rates)
        else:
            with pytest.raises(ValueError, match=f"sample rate {rate}"):
                CoreConfig(lane=7, **rates)


def test_the_rates_of_a_lane_are_those_it_was_made_with() -> None:
    rates = {"s": 0.5}
    config = CoreConfig(lane=7, sample_rates=rates)
    rates["s"] = 0.1
    assert config.sample_rates == {"s": 0.5}
