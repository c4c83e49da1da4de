"""Which dead letters are written again, where to, and how they are counted; no Kafka."""

from hypothesis import given
from hypothesis import strategies as st

from processors.dead_letters.replay import Judge, OpenBlocks, Outcome
from processors.dead_letters.scan import Found, Wanted
from processors.dead_letters.summary import GROUPS, OTHERS, Summary
from schemas.block import join_lines
from schemas.dead_letter import DeadLetter
from schemas.event import encode_beacon
from schemas.lanes import lane_of
from schemas.limits import BLOCK_BYTES
from tests.lab.lane import beacon, vital


def letter(body: str, **more: object) -> DeadLetter:
    known: dict[str, object] = {"reason": "schema_unknown", "detail": "", "received_at": 1, "lane": 7, "whole": True}
    return DeadLetter(**{**known, **more}, body=body)  # type: ignore[arg-type]


def line(session: str = "v", **more: object) -> str:
    return encode_beacon(beacon([vital("LCP", 1)], session_id=session, **more)).decode()


def test_a_line_that_can_be_read_goes_to_its_sessions_lane_byte_for_byte() -> None:
    judge = Judge(lanes=5)
    for session in "abcdefgh":
        told = line(session)
        assert judge.judge(letter(told)) == (Outcome.REPLAYED, lane_of("s", session, 5), told.encode())


def test_the_same_line_is_written_once() -> None:
    judge = Judge(lanes=2)
    outcomes = [judge.judge(letter(line(beacon_id=name)))[0] for name in ("a", "b", "a", "a")]
    assert outcomes == [Outcome.REPLAYED, Outcome.REPLAYED, Outcome.REPEATED, Outcome.REPEATED]


def test_what_cannot_be_replayed_is_said_by_its_cause() -> None:
    judge = Judge(lanes=2)
    causes = {
        Outcome.AT_THE_DOOR: letter(line(), lane=-1),
        Outcome.CUT: letter(line(), whole=False),
        Outcome.STILL_REFUSED: letter("{"),
    }
    assert {outcome: judge.judge(told) for outcome, told in causes.items()} == {
        outcome: (outcome, -1, b"") for outcome in causes
    }
    assert judge.judge(letter(line(schema=2)))[0] is Outcome.STILL_REFUSED


lines = st.lists(st.tuples(st.integers(0, 2), st.integers(1, BLOCK_BYTES // 2).map(lambda n: b"x" * n)), max_size=12)


@given(lines)
def test_blocks_hold_every_line_once_in_its_lane_in_order_and_none_is_over_the_limit(
    told: list[tuple[int, bytes]],
) -> None:
    blocks = OpenBlocks()
    written: list[tuple[int, list[bytes]]] = []
    for partition, text in told:
        if full := blocks.add(partition, text):
            written.append((partition, full))
    written += blocks.rest()
    for lane in range(3):
        want = [text for partition, text in told if partition == lane]
        assert [text for partition, block in written if partition == lane for text in block] == want
    assert all(len(join_lines(block)) <= BLOCK_BYTES for _, block in written)


def test_a_block_is_filled_to_its_limit_and_not_one_byte_over() -> None:
    for second, blocks_made in ((BLOCK_BYTES - 101, 1), (BLOCK_BYTES - 100, 2)):
        blocks = OpenBlocks()
        full = [blocks.add(0, b"x" * size) for size in (100, second)]
        assert len([block for block in full if block]) + len(list(blocks.rest())) == blocks_made


def found(reason: str, site: str, at: int, whole: bool = False) -> Found:
    return Found(0, at, at, DeadLetter(reason, "", 0, site, whole=whole))


def test_letters_are_counted_by_reason_and_site_with_their_first_and_newest() -> None:
    summary = Summary()
    for one in (found("a", "s", 5), found("a", "s", 3, whole=True), found("a", "s", 9), found("b", "s", 1)):
        summary.add(one)
    first, second = summary.groups()
    assert (first.reason, first.site, first.count, first.whole, first.first_at, first.newest.offset) == (
        *("a", "s", 3, 1, 3),
        9,
    )
    assert (second.reason, second.count) == ("b", 1)


def test_a_million_sites_are_counted_in_bounded_memory_and_none_is_lost() -> None:
    summary = Summary()
    for number in range(GROUPS + 500):
        summary.add(found("a", f"site-{number}", number))
    groups = summary.groups()
    assert len(groups) == GROUPS + 1
    assert (groups[0].site, groups[0].count) == (OTHERS, 500)
    assert sum(group.count for group in groups) == GROUPS + 500


def test_letters_are_chosen_by_reason_site_and_time_the_time_itself_included() -> None:
    one = found("a", "", 10)
    assert Wanted().wants(one)
    assert Wanted("a", "", 10).wants(one)
    assert not Wanted(reason="b").wants(one)
    assert not Wanted(site="s").wants(one)
    assert not Wanted(since=11).wants(one)
