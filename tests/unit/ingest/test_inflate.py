"""Compressed bodies: whole, cut short, broken, and bombs."""

import gzip
import time
import tracemalloc
import zlib
from collections.abc import Callable

import cramjam
import pytest
from backports import zstd
from hypothesis import given
from hypothesis import strategies as st

from ingest.inflate import inflate
from ingest.refusal import Refusal
from schemas.drop_reasons import DropReason
from schemas.limits import BODY_INFLATED_BYTES, BODY_WIRE_BYTES


def bare_deflate(body: bytes) -> bytes:
    deflater = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return deflater.compress(body) + deflater.flush()


WAYS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "gzip": ("gzip", gzip.compress),
    "zlib": ("deflate", zlib.compress),
    "bare deflate": ("deflate", bare_deflate),
    "zstd": ("zstd", zstd.compress),
    "brotli": ("br", lambda body: bytes(cramjam.brotli.compress(body))),
    "nothing": ("identity", lambda body: body),
}
COMPRESSED = [name for name in WAYS if name != "nothing"]


def reason_of(body: bytes, encoding: str, cap: int = BODY_INFLATED_BYTES) -> DropReason:
    with pytest.raises(Refusal) as refused:
        inflate(body, encoding, cap)
    return refused.value.reason


@pytest.mark.parametrize("way", WAYS)
@given(body=st.binary(max_size=5_000))
def test_what_was_compressed_comes_back(way: str, body: bytes) -> None:
    encoding, compress = WAYS[way]
    assert inflate(compress(body), encoding, BODY_INFLATED_BYTES) == body
    assert inflate(compress(body), f" {encoding.upper()} ", BODY_INFLATED_BYTES) == body


@pytest.mark.parametrize("way", WAYS)
def test_the_cap_itself_is_taken_and_one_byte_more_is_not(way: str) -> None:
    encoding, compress = WAYS[way]
    cap = 200_000
    assert len(inflate(compress(b"a" * cap), encoding, cap)) == cap
    assert reason_of(compress(b"a" * (cap + 1)), encoding, cap) is DropReason.TOO_LARGE
    assert reason_of(compress(b"\x00" * (cap + 1)), encoding, cap) is DropReason.TOO_LARGE


@pytest.mark.parametrize("way", COMPRESSED)
def test_a_bomb_is_stopped_at_the_cap(way: str) -> None:
    encoding, compress = WAYS[way]
    bomb = compress(b"\x00" * 20_000_000)[:BODY_WIRE_BYTES]
    tracemalloc.start()
    begun = time.process_time()
    assert reason_of(bomb, encoding) is DropReason.TOO_LARGE
    spent = time.process_time() - begun
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 3 * BODY_INFLATED_BYTES
    assert spent < 0.1


@pytest.mark.parametrize("way", COMPRESSED)
def test_a_body_cut_short_or_followed_by_more_is_malformed(way: str) -> None:
    encoding, compress = WAYS[way]
    whole = compress(bytes(range(256)) * 8)
    for place in range(len(whole)):
        assert reason_of(whole[:place], encoding) is DropReason.MALFORMED
    if way != "brotli":  # whose decoder stops at the end of the stream
        assert reason_of(whole + b"x", encoding) is DropReason.MALFORMED


@pytest.mark.parametrize("way", COMPRESSED)
@given(body=st.binary(max_size=200))
def test_any_bytes_are_inflated_or_refused(way: str, body: bytes) -> None:
    reason = None
    try:
        whole = inflate(body, WAYS[way][0], 1_000)
    except Refusal as refusal:
        whole, reason = b"", refusal.reason
    assert len(whole) <= 1_000
    assert reason in {None, DropReason.MALFORMED, DropReason.TOO_LARGE}


@pytest.mark.parametrize("encoding", ["compress", "gzip, gzip", "GZIP2", "\xff" * 300])
def test_an_encoding_that_is_not_known_is_named(encoding: str) -> None:
    assert reason_of(b"x", encoding) is DropReason.UNSUPPORTED_ENCODING


def test_a_zstd_frame_may_not_ask_for_more_memory_than_http_allows() -> None:
    wide = zstd.compress(
        b"a" * 20_000_000,
        options={zstd.CompressionParameter.window_log: 27, zstd.CompressionParameter.enable_long_distance_matching: 1},
    )
    assert reason_of(wide, "zstd") is DropReason.MALFORMED
