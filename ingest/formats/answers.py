"""What a client is told when its beacon is in Kafka."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from ingest.draft import Decoded

Headers = Mapping[bytes, bytes]


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, headers beside those of every answer, body."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...] = ()
    body: bytes = b""


Accepted = Callable[[Headers, Decoded], Answer]
"""The good answer to a request with these headers, whose body was decoded to this."""

_NO_CONTENT: Final = Answer(204)
_TAKEN: Final = Answer(202)


def no_content(headers: Headers, decoded: Decoded) -> Answer:  # noqa: ARG001 - the same whatever was sent
    """204."""
    return _NO_CONTENT


def taken(headers: Headers, decoded: Decoded) -> Answer:  # noqa: ARG001 - the same whatever was sent
    """202, the only status on which Faro looks at what the answer says of its session."""
    return _TAKEN
