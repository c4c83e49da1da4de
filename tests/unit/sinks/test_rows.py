"""Message to rows: nothing is lost or bent on the way into columns."""

import msgspec
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.event import Beacon, Event
from schemas.rollup import RollupRow, Series, decode_rollup, encode_rollup
from schemas.sample import RawSampleLine, SampleLine, encode_sample
from schemas.session import SessionRow, decode_session, encode_session
from sinks.clickhouse import event_rows, rollup_rows, session_rows
from sinks.clickhouse.event_rows import EVENT_ROWS
from sinks.clickhouse.rollup_rows import ROLLUP_ROWS
from sinks.clickhouse.rows import table_of
from sinks.clickhouse.session_rows import SESSION_ROWS

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
counts = st.integers(0, 2**63 - 1)
lanes = st.integers(0, 2**32 - 1)
buckets = st.dictionaries(st.integers(-40_000, 40_000), counts, max_size=5)
times = st.integers(0, 4_000_000_000_000)

rollups = st.builds(
    RollupRow,
    **dict.fromkeys(Series._fields, texts),
    window_start=st.integers(0, 2**32 - 1).map(lambda s: s * 1000),
    window_seconds=st.integers(1, 3600),
    lane=lanes,
    version=counts,
    **dict.fromkeys(("n", "weight", "good", "needs_improvement", "poor", "zeros"), counts),
    sum=st.integers(-(2**63), 2**63 - 1),
    buckets=buckets,
)
sessions = st.builds(
    SessionRow,
    **{
        name: texts if of is str else times if name.endswith("_at") else st.integers(0, 2**32 - 1)
        for name, of in ((f.name, f.type) for f in msgspec.structs.fields(SessionRow))
    },
)
events = st.builds(
    Event,
    ts=times,
    kind=st.sampled_from(["vital", "error", "view"]),
    **dict.fromkeys(("name", "unit", "metric_id", "view_id", "route", "url", "navigation_type"), texts),
    value=st.none() | st.floats(allow_nan=False, allow_infinity=False),
    status=st.integers(0, 65_535),
    attrs=st.dictionaries(
        texts, texts | st.integers(-(2**53), 2**53) | st.booleans() | st.floats(-1e6, 1e6), max_size=3
    ),
)


@st.composite
def samples(draw: st.DrawFn) -> SampleLine:
    kept = draw(st.lists(events, min_size=1, max_size=4))
    beacon = Beacon(
        schema=1,
        beacon_id=draw(texts),
        site=draw(texts),
        session_id=draw(texts),
        received_at=draw(times),
        protocol="rum",
        dropped=draw(st.dictionaries(texts, st.integers(0, 2**53 - 1), max_size=2)),
        events=kept,
    )
    index = draw(st.none() | st.lists(st.integers(0, 999), min_size=len(kept), max_size=len(kept), unique=True))
    return SampleLine(draw(lanes), draw(counts), draw(st.integers(0, 1000)), draw(times), 1000, beacon, index)


@settings(deadline=None)
@given(st.lists(rollups, min_size=1, max_size=5))
def test_rollups_survive_the_wire_and_the_columns(rows: list[RollupRow]) -> None:
    table = rollup_rows.build([decode_rollup(encode_rollup(row)) for row in rows])
    for row, written in zip(rows, table.to_pylist(), strict=True):
        assert written.pop("window_start") == row.window_start // 1000
        assert dict(written.pop("buckets")) == row.buckets
        assert written == {name: getattr(row, name) for name in written}


@settings(deadline=None)
@given(st.lists(sessions, min_size=1, max_size=5))
def test_sessions_survive_the_wire_and_the_columns(rows: list[SessionRow]) -> None:
    table = session_rows.build([decode_session(encode_session(row)) for row in rows])
    assert set(table.column_names) == set(SessionRow.__struct_fields__)
    for name in table.column_names:
        column = table[name].cast(pa.int64()) if pa.types.is_timestamp(table[name].type) else table[name]
        assert column.to_pylist() == [getattr(row, name) for row in rows]


