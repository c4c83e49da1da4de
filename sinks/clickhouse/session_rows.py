"""`rum.sessions` to `sessions`."""

from collections.abc import Hashable, Sequence
from typing import Final

import pyarrow as pa

from schemas.session import SessionRow, decode_session
from schemas.topics import SESSIONS
from sinks.clickhouse.rows import RowKind, whole

_TIME: Final = pa.timestamp("ms", "UTC")
_TYPES: Final[dict[str, pa.DataType]] = {
    "opened_at": _TIME,
    "started_at": _TIME,
    "ended_at": _TIME,
    "lane": pa.uint32(),
    "version": pa.uint64(),
    "views": pa.uint32(),
    "events": pa.uint32(),
    "errors": pa.uint32(),
    "duplicates": pa.uint32(),
    "engaged_ms": pa.uint64(),
    "weight": pa.uint64(),
}
_SCHEMA: Final = pa.schema([(name, _TYPES.get(name, pa.string())) for name in SessionRow.__struct_fields__])


def identity(row: SessionRow) -> Hashable:
    """Site, session, the time that opened it, lane."""
    return (row.site, row.session_id, row.opened_at, row.lane)


def build(rows: Sequence[SessionRow]) -> pa.Table:
    """The rows by columns.

    Raises:
        pyarrow.ArrowException, OverflowError: a number does not fit its column.
    """
    return pa.table([pa.array([getattr(row, f.name) for row in rows], f.type) for f in _SCHEMA], schema=_SCHEMA)


SESSION_ROWS: Final = RowKind(
    topic=SESSIONS,
    table="sessions",
    split=whole,
    decode=decode_session,
    identity=identity,
    version=lambda row: row.version,
    build=build,
    poll=2_000,
)
