"""Puts a request's two places for SQL together, its URL and its body, as ClickHouse does: one behind the other."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain
from typing import Final

from embedded.clickhouse.body import Body
from embedded.clickhouse.exceptions import raised
from embedded.clickhouse.request import Query
from embedded.clickhouse.statement import Statement, read_insert, read_statement

# An INSERT in a body must come to its data within this: ClickHouse's max_query_size.
_HEAD: Final = 256 * 1024


@dataclass(frozen=True)
class Task:
    """A statement, and the data of an INSERT (None: it brings none)."""

    statement: Statement
    data: Iterator[bytes] | None = None


def task_of(query: Query, body: Body, sql_bytes: int) -> Task:
    """What a request wants done.

    Raises:
        EngineError: see ``read_statement``; QUERY_IS_TOO_LARGE for more than ``sql_bytes`` of SQL without an INSERT's
            data.
    """
    sql = query.sql + b"\n" if query.sql.strip() else b""
    head = sql or body.read(_HEAD)
    insert = read_insert(head)
    if insert is not None and insert.data is not None:
        inline = insert.data if insert.data.strip() or not sql else b""
        if insert.format:
            return Task(insert, chain([inline], body.pieces()))
        if sql and body.size:
            return Task(replace(insert, format=query.format or "Values"), body.pieces())
    rest = body.read(max(0, sql_bytes + 1 - len(head)))
    if len(head) + len(rest) > sql_bytes:
        said = f"The query is longer than {sql_bytes} bytes; only the data of an INSERT may be larger"
        raise raised("QUERY_IS_TOO_LARGE", said)
    return Task(read_statement(head + rest))
