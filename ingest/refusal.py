"""Bad input: an exception for a whole request, a record for one event. Slowing down is another matter (admission)."""

from dataclasses import dataclass, field
from typing import Any

import msgspec

from schemas.drop_reasons import DropReason

EXCERPT_LENGTH = 2_048


@dataclass(frozen=True, slots=True)
class Refused:
    """One event that was not taken. ``place`` says where it stood in the body, ``excerpt`` what it was (unscrubbed)."""

    reason: DropReason
    detail: str
    place: str = ""
    excerpt: str = ""


@dataclass(eq=False)
class Refusal(Exception):  # noqa: N818 - an answer, not a fault
    """A request that is not taken, and why; ``events`` tell of each event where it was they that were bad.

    ``retry_after_s``: when another try has a chance, where that is known better than by the reason alone.
    ``site``: whose beacon it was, where that is known but no request came of it.
    """

    reason: DropReason
    detail: str
    events: list[Refused] = field(default_factory=list)
    retry_after_s: int | None = None
    site: str = ""

    def __str__(self) -> str:
        """The reason and the detail."""
        return f"{self.reason}: {self.detail}"


def excerpt(value: Any) -> str:
    """The JSON of a refused value, cut to a bounded length."""
    if isinstance(value, msgspec.Raw):
        return bytes(memoryview(value)[:EXCERPT_LENGTH]).decode("utf-8", "replace")
    return msgspec.json.encode(value)[:EXCERPT_LENGTH].decode("utf-8", "replace")
