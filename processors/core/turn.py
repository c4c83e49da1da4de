"""One line on its way through the steps, and what the steps put out."""

from collections import Counter
from dataclasses import dataclass, field

from processors.core.block import Block
from processors.core.config import CoreConfig
from processors.core.memory import LaneMemory
from processors.core.records import Segment, Visit
from schemas.dead_letter import DeadLetter
from schemas.event import Beacon, Event
from schemas.rollup import RollupRow
from schemas.session import SessionRow


@dataclass
class Outputs:
    """What a lane has to say since its last checkpoint.

    ``counts`` says what became of each accepted event: "applied" or a DropReason. ``samples`` are encoded lines.
    ``last_rows`` are rows of windows and sessions that were forgotten before their last change was emitted.
    """

    samples: list[bytes] = field(default_factory=list)
    dead_letters: list[DeadLetter] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    last_rollups: list[RollupRow] = field(default_factory=list)
    last_sessions: list[SessionRow] = field(default_factory=list)


@dataclass(slots=True)
class Placed:
    """An event and the session it belongs to; None: it is late. ``poor``: a vital rated poor."""

    event: Event
    segment: Segment | None
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
    altered: bool = False
    """The beacon is no longer what its raw bytes say."""
