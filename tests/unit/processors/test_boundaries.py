"""Limits of clocks, of memory and of what is emitted when: exact at both sides."""

import pytest

from processors.core.block import Block
from processors.core.records import STATE_VERSION, Codec, SiteCaps, StateVersionError
from schemas.limits import CLIENT_CLOCK_MS, IDS_PER_SESSION
from schemas.sample import decode_sample
from tests.lab.lane import NOW, Lab, beacon, block, vital

GAP = 1_800_000
HOUR = 3_600_000


@pytest.mark.parametrize(("before", "sessions"), [(GAP, 1), (GAP + 1, 2)])
def test_an_event_from_before_a_session_joins_it_within_the_gap(before: int, sessions: int) -> None:
    lab = Lab()
    for offset, ts in enumerate((NOW, NOW - before)):
        lab.feed(block(offset, beacon([vital("LCP", 1, ts)], beacon_id=str(offset))))
    lab.checkpoint()
    assert len(lab.visits()) == sessions


def test_a_beacon_id_of_the_clients_own_means_a_retry_as_long_as_the_session_lives() -> None:
    lab = Lab()
    for offset, at in enumerate((NOW, NOW + HOUR, NOW + 3 * HOUR)):
        lab.feed(block(offset, beacon([vital("LCP", 100, NOW)], beacon_id="own", received_at=at)))
    lab.checkpoint()
    assert lab.counts == {"applied": 1, "duplicate": 2}


@pytest.mark.parametrize(
    ("ts", "believed"),
    [
        (NOW - CLIENT_CLOCK_MS, NOW - CLIENT_CLOCK_MS),
        (NOW - CLIENT_CLOCK_MS - 1, NOW - CLIENT_CLOCK_MS),
        (NOW - 30 * 24 * HOUR, NOW - CLIENT_CLOCK_MS),
        (NOW, NOW),
        (NOW + 1, NOW),
        (NOW + 30 * 24 * HOUR, NOW),
    ],
)
def test_an_event_happened_in_the_day_before_it_was_received(ts: int, believed: int) -> None:
    lab = Lab()
    lab.feed(block(0, beacon([vital("LCP", 100, ts)], received_at=NOW)))
    lab.checkpoint()
    (line,) = lab.samples
    assert decode_sample(line).beacon.events[0].ts == believed == lab.memory.watermark.at


@pytest.mark.parametrize(("tick", "mark"), [(NOW - 1, NOW - 1), (NOW, NOW), (NOW + HOUR, NOW)])
def test_a_tick_moves_time_on_but_not_beyond_the_brokers(tick: int, mark: int) -> None:
    lab = Lab()
    lab.feed(Block(offset=0, appended_at=NOW, lines=[], tick=tick))
    assert lab.memory.watermark.at == mark


@pytest.mark.parametrize(("apart", "which"), [(1, "newer"), (-1, "older")])
def test_a_record_of_another_state_version_is_refused_by_name(apart: int, which: str) -> None:
    codec, caps, version = Codec(SiteCaps), SiteCaps("s"), STATE_VERSION + apart
    assert codec.decode(codec.encode(caps)) == caps
    stored = bytes((version,)) + codec.encode(caps)[1:]
    with pytest.raises(StateVersionError, match=f"SiteCaps record of state version {version}.*{which} version"):
        codec.decode(stored)


def test_what_was_not_emitted_before_a_crash_is_emitted_after_it() -> None:
    lab = Lab()
    lab.feed(block(0, beacon([vital("LCP", 100)])))
    lab.checkpoint(emit=False)
    assert (lab.windows(), lab.visits(), lab.minutes()) == ([], [], [])
    lab.restart()
    lab.checkpoint()
    assert (len(lab.windows()), len(lab.visits()), len(lab.minutes())) == (1, 1, 1)


