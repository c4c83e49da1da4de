"""The ledger: what was accepted became something, in the minute and for the site it was received for."""

from processors.core.block import Block
from schemas.drop_reasons import DropReason
from schemas.event import Event
from tests.lab.lane import NOW, Lab, beacon, block, vital

MINUTE = NOW - NOW % 60_000


def test_a_minute_says_what_became_of_its_events() -> None:
    lab = Lab()
    hidden = Event(ts=NOW, kind="visibility", name="hidden")
    first = beacon([vital("LCP", 100, metric_id="m"), hidden], beacon_id="a")
    lab.feed(block(0, first, first, beacon([vital("LCP", 200, metric_id="m")], beacon_id="b")))
    lab.checkpoint()
    (row,) = lab.minutes()
    assert (row.site, row.minute, row.part, row.accepted) == ("s", MINUTE, "lane", 5)
    assert row.outcomes == {"applied": 1, "unmeasured": 1, "duplicate": 2, "superseded": 1}


def test_two_minutes_and_two_sites_are_told_apart() -> None:
    lab = Lab()
    for number, (site, at) in enumerate([("a", MINUTE), ("a", MINUTE + 59_999), ("a", MINUTE + 60_000), ("b", MINUTE)]):
        told = beacon([vital("LCP", 1, at)], beacon_id=str(number), site=site, received_at=at)
        lab.feed(block(number, told))
    lab.checkpoint()
    assert {(r.site, r.minute - MINUTE): r.accepted for r in lab.minutes()} == {
        ("a", 0): 2,
        ("a", 60_000): 1,
        ("b", 0): 1,
    }


def test_a_line_that_cannot_be_decoded_counts_one_for_no_site() -> None:
    lab = Lab()
    lab.feed(Block(offset=0, appended_at=NOW, lines=[b"{", b"["]))
    lab.checkpoint()
    (row,) = lab.minutes()
    assert (row.site, row.accepted, row.outcomes) == ("", 2, {DropReason.LINE_UNDECODABLE: 2})


def test_a_closed_minute_is_never_opened_again() -> None:
    lab = Lab()
    later = NOW + lab.config.lateness_ms + 3_600_000
    lab.feed(block(0, beacon([vital("LCP", 1)], beacon_id="a"), appended_at=NOW))
    lab.feed(
        block(1, beacon([vital("LCP", 1, later)], beacon_id="b", session_id="w", received_at=later), appended_at=later)
    )
    lab.checkpoint()
    lab.checkpoint()
    lab.feed(block(2, beacon([vital("LCP", 1)], beacon_id="c", session_id="x"), appended_at=later))
    lab.checkpoint()
    assert {r.minute: r.accepted for r in lab.minutes()} == {MINUTE: 1, later - later % 60_000: 2}
