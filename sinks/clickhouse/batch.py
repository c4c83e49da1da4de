"""A batch: rows of one topic on their way to ClickHouse, and the offsets they stand for."""

from collections.abc import Hashable, Sequence
from typing import Generic, TypeVar

from aiokafka import TopicPartition

from sinks.clickhouse.rows import RowKind

T = TypeVar("T")


class Batch(Generic[T]):
    """Rows by identity: of two versions of a row only the newer is kept, so fewer rows are written.

    ``bytes`` counts the Kafka values read, replaced ones included. ``offsets`` are what to commit once the rows are
    written: the offset after the last record of each partition.
    """

    def __init__(self, kind: RowKind[T]) -> None:
        self._kind = kind
        self._rows: dict[Hashable, T] = {}
        self.bytes = 0
        self.offsets: dict[TopicPartition, int] = {}
        self.opened_at: float | None = None

    def read(self, partition: TopicPartition, offset: int, size: int, now: float) -> None:
        """A record was read, whatever it holds; ``now`` is monotonic seconds."""
        self.offsets[partition] = offset + 1
        self.bytes += size
        if self.opened_at is None:
            self.opened_at = now

    def add(self, row: T) -> None:
        """Keep the row unless a newer version of it is here."""
        key = self._kind.identity(row)
        known = self._rows.get(key)
        if known is None or self._kind.version(row) >= self._kind.version(known):
            self._rows[key] = row

    @property
    def rows(self) -> Sequence[T]:
        """The rows to write."""
        return list(self._rows.values())

    def full(self, rows: int, size: int) -> bool:
        """Whether it has reached either limit."""
        return len(self._rows) >= rows or self.bytes >= size

    def waited(self, now: float, seconds: float) -> bool:
        """Whether its first record has waited that long."""
        return self.opened_at is not None and now - self.opened_at >= seconds
