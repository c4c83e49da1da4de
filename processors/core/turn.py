"""One line on its way through the steps, and what the steps put out."""

from collections import Counter
from dataclasses import dataclass, field

from processors.core.block import Block
from processors.core.config import CoreConfig
from processors.core.memory import LaneMemory
from processors.core.records import Segment, Visit
from schemas.dead_letter import DeadLetter
from schemas.event import Beacon, Event
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
    visit had no room for. ``samples`` are encoded lines. ``last`` are rows of what was forgotten before its last
    change was emitted.
    """

    samples: list[bytes] = field(default_factory=list)
    dead_letters: list[DeadLetter] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    untracked: Counter[str] = field(default_factory=Counter)
    last: Rows = field(default_factory=Rows)

    def add(self, other: "Outputs") -> None:
        """Take in what a later block had to say."""
        self.samples += other.samples
        self.dead_letters += other.dead_letters
        self.counts.update(other.counts)
        self.untracked.update(other.untracked)
        self.last.add(other.last)


@dataclass(slots=True)
class Placed:
    """An event and the session it belongs to; None: it is late.

    ``tracked_id`` names its measurement within the visit ('' for none); ``poor``: a vital rated poor.
    """

    event: Event
    segment: Segment | None
    tracked_id: str = ""
    poor: bool = False


@dataclass(slots=True)
class Turn:
    """One line with all the steps need; each step adds what it found out."""

    memory: LaneMemory
    config: CoreConfig
    out: Outputs
    block: Block
    line: int
    raw: bytes
    beacon: Beacon = field(init=False)
    key: bytes = b""
    visit: Visit = field(init=False)
    placed: list[Placed] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    """What became of the line's events."""
    refused: bool = False
    """The line is a dead letter: what it says of itself is not believed."""
    altered: bool = False
    """The beacon is no longer what its raw bytes say."""

    def count(self, outcome: str, events: int = 1) -> None:
        """Say what became of some of the line's events: each becomes exactly one thing."""
        self.counts[outcome] = self.counts.get(outcome, 0) + events
