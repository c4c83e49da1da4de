"""A block as the core sees it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Block:
    """One record of `rum.beacons`. ``appended_at`` is the broker's append time in ms; a tick has no lines."""

    offset: int
    appended_at: int
    lines: list[bytes]
    schema: str = "1"
    tick: int | None = None
