"""State as a person reads it."""

import json
from typing import Any

import pytest

from processors.core.config import CoreConfig
from processors.core.held import pack
from processors.core.keys import CAPS, HELD, LEDGER, PAGE, VISIT, WINDOW, beacon_key, page_of
from processors.core.records import STATE_VERSION, Codec, LaneRecord, LedgerMinute, StateVersionError, Visit
from processors.core.rows import empty_row
from processors.partitions import NotThereError
from processors.readable import KINDS, decode_record, readable, utc
from schemas.event import Event
from schemas.rollup import RollupRow, Series
from tests.lab.lane import NOW, Lab, beacon, block, vital

NOW_UTC = "2025-06-15T15:06:40.000+00:00"


def shown(lab: Lab, kind: bytes) -> dict[str, Any]:
    """The only record of a kind, after a way through JSON."""
    ((key, stored),) = [(k, v) for k, v in lab.store.records.items() if k[:1] == kind]
    record: dict[str, Any] = json.loads(json.dumps(readable(decode_record(key, stored))))
    return record


def test_a_window_is_shown_with_names_dates_and_quantiles() -> None:
    lab = Lab()
    lab.feed(block(0, beacon([vital("LCP", 2_500, route="/p")])))
    lab.checkpoint()
    window = shown(lab, WINDOW)
    assert window["window_start"] == utc(NOW - NOW % 60_000)
    assert {"site": "s", "metric": "LCP", "route": "/p"}.items() <= window.items()
    assert (window["n"], window["weight"], window["good"]) == (1, 1000, 1000)
    p75 = window["quantiles"]["p75"]
    assert p75 == pytest.approx(2_500, rel=0.01)


def test_a_visit_is_shown_with_its_sessions_and_what_it_tracks() -> None:
    lab = Lab()
    lab.feed(block(0, beacon([vital("LCP", 100, metric_id="m")], beacon_id="b1", received_at=NOW + 5)))
    lab.checkpoint()
    visit = shown(lab, VISIT)
    assert (visit["site"], visit["session_id"]) == ("s", "v")
    assert visit["beacons"] == {f"{beacon_key('b1'):016x}": utc(NOW + 5)}
    (segment,) = visit["segments"]
    assert segment["opened_at"] == NOW_UTC
    assert (segment["tracked"], segment["pages"]) == (1, {f"{page_of('', 'm'):016x}": [1, 100 / 4000, "LCP"]})
    page = shown(lab, PAGE)
    tracked = page["tracked"]["LCP:m"]
    assert (tracked["ts"], tracked["seq"], tracked["value"], tracked["first"]) == (NOW_UTC, 0, 100.0, None)
    assert bytes.fromhex(tracked["window"]) in lab.store.records


def test_every_kind_of_record_a_lane_keeps_can_be_shown() -> None:
    lab = Lab()
    lab.config = type(lab.config)(lane=7, sample_rate=1e-9)
    lab.feed(block(0, beacon([vital("LCP", 100), Event(ts=NOW, kind="view", metric_id="x")])))
    lab.checkpoint()
    kinds = {key[:1] for key in lab.store.records if key[:1] in KINDS.values()}
    assert kinds == {VISIT, PAGE, WINDOW, HELD, LEDGER, CAPS} == set(KINDS.values())
    for key, stored in lab.store.records.items():
        if key[:1] in kinds:
            json.dumps(readable(decode_record(key, stored)))


def test_a_held_line_is_shown_as_what_it_says() -> None:
    assert readable(pack([b'{"beacon":{"site":"s"}}'])) == {"lines": [{"beacon": {"site": "s"}}]}


def test_the_lane_record_is_shown_with_how_much_is_unsent() -> None:
    told = readable(LaneRecord("life", 41, NOW, [b"s1", b"s2"], [b"w"], []))
    assert told["offset"] == 41
    assert told["birth"] == "life"
    assert told["watermark"] == NOW_UTC
    assert (told["unsent_visits"], told["unsent_windows"], told["unsent_ledger"]) == (2, 1, 0)


def test_a_time_that_is_none_is_empty() -> None:
    assert readable(LaneRecord("life"))["watermark"] == ""
    assert readable(LedgerMinute("s", 60_000))["minute"] == "1970-01-01T00:01:00.000+00:00"


def test_an_unknown_key_is_refused_by_name() -> None:
    for key in (b"", b"?1"):
        with pytest.raises(NotThereError, match=f"key {key.hex()}: no kind"):
            decode_record(key, Codec(Visit).encode(Visit("s", "v")))


@pytest.mark.parametrize(("apart", "which"), [(1, "newer"), (-1, "older")])
def test_a_record_of_another_version_is_refused_by_name(apart: int, which: str) -> None:
    stored = Codec(RollupRow).encode(empty_row(Series(*[""] * 11), 0, CoreConfig(lane=7)))
    other = STATE_VERSION + apart
    with pytest.raises(
        StateVersionError, match=f"RollupRow record of state version {other}, .* run the {which} version"
    ):
        decode_record(WINDOW, bytes((other,)) + stored[1:])