def test_what_is_forgotten_before_it_was_emitted_is_emitted_last() -> None:
    lab = Lab()
    lab.feed(block(0, beacon([vital("LCP", 100)])))
    lab.checkpoint(emit=False)
    end = NOW + 2 * lab.config.lateness_ms
    lab.feed(Block(offset=1, appended_at=end, lines=[], tick=end))
    lab.checkpoint(emit=False)
    assert [(r.metric, r.n) for r in lab.windows()] == [("LCP", 1)]
    assert [(s.session_id, s.events) for s in lab.visits()] == [("v", 1)]
    assert [m.accepted for m in lab.minutes()] == [1]
    assert {k[:1] for k in lab.store.records} == {b"c"}


def test_a_session_id_that_comes_back_after_it_was_forgotten_is_a_new_one_with_its_last_row_out() -> None:
    lab = Lab()
    lab.feed(block(0, beacon([vital("LCP", 100, metric_id="m")], beacon_id="a")))
    again = NOW + lab.config.lateness_ms
    told = beacon([vital("LCP", 200, again, metric_id="m")], beacon_id="a", received_at=again)
    lab.feed(block(1, told))
    lab.checkpoint()
    assert lab.counts == {"applied": 2}
    assert [(s.opened_at, s.events) for s in lab.visits()] == [(NOW, 1), (again, 1)]


