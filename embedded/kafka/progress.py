"""Says how far the fetch is: a bar on a terminal, a plain line every few seconds otherwise."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Final, Self

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

_LINE_EVERY_S: Final = 2.0
_MB: Final = 1_000_000


class FetchProgress:
    """One total over all files; ``file`` has the form of jgo's progress callback and may be called by many threads."""

    def __init__(self, what: str, total_bytes: int, total_files: int, console: Console | None = None) -> None:
        self._what, self._total, self._files = what, total_bytes, total_files
        self._console = console or Console(stderr=True)
        self._bytes = self._done = 0
        self._said_at = float("-inf")
        self._lock = threading.Lock()
        columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
        self._bar = Progress(*columns, console=self._console, disable=not self._console.is_terminal)
        self._task = self._bar.add_task(what, total=total_bytes)

    def __enter__(self) -> Self:
        """Show it."""
        self._bar.start()
        self._say(0, 0)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Hide it, or say that all is there."""
        self._bar.stop()
        if not self._console.is_terminal and kind is None:
            self._console.print(f"{self._what}: done, {self._total / _MB:.0f} MB", highlight=False)

    @contextmanager
    def file(self, name: str, size: int) -> Iterator[Callable[[int], None]]:  # noqa: ARG002 (jgo's form)
        """Counts one file's bytes while it arrives; ``arrived`` counts them for good."""
        seen = 0

        def count(more: int) -> None:
            nonlocal seen
            seen += more
            self._say(more, 0)

        try:
            yield count
        finally:
            self._say(-seen, 0)

    def arrived(self, size: int) -> None:
        """One more file of this size is there (a server need not announce sizes, so jgo may not have counted it)."""
        self._say(size, 1)

    def _say(self, more_bytes: int, more_files: int) -> None:
        with self._lock:
            self._bytes += more_bytes
            self._done += more_files
            self._bar.update(self._task, completed=self._bytes)
            if self._console.is_terminal or time.monotonic() - self._said_at < _LINE_EVERY_S:
                return
            self._said_at = time.monotonic()
            self._console.print(
                f"{self._what}: {self._bytes / _MB:.0f} of {self._total / _MB:.0f} MB, "
                f"{self._done} of {self._files} files",
                highlight=False,
            )
