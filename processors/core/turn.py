"""One line on its way through the steps, and what the steps put out."""

from dataclasses import dataclass, field

from processors.core.block import Block
from processors.core.config import CoreConfig
from processors.core.memory import LaneMemory
from processors.core.records import PageView, Segment, Visit
from schemas.dead_letter import DeadLetter
from schemas.event import Beacon
from schemas.ledger import LedgerRow
from schemas.rollup import RollupRow
from schemas.session import SessionRow


@dataclass
class Rows:
    """Absolute rows for the sinks."""

    rollups: list[RollupRow] = field(default_factory=list)
    sessions: list[SessionRow] = field(default_factory=list)
    ledger: list[LedgerRow] = field(default_factory=list)

    def add(self, other: "Rows") -> None:
        """Append the other's rows."""
        self.rollups += other.rollups
        self.sessions += other.sessions
        self.ledger += other.ledger


@dataclass
class Outputs:
    """What a lane has to say since its last checkpoint.

    ``counts`` says what became of each accepted event: "applied" or a DropReason. ``untracked`` counts ids that a
    visit had no room for. ``samples`` are encoded lines, ``held`` those of the block that are held back. ``last`` are
    rows of what was forgotten before its last change was emitted.
    """

    samples: list[bytes] = field(default_factory=list)
    dead_letters: list[DeadLetter] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    untracked: dict[str, int] = field(default_factory=dict)
    last: Rows = field(default_factory=Rows)
    held: list[bytes] = field(default_factory=list)

    def add(self, other: "Outputs") -> None:
        """Take in what a later block had to say; what it holds back is in the lane's memory already."""
        self.samples += other.samples
        self.dead_letters += other.dead_letters
        add_counts(self.counts, other.counts)
        add_counts(self.untracked, other.untracked)
        self.last.add(other.last)


def add_counts(into: dict[str, int], more: dict[str, int]) -> None:
    """Add the other's counts."""
    for name, count in more.items():
        into[name] = into.get(name, 0) + count


@dataclass(slots=True)
class Turn:
    """One line with all the steps need; each step adds what it found out.

    ``low`` and ``high`` are the times of its earliest and latest event. ``segments`` says of each event which session
    it belongs to (None: it is late), ``sole`` the session of all of them where that is one. ``causes`` are sessions in
    which an error or a poor vital was seen, ``pages`` the page views that were looked up, by session and page, with
    their keys. ``counts`` says what became of the line's events. ``refused``: the line is a dead letter, and what it
    says of itself is not believed. ``altered``: the beacon is no longer what its raw bytes say.
    """

    memory: LaneMemory
    config: CoreConfig
    out: Outputs
    block: Block
    line: int
    raw: bytes
    counts: dict[str, int]
    causes: list[Segment]
    pages: dict[tuple[int, int], tuple[bytes, PageView]]
    beacon: Beacon = field(init=False)
    low: int = field(init=False)
    high: int = field(init=False)
    visit: Visit = field(init=False)
    key: bytes = field(init=False)
    segments: list[Segment | None] = field(init=False)
    sole: Segment | None = None
    refused: bool = False
    altered: bool = False

    def count(self, outcome: str, events: int = 1) -> None:
        """Say what became of some of the line's events: each becomes exactly one thing."""
        self.counts[outcome] = self.counts.get(outcome, 0) + events
