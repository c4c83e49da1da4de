"""Compressed bodies, inflated step by step and never beyond the cap (design section 5, F23)."""

import sys
import zlib
from collections.abc import Callable
from typing import Final

import cramjam

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

from ingest.refusal import Refusal
from schemas.drop_reasons import DropReason

_STEP: Final = 64 * 1024
_ZSTD_WINDOW_LOG: Final = 23
"""8 MiB, the largest window that HTTP allows (RFC 9659)."""

_GZIP: Final = 16 + zlib.MAX_WBITS
_RAW: Final = -zlib.MAX_WBITS


def inflate(body: bytes, encoding: str, cap: int) -> bytes:
    """The body as it was before its Content-Encoding.

    Raises:
        Refusal: UNSUPPORTED_ENCODING, TOO_LARGE (more than ``cap`` bytes), MALFORMED (broken or cut short).
    """
    named = encoding.strip().lower()
    if named in ("", "identity"):
        if len(body) > cap:
            raise _too_large(cap)
        return body
    way = _WAYS.get(named)
    if way is None:
        known = ", ".join(sorted(_WAYS))
        detail = f"content encoding {named[:64]!r} is not one of {known}"
        raise Refusal(DropReason.UNSUPPORTED_ENCODING, detail)
    return way(body, cap)


def _gunzip(body: bytes, cap: int) -> bytes:
    return _zlib(body, cap, _GZIP, "gzip")


def _inflate(body: bytes, cap: int) -> bytes:
    """`deflate` is zlib's format (RFC 9110), but some send it bare."""
    is_zlib = len(body) >= 2 and body[0] & 0x0F == 8 and (body[0] << 8 | body[1]) % 31 == 0
    return _zlib(body, cap, zlib.MAX_WBITS if is_zlib else _RAW, "deflate")


def _zlib(body: bytes, cap: int, bits: int, name: str) -> bytes:
    inflater = zlib.decompressobj(bits)
    out, left = bytearray(), body
    try:
        while left and not inflater.eof:
            out += inflater.decompress(left, _STEP)
            left = inflater.unconsumed_tail
            if len(out) > cap:
                raise _too_large(cap)
        while not inflater.eof and (more := inflater.decompress(b"", _STEP)):
            out += more
            if len(out) > cap:
                raise _too_large(cap)
    except zlib.error as error:
        raise _broken(name, error) from error
    if not inflater.eof or inflater.unused_data:
        raise _broken(name, "it ends too early" if not inflater.eof else "bytes follow its end")
    return bytes(out)


def _zstd(body: bytes, cap: int) -> bytes:
    inflater = zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: _ZSTD_WINDOW_LOG})
    out, left = bytearray(), body
    try:
        while not inflater.eof:
            piece = inflater.decompress(left, _STEP)
            left = b""
            out += piece
            if len(out) > cap:
                raise _too_large(cap)
            if not piece and inflater.needs_input:
                break
    except zstd.ZstdError as error:
        raise _broken("zstd", error) from error
    if not inflater.eof or inflater.unused_data:
        raise _broken("zstd", "it ends too early" if not inflater.eof else "bytes follow its end")
    return bytes(out)


def _brotli(body: bytes, cap: int) -> bytes:
    """Into a buffer of one byte more than the cap: cramjam stops when it is full."""
    room = bytearray(cap + 1)
    try:
        size = cramjam.brotli.decompress_into(body, room)
    except cramjam.DecompressionError as error:
        if room[cap] or "whole buffer" in str(error):
            raise _too_large(cap) from error
        raise _broken("br", error) from error
    if size > cap:
        raise _too_large(cap)
    return bytes(memoryview(room)[:size])


def _too_large(cap: int) -> Refusal:
    return Refusal(DropReason.TOO_LARGE, f"the body inflates to more than {cap} bytes")


def _broken(name: str, why: object) -> Refusal:
    return Refusal(DropReason.MALFORMED, f"the {name} body can't be inflated: {why}")


_WAYS: Final[dict[str, Callable[[bytes, int], bytes]]] = {
    "gzip": _gunzip,
    "x-gzip": _gunzip,
    "deflate": _inflate,
    "zstd": _zstd,
    "br": _brotli,
}