@settings(deadline=None)
@given(st.lists(samples(), min_size=1, max_size=3))
def test_each_kept_event_is_one_row_with_its_place(lines: list[SampleLine]) -> None:
    table = event_rows.build([event_rows.decode(encode_sample(line)) for line in lines])
    written = iter(table.to_pylist())
    for line in lines:
        for place, event in enumerate(line.beacon.events):
            row = next(written)
            assert row["index"] == (place if line.index is None else line.index[place])
            assert (row["lane"], row["offset"], row["line"]) == (line.lane, line.offset, line.line)
            assert (row["site"], row["beacon_id"]) == (line.beacon.site, line.beacon.beacon_id)
            assert (row["name"], row["value"], row["status"]) == (event.name, event.value, event.status)
            assert dict(row["attrs"]) == {k: event_rows.text_of(v) for k, v in event.attrs.items()}
            assert dict(row["dropped"]) == line.beacon.dropped
    assert next(written, None) is None


def test_a_whole_beacon_and_its_own_bytes_are_the_same_row() -> None:
    beacon = Beacon(1, "b", "shop", "s", 5, "rum", events=[Event(ts=4, kind="vital", name="LCP", value=1.5)])
    raw = RawSampleLine(1, 2, 3, 4, 1000, msgspec.Raw(msgspec.json.encode(beacon)))
    whole = SampleLine(1, 2, 3, 4, 1000, beacon)
    assert event_rows.decode(encode_sample(raw)) == event_rows.decode(encode_sample(whole))


@pytest.mark.parametrize("index", [[], [0], [0, 1, 2]])
def test_an_index_that_does_not_fit_its_events_is_not_a_sample(index: list[int]) -> None:
    beacon = Beacon(1, "b", "shop", "s", 5, "rum", events=[Event(ts=4, kind="view"), Event(ts=5, kind="view")])
    with pytest.raises(msgspec.ValidationError, match="2 events"):
        event_rows.decode(encode_sample(SampleLine(1, 2, 3, 4, 1000, beacon, index)))


@pytest.mark.parametrize(("value", "text"), [("a", "a"), (True, "true"), (False, "false"), (7, "7"), (0.5, "0.5")])
def test_attributes_become_text(value: str | float | bool, text: str) -> None:
    assert event_rows.text_of(value) == text


def rollup(**fields: int) -> RollupRow:
    row = RollupRow("x", "x", "x", "x", "x", "x", "x", "x", "x", "x", "x", 60_000, 60, 1, 1, n=1, weight=1)
    return msgspec.structs.replace(row, **fields)


@pytest.mark.parametrize("field", ["n", "version", "lane", "window_start"])
def test_a_number_that_fits_no_column_costs_its_row_alone(field: str) -> None:
    good, bad = rollup(), rollup(**{field: -1000})
    table, unfit = table_of(ROLLUP_ROWS, [good, bad, good])
    assert (table.num_rows, unfit) == (2, 1)


def test_only_rows_that_do_not_fit_make_an_empty_table() -> None:
    table, unfit = table_of(ROLLUP_ROWS, [rollup(n=-1)])
    assert (table.num_rows, unfit) == (0, 1)


def test_a_session_that_fits_no_column_costs_its_row_alone() -> None:
    good = SessionRow("shop", "s", 1, 1, 1, 1, 1)
    table, unfit = table_of(SESSION_ROWS, [good, msgspec.structs.replace(good, views=2**32)])
    assert (table.num_rows, unfit) == (1, 1)


def test_parts_of_one_beacon_are_different_rows_and_a_repeat_is_not() -> None:
    beacon = Beacon(1, "b", "shop", "s", 5, "rum", events=[Event(ts=4, kind="view")])
    first, later = SampleLine(1, 2, 3, 4, 1000, beacon, [0]), SampleLine(1, 2, 3, 4, 0, beacon, [1])
    assert EVENT_ROWS.identity(first) != EVENT_ROWS.identity(later)
    assert EVENT_ROWS.identity(first) == EVENT_ROWS.identity(event_rows.decode(encode_sample(first)))
