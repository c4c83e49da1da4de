"""A part's output in a file of bounded size, and its last lines at hand."""

import asyncio
from collections import deque
from logging import Formatter, LogRecord, makeLogRecord
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Final

_FILE_BYTES: Final = 5_000_000
_OLD_FILES: Final = 2
_LAST_LINES: Final = 20
_READ_BYTES: Final = 64 * 1024
_LINE_BYTES: Final = 16 * 1024


class LogFile:
    """``last`` holds the newest lines, oldest first."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self.last: deque[str] = deque(maxlen=_LAST_LINES)
        self._file = RotatingFileHandler(path, maxBytes=_FILE_BYTES, backupCount=_OLD_FILES, encoding="utf-8")
        self._file.setFormatter(_Plain())

    async def follow(self, stream: asyncio.StreamReader) -> None:
        """Copy the stream's lines until its end; a line longer than 16 KiB is broken."""
        rest = b""
        while chunk := await stream.read(_READ_BYTES):
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                self.write(line)
            if len(rest) > _LINE_BYTES:
                self.write(rest)
                rest = b""
        if rest:
            self.write(rest)

    def write(self, line: bytes) -> None:
        """Add one line."""
        text = line.decode("utf-8", "replace").rstrip()
        if text:
            self.last.append(text)
            self._file.emit(makeLogRecord({"msg": text}))

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class _Plain(Formatter):
    def format(self, record: LogRecord) -> str:
        return str(record.msg)
