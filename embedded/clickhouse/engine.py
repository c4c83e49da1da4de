"""The engine: one chDB per process, one connection of it per query.

A connection costs 0.1 ms and has settings, query parameters and a current database of its own, so nothing of one query
reaches the next; connections run in parallel. The first one stays open, since the engine ends with its last connection.
A query carries its id as log_comment, by which KILL QUERY finds it: chDB gives every query an id of its own.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any, Final

import chdb

from embedded.clickhouse.exceptions import from_engine, raised
from embedded.clickhouse.quoting import identifier, literal, set_statement
from embedded.clickhouse.request import DEFAULT_FORMAT, Query
from embedded.clickhouse.statement import Statement

# chDB makes each block a document of its own; only of these is a row of documents one document.
_STREAMED: Final = frozenset(
    {"Native", "RowBinary", "TabSeparated", "TSV", "TabSeparatedRaw", "TSVRaw", "CSV", "JSONEachRow", "JSONLines"}
)
_SPOILS_STREAM: Final = ("extremes", "output_format_json_array_of_rows")
_SLICE: Final = 1024 * 1024


@dataclass(frozen=True)
class Summary:
    """What a query read and wrote; zeros where the engine has not told (yet)."""

    read_rows: int = 0
    read_bytes: int = 0
    written_rows: int = 0
    written_bytes: int = 0
    result_rows: int = 0
    result_bytes: int = 0
    elapsed_ns: int = 0


@dataclass(frozen=True)
class Answer:
    """``pieces`` of an answer in ``format``. If it is not ``whole``, they are made while they are read, which can fail.

    ``close`` ends a query whose answer is not read to its end; not while a piece is being made.
    """

    format: str
    summary: Summary
    pieces: Iterator[bytes]
    whole: bool = True
    close: Callable[[], None] = lambda: None


class Engine:
    """chDB on ``folder``, which no other process may use at the time.

    Its methods may be called by any thread and raise EngineError; they block as long as the query takes.
    """

    def __init__(self, folder: Path, memory_bytes: int, answer_bytes: int) -> None:
        """Open it; ``answer_bytes`` bounds answers that are made whole, ``memory_bytes`` everything else."""
        # With implicit_select, chDB's default, `1 + 1` is a query; for a server it is a syntax error, so here, too.
        if "?" in str(folder):
            raise raised("BAD_ARGUMENTS", "chDB cannot use a path with a question mark")
        self._address = f"{folder}?max_server_memory_usage={memory_bytes}&implicit_select=0"
        self._answer_bytes = answer_bytes
        with _engine_errors():
            self._first = chdb.connect(self._address)
            self.version, self.timezone = self._ask("SELECT version(), timezone()")[0]
            self.content_types = {row[0]: row[1] for row in self._ask("SELECT name, content_type FROM system.formats")}

    def run(self, query: Query, statement: Statement) -> Answer:
        """Run a statement that brings no data."""
        name = statement.format or query.format or DEFAULT_FORMAT
        if statement.streams and name in _STREAMED and not _needs_whole(query, statement):
            return self._stream(query, statement, name)
        limits = {"max_result_bytes": str(self._answer_bytes)} if statement.streams else {}
        with self._connection(query, limits) as connection:
            result = connection.query(statement.text, name)
        return Answer(name, _summary([result]), _slices(result.bytes()))

    def insert(self, query: Query, statement: Statement, data: Iterable[bytes]) -> Answer:
        """Run an INSERT on data in its format; if it fails, nothing of its last block of rows is written."""
        with (
            self._connection(query, {}) as connection,
            connection.send_insert(statement.text, statement.format) as inserter,
        ):
            for piece in data:
                inserter.append(piece)
            done = inserter.finish()
        rows, size = done.rows_written, done.bytes_written
        return Answer(
            query.format or DEFAULT_FORMAT,
            Summary(rows, size, rows, size, rows, size, int(done.elapsed * 1e9)),
            iter(()),
        )

    def cancel(self, query_id: str) -> None:
        """Ask a running query to stop; it then raises QUERY_WAS_CANCELLED where it is waited for."""
        self._kill(b"Settings['log_comment'] = " + literal(query_id))

    def cancel_all(self) -> None:
        """Ask every running query to stop."""
        self._kill(b"Settings['log_comment'] != ''")

    def close(self) -> None:
        """End the engine; queries must have ended before."""
        self._first.close()

    def _kill(self, condition: bytes) -> None:
        with _engine_errors(), chdb.connect(self._address) as connection:
            connection.query(b"KILL QUERY WHERE " + condition + b" ASYNC", "TabSeparated")

    def _ask(self, sql: str) -> list[tuple[str, ...]]:
        text: str = self._first.query(sql, "TabSeparated").bytes().decode()
        return [tuple(line.split("\t")) for line in text.splitlines()]

    def _stream(self, query: Query, statement: Statement, name: str) -> Answer:
        """Two blocks are made at once: most answers end there, and then all is known before the first byte is sent."""
        blocks = self._blocks(query, statement, name)
        head = list(islice(blocks, 2))
        if len(head) < 2:
            return Answer(name, _summary(head), (block.bytes() for block in head))
        pieces = (block.bytes() for block in chain(head, blocks))
        return Answer(name, _summary(head), pieces, whole=False, close=blocks.close)

    def _blocks(self, query: Query, statement: Statement, name: str) -> Any:
        with self._connection(query, {}) as connection, connection.send_query(statement.text, name) as stream:
            while (block := stream.fetch()) is not None:
                yield block

    @contextmanager
    def _connection(self, query: Query, defaults: Mapping[str, str]) -> Iterator[Any]:
        with _engine_errors(), chdb.connect(self._address) as connection:
            if query.database:
                connection.query(b"USE " + identifier(query.database))
            connection.query(set_statement(query, defaults))
            yield connection


@contextmanager
def _engine_errors() -> Iterator[None]:
    try:
        yield
    except RuntimeError as error:  # ChdbError is one
        raise from_engine(str(error)) from error


def _needs_whole(query: Query, statement: Statement) -> bool:
    named = any(word in query.settings or word.encode() in statement.text for word in _SPOILS_STREAM)
    return query.whole or named


def _summary(results: list[Any]) -> Summary:
    return Summary(
        read_rows=sum(r.storage_rows_read() for r in results),
        read_bytes=sum(r.storage_bytes_read() for r in results),
        written_rows=sum(r.rows_written() for r in results),
        written_bytes=sum(r.bytes_written() for r in results),
        result_rows=sum(r.rows_read() for r in results),
        result_bytes=sum(r.bytes_read() for r in results),
        elapsed_ns=int(sum(r.elapsed() for r in results) * 1e9),
    )


def _slices(data: bytes) -> Iterator[bytes]:
    view = memoryview(data)
    return (bytes(view[at : at + _SLICE]) for at in range(0, len(data), _SLICE))
