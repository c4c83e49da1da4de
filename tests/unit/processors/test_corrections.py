"""A value that is corrected leaves no trace of the one it replaces, however late and in whatever order."""

from itertools import groupby
from operator import itemgetter

from hypothesis import given, settings
from hypothesis import strategies as st

from processors.core.config import CoreConfig
from schemas.event import Event
from schemas.limits import SUM_SCALE
from schemas.sample import decode_sample
from tests.lab.lane import NOW, Lab, beacon, block, vital

CONFIG = CoreConfig(lane=7)
MINUTE = 60_000
START = NOW - NOW % MINUTE

Report = tuple[int, int, float, str]
"""ms after START, beacon number, value, route."""

reports = st.lists(
    st.tuples(
        st.one_of(st.integers(0, 3 * MINUTE), st.integers(0, CONFIG.session_max_ms)),
        st.integers(0, 3),
        st.sampled_from([0.0, 0.07, 0.1, 0.100001, 0.3, 12.0]),
        st.sampled_from(["/a", "/b"]),
    ),
    min_size=1,
    max_size=12,
    unique_by=lambda report: report[:3],
)


def shift(report: Report) -> Event:
    after, _, value, route = report
    return vital("CLS", value, START + after, metric_id="m", route=route)


@given(reports, st.sets(st.integers(0, 11)), st.integers(0, 12))
@settings(max_examples=150)
def test_any_reports_in_any_order_leave_the_windows_of_one_report(
    told: list[Report], cuts: set[int], neighbours: int
) -> None:
    """Its place is that of the earliest, its value that of the latest; the values of others stay."""
    received = START + CONFIG.session_max_ms
    others = [vital("CLS", 0.2, START + n, metric_id=f"other{n}", route="/a") for n in range(neighbours)]
    many, one = Lab(CONFIG, hot=0), Lab(CONFIG)
    many.feed(block(0, beacon([*others, Event(ts=received, kind="view")], beacon_id="others", received_at=received)))
    for number, report in enumerate(told):
        made = beacon([shift(report)], beacon_id=str(number), received_at=received, seq=report[1])
        many.feed(block(number + 1, made))
        if number in cuts:
            many.checkpoint()
    many.checkpoint()
    first, last = min(told, key=lambda r: r[:3]), max(told, key=lambda r: r[:3])
    alone = vital("CLS", last[2], START + first[0], metric_id="m", route=first[3])
    one.feed(block(0, beacon([*others, Event(ts=received, kind="view")], beacon_id="others", received_at=received)))
    one.feed(block(1, beacon([alone], beacon_id="alone", received_at=received)))
    one.checkpoint()
    assert many.windows() == one.windows()


def test_a_worst_vital_that_is_corrected_is_not_the_worst_any_more() -> None:
    lab = Lab()
    told = [("INP", 2000.0, "a"), ("LCP", 3000.0, "b"), ("INP", 100.0, "a"), ("LCP", 100.0, "b")]
    worst = []
    for number, (name, value, page) in enumerate(told):
        report = vital(name, value, NOW + number, metric_id=f"{name}-{page}", view_id=page)
        lab.feed(block(number, beacon([report], beacon_id=str(number), received_at=NOW + number)))
        lab.checkpoint()
        (visit,) = lab.visits()
        worst.append((visit.worst_vital, visit.worst_rating))
    # 100 of LCP is less of its poor 4000 than 100 of INP of its poor 500
    assert worst == [("INP", "poor"), ("INP", "poor"), ("LCP", "needs-improvement"), ("INP", "good")]


Part = tuple[int, int, float, str, int]
"""A report that adds: ms after START, beacon number, value, route, weight."""

parts = st.lists(
    st.tuples(
        st.one_of(st.integers(0, 3 * MINUTE), st.integers(0, CONFIG.session_max_ms)),
        st.integers(0, 3),
        st.sampled_from([0.0, 0.00004, 0.07, 0.1, 0.100001, 0.3]),
        st.sampled_from(["/a", "/b"]),
        st.sampled_from([1000, 4000]),
    ),
    min_size=1,
    max_size=12,
    unique_by=lambda part: part[:3],
)


def part_of(part: Part) -> Event:
    after, _, value, route, _ = part
    return vital("CLS", value, START + after, metric_id="m", route=route, adds=True)


def whole_of(told: list[Part]) -> float:
    """What the parts are together, in fixed point; one alone is left as it is."""
    return sum(round(value * SUM_SCALE) for _, _, value, _, _ in told) / SUM_SCALE if told[1:] else told[0][2]


@given(parts, st.sets(st.integers(0, 11)), st.sets(st.integers(0, 11)))
@settings(max_examples=150)
def test_parts_in_any_order_and_any_split_add_up_once_however_often_they_are_sent(
    told: list[Part], cuts: set[int], again: set[int]
) -> None:
    """Together they are one report: at the place of the earliest, with the weight of the latest."""
    received = START + CONFIG.session_max_ms
    view = beacon([Event(ts=received, kind="view")], beacon_id="view", received_at=received)
    many, one = Lab(CONFIG, hot=0), Lab(CONFIG)
    many.feed(block(0, view))
    for number, ((seq, weight), group) in enumerate(groupby(told, key=itemgetter(1, 4))):
        made = beacon([*map(part_of, group)], beacon_id=str(number), received_at=received, seq=seq, weight=weight)
        many.feed(block(2 * number + 1, made))
        if number in cuts:
            many.checkpoint()
        if number in again:
            many.feed(block(2 * number + 2, made))
    many.checkpoint()
    first, last = min(told, key=itemgetter(0, 1, 2)), max(told, key=itemgetter(0, 1, 4))
    alone = vital("CLS", whole_of(told), START + first[0], metric_id="m", route=first[3])
    one.feed(block(0, view))
    one.feed(block(1, beacon([alone], beacon_id="alone", received_at=received, weight=last[4])))
    one.checkpoint()
    assert many.windows() == one.windows()
    assert many.counts.get("superseded", 0) == len(told) - 1


def test_parts_that_are_poor_together_keep_their_session_from_then_on() -> None:
    lab = Lab(CoreConfig(lane=7, sample_rate=1e-9))
    for number, value in enumerate((0.15, 0.1, 0.0001, 0)):
        part = vital("CLS", value, NOW + number, metric_id="m", adds=True)
        lab.feed(block(number, beacon([part], beacon_id=str(number))))
    lab.checkpoint()
    assert [(s.offset, s.weight) for s in map(decode_sample, lab.samples)] == [(0, 0), (1, 0), (2, 1000), (3, 1000)]
    (visit,) = lab.visits()
    assert (visit.worst_vital, visit.worst_rating) == ("CLS", "poor")
