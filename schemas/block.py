"""A block: all beacons that reached a lane within the linger, as one Kafka record (design section 3)."""

from collections.abc import Iterable, Sequence
from typing import Final

from schemas.event import SCHEMA_VERSION

SCHEMA_HEADER: Final = "schema"
COLLECTOR_HEADER: Final = "collector"
TICK_HEADER: Final = "tick"

Headers = list[tuple[str, bytes]]


def join_lines(lines: Iterable[bytes]) -> bytes:
    """The value of a block: one beacon a line."""
    return b"\n".join(lines)


def split_lines(value: bytes) -> list[bytes]:
    """The lines of a block in their order; a tick has none."""
    return value.split(b"\n") if value else []


def block_headers(collector: str) -> Headers:
    """Headers of a block that holds beacons."""
    return [(SCHEMA_HEADER, str(SCHEMA_VERSION).encode()), (COLLECTOR_HEADER, collector.encode())]


def tick_headers(collector: str, now_ms: int) -> Headers:
    """Headers of an empty block: it only says that time went on in this lane."""
    return [*block_headers(collector), (TICK_HEADER, str(now_ms).encode())]


def header(headers: Sequence[tuple[str, bytes]], name: str) -> str | None:
    """The text of a header, or None where it is absent."""
    for key, value in headers:
        if key == name:
            return value.decode("utf-8", "replace")
    return None
