"""What the supervisor runs: a command, what it waits for, and when it counts as ready."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum, unique

Check = Callable[[], Awaitable[bool]]


@unique
class State(StrEnum):
    """Where a part is."""

    WAITING = "waiting"
    STARTING = "starting"
    READY = "ready"
    DONE = "done"
    DIED = "died"
    STOPPING = "stopping"
    STOPPED = "stopped"


@dataclass(frozen=True)
class Part:
    """One process. ``needs`` are the names of parts that must be ready before it starts.

    Without ``ready`` the command is a step: it is done when it has ended with 0. ``stop_stage`` is its turn when all
    stop, lowest first; parts of one stage stop together.
    """

    name: str
    command: tuple[str, ...]
    needs: tuple[str, ...] = ()
    ready: Check | None = None
    env: Mapping[str, str] = field(default_factory=dict)
    stop_stage: int = 0


class PartError(Exception):
    """A part cannot be run at all; the message says which, how it ended, and its last lines."""
