"""Bodies come out as they went in, whatever packed them, and never more at once than a piece."""

import zlib
from collections.abc import Callable

import lz4.frame
import pytest
from backports import zstd
from hypothesis import given
from hypothesis import strategies as st

from embedded.clickhouse.coding import Unpacker, choose
from embedded.clickhouse.exceptions import EngineError

PIECE = 1024 * 1024


def _gzip(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=31)
    return packer.compress(data) + packer.flush()


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": _gzip,
    "deflate": zlib.compress,
    "zstd": zstd.compress,
    "lz4": lz4.frame.compress,
    "identity": bytes,
    "": bytes,
}


def unpacked(name: str, packed: bytes, step: int) -> bytes:
    unpacker = Unpacker(name)
    pieces = [p for at in range(0, len(packed), step) for p in unpacker.feed(packed[at : at + step])]
    unpacker.end()
    return b"".join(pieces)


@given(st.sampled_from(sorted(PACKERS)), st.lists(st.binary(), max_size=4), st.integers(min_value=1, max_value=300))
def test_frames_in_any_cut_give_the_same_body(name: str, frames: list[bytes], step: int) -> None:
    packed = b"".join(map(PACKERS[name], frames))
    assert unpacked(name, packed, step) == b"".join(frames)


@given(st.sampled_from(["zstd", "lz4", "gzip", "deflate"]), st.lists(st.binary(), max_size=4))
def test_an_answer_is_readable_by_its_coding(name: str, pieces: list[bytes]) -> None:
    chosen = choose(name)
    assert chosen is not None
    packed = b"".join([*map(chosen[1].compress, pieces), chosen[1].flush()])
    assert (chosen[0], unpacked(name, packed, 1000)) == (name, b"".join(pieces))


@pytest.mark.parametrize("name", ["gzip", "deflate", "zstd", "lz4"])
def test_a_bomb_comes_in_pieces(name: str) -> None:
    packed = PACKERS[name](bytes(20 * PIECE))
    sizes = [len(piece) for piece in Unpacker(name).feed(packed)]
    assert max(sizes) <= PIECE
    assert sum(sizes) == 20 * PIECE


@pytest.mark.parametrize("name", ["gzip", "deflate", "zstd", "lz4"])
def test_a_body_that_is_not_what_it_says_is_refused(name: str) -> None:
    with pytest.raises(EngineError) as refused:
        unpacked(name, b"plain text, not packed at all", 1000)
    assert (refused.value.name, refused.value.status) == ("CANNOT_DECOMPRESS", 400)


@pytest.mark.parametrize("name", ["gzip", "deflate", "zstd", "lz4"])
def test_a_body_cut_off_is_refused(name: str) -> None:
    packed = PACKERS[name](bytes(range(256)) * 10)
    with pytest.raises(EngineError, match="cut off"):
        unpacked(name, packed[:-1], 1000)


def test_an_unknown_coding_is_refused() -> None:
    with pytest.raises(EngineError, match="zstd, lz4, gzip") as refused:
        Unpacker("br")
    assert refused.value.status == 501


@pytest.mark.parametrize(
    ("accepted", "name"),
    [
        ("", None),
        ("identity", None),
        ("br", None),
        ("gzip", "gzip"),
        ("lz4,zstd,gzip,deflate", "zstd"),
        ("GZIP;q=0.5, br", "gzip"),
        ("gzip;q=0, deflate", "deflate"),
        ("zstd; q=0", None),
    ],
)
def test_the_best_offered_coding_is_taken(accepted: str, name: str | None) -> None:
    chosen = choose(accepted)
    assert (chosen[0] if chosen else None) == name
