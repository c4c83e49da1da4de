"""Any Kafka record is a block: what can't be read of it is refused line by line, never by a crash."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.core.step import step
from processors.source import make_block
from schemas.block import SCHEMA_HEADER, TICK_HEADER, block_headers, tick_headers
from schemas.drop_reasons import DropReason
from tests.lab.lane import NOW, Lab

headers = st.lists(st.tuples(st.sampled_from([SCHEMA_HEADER, TICK_HEADER, "collector"]), st.binary(max_size=40)))


@given(st.one_of(st.none(), st.binary(max_size=200)), headers)
def test_any_record_of_a_stranger_is_refused_by_its_lines_and_the_lane_goes_on(
    value: bytes | None, told: list[tuple[str, bytes]]
) -> None:
    lab = Lab()
    made = make_block(0, NOW, value, told)
    _, out = step(lab.memory, made, lab.config)
    assert lab.memory.offset == 0
    assert lab.memory.watermark.at <= NOW
    assert len(out.dead_letters) == len(made.lines) == ((value or b"").count(b"\n") + 1 if value else 0)
    assert set(out.counts) <= {DropReason.LINE_UNDECODABLE, DropReason.SCHEMA_UNKNOWN}


@pytest.mark.parametrize("tick", [b"", b"-1", b"1.5", b"\xff", b"9" * 17, b"9" * 5_000])
def test_a_tick_that_is_no_time_is_none(tick: bytes) -> None:
    assert make_block(0, NOW, b"", [*block_headers("test"), (TICK_HEADER, tick)]).tick is None


def test_a_tick_is_the_time_it_says() -> None:
    assert make_block(0, NOW, b"", tick_headers("test", NOW)).tick == NOW
