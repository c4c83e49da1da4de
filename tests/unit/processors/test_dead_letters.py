"""What a dead letter keeps of a refused line: all of it wherever it can, so that it can be replayed."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.core.block import Block
from processors.core.decode import EXCERPT_LENGTH, letter_body
from schemas.dead_letter import DeadLetter, decode_dead_letter, encode_dead_letter
from schemas.drop_reasons import DropReason
from schemas.limits import DEAD_LETTER_BYTES, MESSAGE_BYTES
from tests.lab.lane import NOW, Lab, beacon, block, vital


@given(st.text(max_size=200))
def test_a_line_of_text_comes_back_byte_for_byte(text: str) -> None:
    body, whole = letter_body(text.encode())
    assert whole
    sent = encode_dead_letter(DeadLetter("line_undecodable", "", 0, body=body, whole=whole))
    assert decode_dead_letter(sent).body.encode() == text.encode()


@given(st.binary(max_size=200))
def test_any_line_makes_a_letter_and_only_the_very_bytes_are_whole(raw: bytes) -> None:
    body, whole = letter_body(raw)
    assert whole == (body.encode() == raw)


@pytest.mark.parametrize("character", ["a", '"', "\x01"])
def test_a_letter_holds_a_line_up_to_its_limit_as_json_and_not_one_byte_more(character: str) -> None:
    fits = DEAD_LETTER_BYTES // (len(msgspec.json.encode(character)) - 2)
    body, whole = letter_body(character.encode() * fits)
    assert whole
    assert len(encode_dead_letter(DeadLetter("r", "d" * 256, 0, body=body))) < MESSAGE_BYTES
    body, whole = letter_body(character.encode() * (fits + 1))
    assert not whole
    assert body == character * EXCERPT_LENGTH


def test_a_line_that_is_no_utf8_is_kept_as_an_excerpt() -> None:
    body, whole = letter_body(b"\xff" * 3_000)
    assert not whole
    assert body == "\ufffd" * EXCERPT_LENGTH


def test_the_letter_of_a_refused_line_says_where_it_stood() -> None:
    lab = Lab()
    good = beacon([vital("LCP", 1)])
    lines = [*block(0, good).lines, b'{"schema":1,"site":3}']
    lab.feed(Block(offset=5, appended_at=NOW, lines=lines))
    (letter,) = lab.out.dead_letters
    assert (letter.lane, letter.offset, letter.line, letter.whole) == (7, 5, 1, True)
    assert (letter.body, letter.reason) == ('{"schema":1,"site":3}', DropReason.LINE_UNDECODABLE)


def test_each_line_of_a_block_of_an_unknown_schema_is_a_dead_letter() -> None:
    lab = Lab()
    lines = block(0, *(beacon([vital("LCP", 1)], beacon_id=str(n)) for n in range(3))).lines
    lab.feed(Block(offset=4, appended_at=NOW, lines=lines, schema="2"))
    assert [(x.offset, x.line, x.body.encode(), x.whole) for x in lab.out.dead_letters] == [
        (4, number, line, True) for number, line in enumerate(lines)
    ]
    lab.checkpoint()
    assert lab.counts == {"schema_unknown": 3}
    (minute,) = lab.minutes()
    assert (minute.site, minute.accepted) == ("", 3)
    assert lab.memory.offset == 4
