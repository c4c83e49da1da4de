"""A value that is corrected leaves no trace of the one it replaces, however late and in whatever order."""

from hypothesis import given, settings
from hypothesis import strategies as st

from processors.core.config import CoreConfig
from schemas.event import Event
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
