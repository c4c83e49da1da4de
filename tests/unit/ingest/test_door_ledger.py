"""The ledger at the door: each beacon is one thing, in the minute and for the site it was received for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest import door_ledger
from ingest.door_ledger import KEPT_MS, MINUTE_MS, DoorLedger, HandedOver
from schemas.drop_reasons import DropReason
from schemas.event import Beacon, Event
from schemas.ledger import LedgerRow

NOW = 1_750_000_020_000
"""The first ms of a minute."""


def ledger() -> DoorLedger:
    return DoorLedger("c/1", NOW)


def told(at: int = NOW, events: int = 1, site: str = "shop") -> Beacon:
    return Beacon(1, "b", site, "s", at, "rum", events=[Event(ts=at, kind="view")] * events)


def counts(rows: list[LedgerRow]) -> dict[tuple[str, int], tuple[int, dict[str, int], dict[str, int]]]:
    return {(row.site, row.minute - NOW): (row.accepted, row.outcomes, row.events) for row in rows}


def test_what_is_handed_over_is_unknown_until_it_is_told_otherwise() -> None:
    book = ledger()
    handed = book.handed_over([told(events=3)])
    assert counts(book.changed(NOW)) == {("shop", 0): (1, {"unknown": 1}, {"unknown": 3})}
    book.acked(handed, [NOW])
    assert counts(book.changed(NOW)) == {("shop", 0): (1, {"acked": 1}, {"acked": 3})}


def test_what_is_taken_back_and_refused_is_refused_alone() -> None:
    book = ledger()
    book.taken_back(book.handed_over([told()]))
    book.rejected("shop", NOW, DropReason.NOT_DURABLE)
    assert counts(book.changed(NOW)) == {("shop", 0): (1, {"not_durable": 1}, {})}


def test_a_body_of_several_beacons_is_received_once_and_has_all_their_events() -> None:
    book = ledger()
    book.acked(book.handed_over([told(events=2), told(events=5)]), [NOW, NOW])
    assert counts(book.changed(NOW)) == {("shop", 0): (1, {"acked": 1}, {"acked": 7})}


@pytest.mark.parametrize(("appended_at", "minute"), [(NOW - 1, -MINUTE_MS), (NOW, 0), (NOW + MINUTE_MS, 0)])
def test_an_acked_beacon_counts_where_the_lane_counts_it_whatever_the_clocks_say(appended_at: int, minute: int) -> None:
    book = ledger()
    book.acked(book.handed_over([told(NOW)]), [appended_at])
    rows = {key: row for key, row in counts(book.changed(NOW)).items() if row[0]}
    assert rows == {("shop", minute): (1, {"acked": 1}, {"acked": 1})}


def test_sites_and_minutes_are_told_apart() -> None:
    book = ledger()
    for site, at in [("", NOW), ("a", NOW), ("a", NOW + MINUTE_MS - 1), ("a", NOW + MINUTE_MS)]:
        book.rejected(site, at, DropReason.MALFORMED)
    assert {key: row[0] for key, row in counts(book.changed(NOW)).items()} == {
        ("", 0): 1,
        ("a", 0): 2,
        ("a", MINUTE_MS): 1,
    }


def test_only_what_changed_is_said_again_whole_and_with_a_higher_version() -> None:
    book = ledger()
    book.rejected("a", NOW, DropReason.MALFORMED)
    book.rejected("b", NOW, DropReason.MALFORMED)
    first = book.changed(NOW)
    assert book.changed(NOW) == []
    book.rejected("a", NOW, DropReason.MALFORMED)
    (again,) = book.changed(NOW - 5_000)  # a clock that was set back
    assert (again.site, again.accepted) == ("a", 2)
    assert again.version > first[0].version


def test_a_closed_minute_is_never_opened_again() -> None:
    book = ledger()
    book.rejected("a", NOW, DropReason.MALFORMED)
    book.changed(NOW + KEPT_MS + MINUTE_MS)
    book.rejected("a", NOW, DropReason.MALFORMED)
    assert counts(book.changed(NOW + KEPT_MS + MINUTE_MS)) == {("a", MINUTE_MS): (1, {"malformed": 1}, {})}


def test_a_minute_is_open_to_the_last_ms_of_its_time() -> None:
    book = ledger()
    book.rejected("a", NOW, DropReason.MALFORMED)
    book.changed(NOW + KEPT_MS + MINUTE_MS - 1)
    book.rejected("a", NOW, DropReason.MALFORMED)
    assert counts(book.changed(NOW)) == {("a", 0): (2, {"malformed": 2}, {})}


def test_rows_that_did_not_reach_kafka_are_said_again_even_when_their_minute_is_closed() -> None:
    book = ledger()
    book.rejected("a", NOW, DropReason.MALFORMED)
    lost = book.changed(NOW + KEPT_MS + MINUTE_MS)
    book.not_written(lost)
    (again,) = book.changed(NOW + KEPT_MS + MINUTE_MS)
    assert (again.site, again.minute, again.accepted) == ("a", NOW, 1)
    assert again.version > lost[0].version


def test_without_kafka_memory_is_bounded_and_the_oldest_minutes_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door_ledger, "MAX_ROWS", 10)
    book = ledger()
    for minute in range(30):
        book.rejected("a", NOW + minute * MINUTE_MS, DropReason.NOT_DURABLE)
    assert {key[1] // MINUTE_MS for key in counts(book.changed(NOW))} == set(range(20, 30))
    assert (book.take_lost(), book.take_lost()) == (20, 0)


def test_rows_of_closed_minutes_that_kafka_does_not_take_are_bounded_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door_ledger, "MAX_ROWS", 10)
    book = ledger()
    for number in range(15):
        at = NOW + number * (KEPT_MS + MINUTE_MS)
        book.rejected("a", at, DropReason.NOT_DURABLE)
        book.not_written(book.changed(at + KEPT_MS + MINUTE_MS))
    assert len(book.changed(at)) == 10
    assert book.take_lost() == 5


def test_a_life_says_when_it_spoke_last_and_that_it_ended() -> None:
    book = ledger()
    book.changed(NOW + 7_000)
    row = book.life()
    assert (row.part, row.minute, row.version, row.accepted, row.outcomes) == (
        "life",
        NOW,
        NOW + 7_000,
        1,
        {"running": 1},
    )
    assert book.life(ended=True).outcomes == {"ended": 1}


Step = tuple[str, str, int]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["hand over", "ack", "take back", "reject", "write"]),
        st.sampled_from(["", "a", "b"]),
        st.integers(NOW - 3 * MINUTE_MS, NOW + 30 * MINUTE_MS),
    ),
    max_size=60,
)


@given(STEPS)
def test_whatever_happens_each_row_adds_up_and_nothing_is_counted_twice(steps: list[Step]) -> None:
    book, written, on_the_way = ledger(), dict[tuple[str, int], LedgerRow](), list[HandedOver]()
    received = acked = 0

    def write(now: int) -> None:
        for row in book.changed(now):
            assert row.accepted == sum(row.outcomes.values())
            assert min([*row.outcomes.values(), *row.events.values()], default=1) > 0
            written[row.site, row.minute] = row

    for what, site, at in steps:
        if what == "hand over":
            on_the_way.append(book.handed_over([told(at, 2, site)]))
            received += 1
        elif what == "ack" and on_the_way:
            book.acked(on_the_way.pop(), [at])
            acked += 1
        elif what == "take back" and on_the_way:
            book.taken_back(on_the_way.pop())
            received -= 1
        elif what == "reject":
            book.rejected(site, at, DropReason.MALFORMED)
            received += 1
        else:
            write(NOW)
    write(NOW)
    assert sum(row.accepted for row in written.values()) == received
    assert sum(row.outcomes.get("acked", 0) for row in written.values()) == acked
    assert sum(row.events.get("acked", 0) for row in written.values()) == 2 * acked
    assert sum(row.events.get("unknown", 0) for row in written.values()) == 2 * len(on_the_way)
