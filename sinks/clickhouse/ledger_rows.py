"""`rum.ledger` to `ledger`."""

from collections.abc import Hashable, Sequence
from typing import Final

import pyarrow as pa

from schemas.ledger import LedgerRow, decode_ledger
from schemas.topics import LEDGER
from sinks.clickhouse.rows import RowKind, whole

_SCHEMA: Final = pa.schema(
    [
        ("minute", pa.uint32()),
        ("site", pa.string()),
        ("part", pa.string()),
        ("writer", pa.string()),
        ("version", pa.uint64()),
        ("accepted", pa.uint64()),
        ("outcomes", pa.map_(pa.string(), pa.uint64())),
        ("events", pa.map_(pa.string(), pa.uint64())),
    ]
)


def identity(row: LedgerRow) -> Hashable:
    """Minute, site, and who wrote it."""
    return (row.minute, row.site, row.part, row.writer)


def build(rows: Sequence[LedgerRow]) -> pa.Table:
    """The rows by columns; ``minute`` in seconds, as ClickHouse's DateTime has it.

    Raises:
        pyarrow.ArrowException, OverflowError: a number does not fit its column.
    """
    columns = [
        [row.minute // 1000 for row in rows],
        [row.site for row in rows],
        [row.part for row in rows],
        [row.writer for row in rows],
        [row.version for row in rows],
        [row.accepted for row in rows],
        [list(row.outcomes.items()) for row in rows],
        [list(row.events.items()) for row in rows],
    ]
    return pa.table(
        [pa.array(column, field.type) for column, field in zip(columns, _SCHEMA, strict=True)], schema=_SCHEMA
    )


LEDGER_ROWS: Final = RowKind(
    topic=LEDGER,
    table="ledger",
    split=whole,
    decode=decode_ledger,
    identity=identity,
    version=lambda row: row.version,
    build=build,
    poll=2_000,
)
