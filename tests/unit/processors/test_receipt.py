"""What a replay says in the ledger before it writes."""

import pytest

from processors.core.decode import LineError
from processors.dead_letters.receipt import Receipt
from schemas.event import encode_beacon
from schemas.ledger import LedgerRow
from tests.lab.lane import beacon, vital

MINUTE = 1_750_000_020_000


def line(received_at: int, site: str = "s", events: int = 1) -> bytes:
    return encode_beacon(beacon([vital("LCP", 1, received_at)] * events, site=site, received_at=received_at))


def said(rows: list[LedgerRow]) -> dict[tuple[str, int], int]:
    assert all(row.outcomes == {"replayed": row.accepted} for row in rows)
    return {(row.site, (row.minute - MINUTE) // 60_000): row.accepted for row in rows}


def test_lines_stand_where_they_were_received_and_where_they_are_written() -> None:
    receipt = Receipt("r")
    rows = receipt.announced([line(MINUTE, events=3), line(MINUTE - 1), line(MINUTE, "t")], MINUTE + 120_000)
    assert said(rows) == {("s", 0): 3, ("s", -1): 1, ("s", 2): 4, ("t", 0): 1, ("t", 2): 1}


def test_a_line_of_this_minute_stands_once() -> None:
    assert said(Receipt("r").announced([line(MINUTE)], MINUTE + 59_999)) == {("s", 0): 1}


def test_a_line_from_a_clock_that_is_ahead_stands_where_the_lane_will_put_it() -> None:
    assert said(Receipt("r").announced([line(MINUTE + 3_600_000)], MINUTE)) == {("s", 0): 1}


def test_rows_are_absolute_and_their_versions_rise() -> None:
    receipt = Receipt("r")
    (first,) = receipt.announced([line(MINUTE)], MINUTE)
    (second,) = receipt.announced([line(MINUTE)], MINUTE)
    assert (first.accepted, second.accepted) == (1, 2)
    assert second.version > first.version


def test_what_the_broker_took_a_minute_later_is_added_there_alone() -> None:
    receipt = Receipt("r")
    receipt.announced([line(MINUTE)], MINUTE + 59_999)
    assert receipt.written([line(MINUTE)], MINUTE + 59_999, MINUTE + 59_999) == []
    assert said(receipt.written([line(MINUTE)], MINUTE + 59_999, MINUTE + 60_000)) == {("s", 1): 1}


def test_a_line_that_is_no_beacon_is_never_announced() -> None:
    with pytest.raises(LineError):
        Receipt("r").announced([b"{"], MINUTE)
