"""When too much of what a lane reads is refused, the fault is not in single lines: stop instead of draining it."""

from collections import deque
from collections.abc import Iterable, Sequence
from typing import Final

from schemas.dead_letter import DeadLetter

_RUNS: Final = 20

Run = tuple[int, int]
"""Lines of some blocks in a row, and how many of them were refused."""


class BadShareError(Exception):
    """More than the allowed share of a lane's last lines was refused; the message says what to do."""


class BadShare:
    """Moving count over a lane's last lines. A function of the lane's content alone, no clock.

    Over the limit is a lane that has read at least ``lines`` lines and refused more than ``share`` of the last ones:
    at least ``lines``, and at most 1/20 of that and a block more. Kept with the lane's offset (``record``), it stops
    a worker that is started anew at the very block where it stopped the last one. Bounded: 22 runs.

    Raises:
        ValueError: a share outside (0, 1], or no lines.
    """

    def __init__(self, share: float, lines: int, record: Iterable[Run] = ()) -> None:
        if not 0 < share <= 1:
            raise ValueError(f"bad share of {share}: must be above 0 and at most 1 (no limit)")
        if lines < 1:
            raise ValueError(f"bad share over {lines} lines: must be at least 1")
        self._share = share
        self._span = lines
        self._run_lines = max(lines // _RUNS, 1)
        self._runs: deque[Run] = deque()
        self.lines = self.refused = 0
        for run in record:
            self._append(*run)

    def note(self, lines: int, refused: int) -> None:
        """Count a block: how many lines it had and how many of them were refused. A tick has none. Cost: O(1)."""
        if not lines:
            return
        if self._runs and self._runs[-1][0] < self._run_lines:
            before = self._runs.pop()
            self.lines -= before[0]
            self.refused -= before[1]
            lines, refused = lines + before[0], refused + before[1]
        self._append(lines, refused)
        while self.lines - self._runs[0][0] >= self._span:
            gone = self._runs.popleft()
            self.lines -= gone[0]
            self.refused -= gone[1]

    @property
    def is_over(self) -> bool:
        """True when there are enough lines to tell and more than the share of them was refused."""
        return self.lines >= self._span and self.refused > self._share * self.lines

    def check(self, letters: Sequence[DeadLetter]) -> None:
        """Stop a lane that is over the limit; the last of its dead letters is said as an example.

        Raises:
            BadShareError: it is.
        """
        if self.is_over:
            example = ""
            if letters:
                last = letters[-1]
                example = f" (the last at offset {last.offset} line {last.line}: {last.reason}: {last.detail})"
            raise BadShareError(
                f"{self.refused} of the last {self.lines} lines were refused, more than a share of {self._share:g}"
                f"{example}. What came after the last checkpoint is neither counted nor refused, it waits in Kafka. "
                "Run a rumstream that can read these lines, or lift the limit with RUMSTREAM_BAD_SHARE=1"
            )

    def record(self) -> list[Run]:
        """What to keep in the lane's own record, oldest run first."""
        return list(self._runs)

    def _append(self, lines: int, refused: int) -> None:
        self._runs.append((lines, refused))
        self.lines += lines
        self.refused += refused
