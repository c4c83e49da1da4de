"""URL and body are one statement, one behind the other."""

from tempfile import SpooledTemporaryFile

import pytest

from embedded.clickhouse.body import Body
from embedded.clickhouse.exceptions import EngineError
from embedded.clickhouse.request import read_query
from embedded.clickhouse.task import task_of

INSERT = "INSERT INTO t FORMAT CSV"


def done(sql: str, sent: bytes, sql_bytes: int = 1_000_000, **url: str) -> tuple[bytes, str | None, bytes | None]:
    """Text, format and data of the task."""
    query = read_query("POST", [("query", sql), *url.items()], {})
    with SpooledTemporaryFile[bytes]() as file:
        file.write(sent)
        file.seek(0)
        task = task_of(query, Body(file, len(sent)), sql_bytes)
        data = None if task.data is None else b"".join(task.data)
        return task.statement.text, task.statement.format, data


@pytest.mark.parametrize(
    ("sql", "sent", "data"),
    [
        (INSERT, b"1,2\n", b"1,2\n"),
        (INSERT, b"", b""),
        (INSERT, b" \n", b" \n"),
        (f"{INSERT} 1,2", b"3,4", b"1,2\n3,4"),
        ("", f"{INSERT}\n1,2".encode(), b"1,2"),
        ("  ", f"{INSERT}\n \n".encode(), b" \n"),
    ],
)
def test_data_is_what_stands_behind_the_format(sql: str, sent: bytes, data: bytes) -> None:
    assert done(sql, sent) == (b"INSERT INTO t ", "CSV", data)


def test_data_has_no_limit_of_sql() -> None:
    data = b"1,2\n" * 200_000
    assert done("", INSERT.encode() + b"\n" + data, sql_bytes=100) == (b"INSERT INTO t ", "CSV", data)
    assert done(INSERT, data, sql_bytes=100) == (b"INSERT INTO t ", "CSV", data)


def test_an_insert_without_a_format_takes_the_requests_or_values() -> None:
    assert done("INSERT INTO t", b"1,2", default_format="CSV") == (b"INSERT INTO t", "CSV", b"1,2")
    assert done("INSERT INTO t", b"(1,2)") == (b"INSERT INTO t", "Values", b"(1,2)")


def test_other_statements_are_put_together() -> None:
    assert done("SELECT", b"1 FORMAT CSV") == (b"SELECT\n1 FORMAT CSV", "CSV", None)
    assert done("", b"SELECT 1") == (b"SELECT 1", None, None)


@pytest.mark.parametrize("sql", ["", "SELECT 1 -- "])
def test_sql_is_refused_one_byte_over_its_limit(sql: str) -> None:
    sent = b"SELECT 1 -- " if not sql else b"x"
    size = len(sent) + (len(sql) + 1 if sql else 0)
    assert done(sql, sent, sql_bytes=size)[2] is None
    with pytest.raises(EngineError, match="QUERY_IS_TOO_LARGE"):
        done(sql, sent, sql_bytes=size - 1)
    with pytest.raises(EngineError, match="QUERY_IS_TOO_LARGE"):
        done(sql, sent, sql_bytes=3)


def test_a_statement_longer_than_the_head_is_read_whole() -> None:
    sql = b"SELECT '" + b";" * 300_000 + b"' FORMAT CSV"
    assert done("", sql) == (sql, "CSV", None)
