"""The topics, their partitions and their configuration (design section 3)."""

from dataclasses import dataclass, field
from typing import Final

from schemas.limits import MESSAGE_BYTES

_HOUR_MS: Final = 3_600_000
_COMPACT: Final = {
    "cleanup.policy": "compact",
    "segment.bytes": str(64 * 1024 * 1024),
    "segment.ms": str(_HOUR_MS),
    "min.cleanable.dirty.ratio": "0.2",
    "delete.retention.ms": str(24 * _HOUR_MS),
}
_COMPACT_DELETE_7D: Final = {**_COMPACT, "cleanup.policy": "compact,delete", "retention.ms": str(7 * 24 * _HOUR_MS)}

STATE_DELETE_RETENTION_MS: Final = 24 * _HOUR_MS
"""How long a tombstone in `rum.state` can still be read; half of it is the oldest local store trusted."""


def _deleted_after(hours: int, **more: str) -> dict[str, str]:
    return {"cleanup.policy": "delete", "retention.ms": str(hours * _HOUR_MS), **more}


@dataclass(frozen=True)
class Topic:
    """A topic: its name, whether it has one partition a lane (else one in all), and its configuration."""

    name: str
    per_lane: bool
    config: dict[str, str] = field(default_factory=dict)


BEACONS: Final = "rum.beacons"
STATE: Final = "rum.state"
ROLLUPS: Final = "rum.rollups"
SESSIONS: Final = "rum.sessions"
SAMPLES: Final = "rum.samples"
DEAD_LETTER: Final = "rum.dead-letter"
LEDGER: Final = "rum.ledger"
SALTS: Final = "rum.salts"

_TOPICS: Final = (
    Topic(BEACONS, True, _deleted_after(72, **{"message.timestamp.type": "LogAppendTime"})),
    Topic(STATE, True, dict(_COMPACT)),
    Topic(ROLLUPS, True, dict(_COMPACT_DELETE_7D)),
    Topic(SESSIONS, True, dict(_COMPACT_DELETE_7D)),
    Topic(SAMPLES, True, _deleted_after(24)),
    Topic(DEAD_LETTER, True, _deleted_after(7 * 24)),
    Topic(LEDGER, True, dict(_COMPACT_DELETE_7D)),
    Topic(SALTS, False, dict(_COMPACT)),
)


def topic_name(base: str, generation: int) -> str:
    """A topic's name in a generation: the first has the bare name, later ones stand beside it."""
    return base if generation == 1 else f"{base}.g{generation}"


def topics(generation: int) -> list[Topic]:
    """All topics of a generation, each with the largest record it takes. Salts are shared by all generations."""
    size = {"max.message.bytes": str(MESSAGE_BYTES)}
    return [
        Topic(topic_name(t.name, generation if t.per_lane else 1), t.per_lane, {**t.config, **size}) for t in _TOPICS
    ]