def test_a_session_remembers_a_bounded_number_of_measurements_and_counts_all() -> None:
    lab = Lab()
    a_beacon = 1_000
    for offset in range(IDS_PER_SESSION // a_beacon + 1):
        events = [vital("LCP", 100, metric_id=f"m{offset}-{n}") for n in range(a_beacon)]
        lab.feed(block(offset, beacon(events, beacon_id=str(offset))))
    (visit,) = lab.memory.visits.changed.values()
    assert visit is not None
    assert visit.segments[0].tracked == IDS_PER_SESSION
    assert sum(len(page.tracked) for page in lab.memory.pages.changed.values() if page) == IDS_PER_SESSION
    assert lab.out.untracked == {"metrics": a_beacon}
    lab.checkpoint()
    assert lab.windows()[0].n == lab.visits()[0].events == IDS_PER_SESSION + a_beacon


def test_a_session_remembers_a_bounded_number_of_beacons_and_counts_all() -> None:
    lab = Lab()
    told = [beacon([vital("LCP", 100)], beacon_id=str(n)) for n in range(IDS_PER_SESSION + 1)]
    lab.feed(block(0, *told))
    assert lab.out.untracked == {"beacons": 1}
    lab.feed(block(1, told[IDS_PER_SESSION - 1], told[IDS_PER_SESSION]))
    lab.checkpoint()
    assert lab.counts == {"applied": IDS_PER_SESSION + 2, "duplicate": 1}


@pytest.mark.parametrize(("apart", "engaged"), [(29_999, 29_999), (30_000, 30_000), (30_001, 30_000)])
def test_a_pause_counts_as_at_most_half_a_minute_of_engagement(apart: int, engaged: int) -> None:
    lab = Lab()
    for offset, ts in enumerate((NOW, NOW + apart)):
        lab.feed(block(offset, beacon([vital("LCP", 1, ts)], beacon_id=str(offset), received_at=ts)))
    lab.checkpoint()
    assert lab.visits()[0].engaged_ms == engaged


def test_the_worst_vital_is_the_one_that_misses_poor_by_most() -> None:
    lab = Lab()
    told = [("CLS", 0.2, "a"), ("LCP", 4400.0, "b"), ("INP", 2000.0, "c"), ("TTFB", 100.0, "d")]
    lab.feed(block(0, beacon([vital(name, value, metric_id=ident) for name, value, ident in told])))
    lab.checkpoint()
    assert (lab.visits()[0].worst_vital, lab.visits()[0].worst_rating) == ("INP", "poor")


@pytest.mark.parametrize(("value", "outcome"), [(60_000.0, "applied"), (60_000.1, "outlier")])
def test_a_minute_is_the_longest_time_believed(value: float, outcome: str) -> None:
    lab = Lab()
    lab.feed(block(0, beacon([vital("LCP", value)])))
    lab.checkpoint()
    assert lab.counts == {outcome: 1}


def test_a_line_of_another_schema_is_refused_by_its_own_reason() -> None:
    lab = Lab()
    lab.feed(block(0, beacon([vital("LCP", 1)], schema=2), beacon([vital("LCP", 1)])))
    lab.checkpoint()
    assert lab.dead_letters == ["schema_unknown"]
    assert lab.counts == {"schema_unknown": 1, "applied": 1}


def test_a_window_begins_with_its_first_millisecond() -> None:
    lab = Lab()
    start = NOW - NOW % 60_000
    for offset, ts in enumerate((start - 1, start, start + 59_999, start + 60_000)):
        lab.feed(block(offset, beacon([vital("LCP", 1, ts)], beacon_id=str(offset), received_at=ts)))
    lab.checkpoint()
    assert [(r.window_start - start, r.n) for r in lab.windows()] == [(-60_000, 1), (0, 2), (60_000, 1)]


@pytest.mark.parametrize("weights", [(1000, 4000), (4000, 1000)])
def test_of_two_reports_that_differ_in_nothing_but_their_weight_the_heavier_counts(weights: tuple[int, int]) -> None:
    lab = Lab()
    for offset, weight in enumerate(weights):
        told = beacon([vital("LCP", 100, metric_id="m")], beacon_id=str(offset), weight=weight)
        lab.feed(block(offset, told))
    lab.checkpoint()
    assert (lab.windows()[0].n, lab.windows()[0].weight) == (1, 4000)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_measurement_counts_where_its_earliest_report_says(order: tuple[int, int]) -> None:
    lab = Lab()
    start = NOW - NOW % 60_000
    reports = [vital("LCP", 100, start, metric_id="m", route="/a"), vital("LCP", 900, start + 60_000, metric_id="m")]
    for offset, number in enumerate(order):
        lab.feed(block(offset, beacon([reports[number]], beacon_id=str(number), received_at=start + 60_000)))
    lab.checkpoint()
    assert [(r.window_start, r.route, r.n, r.sum) for r in lab.windows()] == [(start, "/a", 1, 9_000_000)]


@pytest.mark.parametrize(("before", "outcome", "value"), [(1, "superseded", 200), (0, "late", 100)])
def test_a_value_can_be_corrected_until_its_window_is_closed(before: int, outcome: str, value: int) -> None:
    lab = Lab()
    start = NOW - NOW % 60_000
    mark = start + 60_000 + lab.config.lateness_ms - before
    first = [vital("LCP", 100, start, metric_id="m"), vital("FCP", 1, start + 120_000)]
    told = [vital("LCP", 200, mark, metric_id="m")]
    lab.feed(block(0, beacon(first, beacon_id="first", received_at=start + 120_000)))
    lab.checkpoint()
    lab.feed(Block(offset=1, appended_at=mark, lines=[], tick=mark))
    lab.checkpoint()
    lab.feed(block(2, beacon(told, beacon_id="second", received_at=mark)))
    lab.checkpoint()
    assert lab.counts == {"applied": 2, outcome: 1}
    assert [r.sum for r in lab.windows() if r.metric == "LCP"] == [value * 10_000]


def test_what_is_late_is_late_after_a_restart_too() -> None:
    lab = Lab()
    mark = NOW + 2 * lab.config.lateness_ms
    lab.feed(Block(offset=0, appended_at=mark, lines=[], tick=mark))
    lab.checkpoint()
    lab.restart()
    lab.feed(block(1, beacon([vital("LCP", 100)])))
    lab.checkpoint()
    assert lab.counts == {"late": 1}


def test_a_checkpoint_writes_only_what_has_changed() -> None:
    lab = Lab()
    lab.feed(block(0, beacon([vital("LCP", 100)])))
    assert lab.memory.changes == 4  # a visit, a window, a ledger minute, the site's caps
    lab.checkpoint()
    assert lab.memory.changes == 0


@pytest.mark.parametrize("line", [b'{"schema":1,"site":"\xff"}', b'{"x":' + b"[" * 100_000])
def test_no_line_of_bytes_stops_a_lane(line: bytes) -> None:
    lab = Lab()
    lab.feed(Block(offset=0, appended_at=NOW, lines=[line]))
    lab.checkpoint()
    assert lab.dead_letters == ["line_undecodable"]
