"""What one topic's records become: the rule every `*_rows.py` fills in."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import pyarrow as pa

T = TypeVar("T")


@dataclass(frozen=True)
class RowKind(Generic[T]):
    """A topic and its table.

    ``split`` cuts a record's value into what ``decode`` reads. Of two rows with the same ``identity`` the one with the
    higher ``version`` replaces the other. ``build`` makes an Arrow table whose columns are the ClickHouse table's.
    ``poll`` is the most records taken from Kafka at once, so that memory stays bounded whatever their size.
    """

    topic: str
    table: str
    split: Callable[[bytes], list[bytes]]
    decode: Callable[[bytes], T]
    identity: Callable[[T], Hashable]
    version: Callable[[T], int]
    build: Callable[[Sequence[T]], pa.Table]
    poll: int


def whole(value: bytes) -> list[bytes]:
    """The split of a topic whose record is one row."""
    return [value]


def table_of(kind: RowKind[T], rows: Sequence[T]) -> tuple[pa.Table, int]:
    """The rows as an Arrow table, and how many had to be left out because a value does not fit its column.

    Cost: rows are tried one by one only when the whole fails.
    """
    try:
        return kind.build(rows), 0
    except (pa.ArrowException, OverflowError, UnicodeEncodeError):
        fitting = [row for row in rows if _fits(kind, row)]
        return kind.build(fitting), len(rows) - len(fitting)


def _fits(kind: RowKind[T], row: T) -> bool:
    try:
        kind.build([row])
    except (pa.ArrowException, OverflowError, UnicodeEncodeError):
        return False
    return True
