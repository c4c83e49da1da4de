"""Content-Encoding: takes compressed bodies apart and packs answers, piece by piece and never more than asked for.

deflate is zlib's format (RFC 9110, section 8.4.1.2), lz4 the frame format, as ClickHouse has them. A body may be
several frames one after the other: clickhouse-connect sends one per block.
"""

import sys
import zlib
from collections.abc import Callable, Iterator
from typing import Final, Protocol

import lz4.frame

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

from embedded.clickhouse.exceptions import raised

_PIECE: Final = 1024 * 1024
_FAST: Final = 1  # levels: the other side is on this machine


class Compressor(Protocol):
    """What zlib, zstd and lz4 have in common."""

    def compress(self, data: bytes, /) -> bytes:
        """Packed bytes so far."""
        ...

    def flush(self) -> bytes:
        """The rest."""
        ...


class _Decompressor(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes | None: ...
    def decompress(self, data: bytes, max_length: int) -> bytes: ...


class _Zlib:
    """zlib's decompressor in the form of the other two (Python has it only from 3.12 on)."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)  # gzip or zlib, by the header

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def needs_input(self) -> bool:
        return not self._inner.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        return self._inner.decompress(self._inner.unconsumed_tail + data, max_length)


class _Lz4Frame:
    """One frame: lz4 writes its header apart."""

    def __init__(self) -> None:
        self._inner = lz4.frame.LZ4FrameCompressor()
        self._begun = False

    def compress(self, data: bytes, /) -> bytes:
        packed: bytes = self._head() + self._inner.compress(data)
        return packed

    def flush(self) -> bytes:
        packed: bytes = self._head() + self._inner.flush()
        return packed

    def _head(self) -> bytes:
        if self._begun:
            return b""
        self._begun = True
        head: bytes = self._inner.begin()
        return head


def _gzip() -> Compressor:
    return zlib.compressobj(_FAST, wbits=zlib.MAX_WBITS | 16)


# In the order in which they are preferred.
_OUT: Final[dict[str, Callable[[], Compressor]]] = {
    "zstd": lambda: zstd.ZstdCompressor(level=_FAST),
    "lz4": _Lz4Frame,
    "gzip": _gzip,
    "deflate": lambda: zlib.compressobj(_FAST),
}
_IN: Final[dict[str, Callable[[], _Decompressor]]] = {
    "zstd": zstd.ZstdDecompressor,
    "lz4": lz4.frame.LZ4FrameDecompressor,
    "gzip": _Zlib,
    "x-gzip": _Zlib,
    "deflate": _Zlib,
}
_ERRORS: Final = (zlib.error, zstd.ZstdError, RuntimeError, EOFError)  # lz4 raises RuntimeError


def choose(accepted: str) -> tuple[str, Compressor] | None:
    """Name and compressor for an Accept-Encoding header; None if nothing in it is known."""
    offered = [part.partition(";") for part in accepted.lower().split(",")]
    names = {name.strip() for name, _, weight in offered if weight.replace(" ", "") not in ("q=0", "q=0.0")}
    for name, make in _OUT.items():
        if name in names:
            return name, make()
    return None


class Unpacker:
    """Bytes of a body as they were before the Content-Encoding named; identity passes through.

    Raises:
        EngineError: NOT_IMPLEMENTED for an unknown encoding.
    """

    def __init__(self, encoding: str) -> None:
        self._name = encoding.strip().lower() or "identity"
        if self._name != "identity" and self._name not in _IN:
            known = ", ".join(_IN)
            raise raised("NOT_IMPLEMENTED", f"Content-Encoding {encoding!r} is not supported, use one of {known}")
        self._frame: _Decompressor | None = None

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Pieces of at most 1 MiB; nothing is unpacked that is not taken.

        Raises:
            EngineError: CANNOT_DECOMPRESS.
        """
        if self._name == "identity":
            yield data
            return
        try:
            yield from self._unpack(data)
        except _ERRORS as error:
            raise raised("CANNOT_DECOMPRESS", f"The body is not {self._name}: {error}") from error

    def end(self) -> None:
        """Check that the last frame was whole.

        Raises:
            EngineError: CANNOT_DECOMPRESS.
        """
        if self._frame is not None and not self._frame.eof:
            raise raised("CANNOT_DECOMPRESS", f"The body's {self._name} stream is cut off")

    def _unpack(self, data: bytes) -> Iterator[bytes]:
        while True:
            if self._frame is None or self._frame.eof:
                if not data:
                    return
                self._frame = _IN[self._name]()
            yield self._frame.decompress(data, _PIECE)
            if self._frame.eof:
                data = self._frame.unused_data or b""
            elif self._frame.needs_input:
                return
            else:
                data = b""
