"""A request's body in a file that begins in memory: the engine gets it only when all of it is there.

So a client that dies in the middle has inserted nothing, and a large body costs disk, not memory.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import Final

from starlette.requests import Request

from embedded.clickhouse.coding import Unpacker
from embedded.clickhouse.exceptions import raised

_PIECE: Final = 1024 * 1024


class Body:
    """Unpacked bytes of a body, read from the front."""

    def __init__(self, file: SpooledTemporaryFile[bytes], size: int) -> None:
        self._file, self.size = file, size

    def read(self, limit: int) -> bytes:
        """The next bytes, at most ``limit``; empty at the end."""
        return self._file.read(limit)

    def pieces(self) -> Iterator[bytes]:
        """All that is left, in pieces of 1 MiB."""
        while piece := self._file.read(_PIECE):
            yield piece


@asynccontextmanager
async def received(request: Request, folder: Path, in_memory: int, limit: int) -> AsyncIterator[Body]:
    """The whole body of a request; above ``in_memory`` bytes in a nameless file in ``folder``.

    Raises:
        EngineError: TOO_MANY_BYTES above ``limit`` bytes unpacked, CANNOT_DECOMPRESS, NOT_IMPLEMENTED (encoding),
            NOT_ENOUGH_SPACE.
        ClientDisconnect: it did not come whole.
    """
    unpacker, size = Unpacker(request.headers.get("content-encoding", "")), 0
    with SpooledTemporaryFile[bytes](max_size=in_memory, dir=str(folder)) as file:
        async for sent in request.stream():
            for piece in unpacker.feed(sent):
                size += len(piece)
                if size > limit:
                    raise raised("TOO_MANY_BYTES", f"The body is larger than {limit} bytes; insert it in parts")
                try:
                    file.write(piece)
                except OSError as error:
                    raise raised("NOT_ENOUGH_SPACE", f"Cannot keep the body in {folder}: {error.strerror}") from error
        unpacker.end()
        file.seek(0)
        yield Body(file, size)
