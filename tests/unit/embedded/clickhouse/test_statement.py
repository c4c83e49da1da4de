"""Where a statement ends and its data begins."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedded.clickhouse.exceptions import EngineError
from embedded.clickhouse.statement import Statement, read_insert, read_statement


@pytest.mark.parametrize(
    ("sql", "text", "name", "data"),
    [
        (b"INSERT INTO t FORMAT CSV\n1,2\n", b"INSERT INTO t ", "CSV", b"1,2\n"),
        (b"INSERT INTO t FORMAT CSV 1,2", b"INSERT INTO t ", "CSV", b"1,2"),
        (b"INSERT INTO t FORMAT CSV \t\r\n 1", b"INSERT INTO t ", "CSV", b" 1"),
        (b"INSERT INTO t FORMAT CSV\n\n1", b"INSERT INTO t ", "CSV", b"\n1"),
        (b"insert into t format Native\n\x00\xff;'", b"insert into t ", "Native", b"\x00\xff;'"),
        (b"INSERT INTO t (a, b) VALUES (1, ';')", b"INSERT INTO t (a, b) ", "Values", b" (1, ';')"),
        (b"INSERT INTO t (values, format) VALUES (1)", b"INSERT INTO t (values, format) ", "Values", b" (1)"),
        (b"INSERT INTO `FORMAT x` FORMAT TSV\n1", b"INSERT INTO `FORMAT x` ", "TSV", b"1"),
        (
            b"/* FORMAT a */ INSERT INTO t -- VALUES\nFORMAT TSV",
            b"/* FORMAT a */ INSERT INTO t -- VALUES\n",
            "TSV",
            b"",
        ),
        (b"INSERT INTO t SETTINGS a='FORMAT x' FORMAT TSV\n1", b"INSERT INTO t SETTINGS a='FORMAT x' ", "TSV", b"1"),
        (
            b"INSERT INTO FUNCTION file('x', 'CSV') VALUES (1)",
            b"INSERT INTO FUNCTION file('x', 'CSV') ",
            "Values",
            b" (1)",
        ),
        (b"INSERT INTO {t:Identifier} FORMAT TSV\n1", b"INSERT INTO {t:Identifier} ", "TSV", b"1"),
        (b"INSERT INTO t (a);\n", b"INSERT INTO t (a)", None, b""),
    ],
)
def test_an_inserts_data_begins_behind_its_format(sql: bytes, text: bytes, name: str | None, data: bytes) -> None:
    assert read_insert(sql) == read_statement(sql) == Statement("INSERT", text, name, data)


@pytest.mark.parametrize(
    "sql",
    [
        b"INSERT INTO t SELECT 1 FORMAT CSV",
        b"INSERT INTO t WITH 1 AS x SELECT x",
        b"INSERT INTO t FROM INFILE 'f' FORMAT CSV",
        b"EXPLAIN INSERT INTO t VALUES (1)",
        b"SELECT 'INSERT INTO t FORMAT CSV'",
    ],
)
def test_a_statement_without_data_goes_whole_to_the_engine(sql: bytes) -> None:
    assert read_insert(sql) is None
    assert (read_statement(sql).text, read_statement(sql).data) == (sql, None)


@pytest.mark.parametrize(
    ("sql", "name"),
    [
        (b"SELECT 1", None),
        (b"SELECT 1 FORMAT JSON", "JSON"),
        (b"select 1 format JSONEachRow;", "JSONEachRow"),
        (b"SELECT 1 FORMAT JSON SETTINGS max_threads = 1", "JSON"),
        (b"SELECT 1 SETTINGS max_threads = 1 FORMAT JSON -- so", "JSON"),
        (b"SELECT format FROM t", None),
        (b"SELECT 'x' AS `FORMAT JSON`", None),
        (b"SELECT (SELECT 1 FORMAT JSON)", None),
        (b"SHOW TABLES FORMAT TSV", "TSV"),
    ],
)
def test_the_format_is_the_one_at_the_end(sql: bytes, name: str | None) -> None:
    assert read_statement(sql).format == name


@pytest.mark.parametrize(
    ("sql", "streams"),
    [
        (b"SELECT 1", True),
        (b"WITH 1 AS x SELECT x", True),
        (b"SELECT 1 AS x GROUP BY x WITH TOTALS", False),
        (b"SHOW TABLES", False),
        (b"CREATE TABLE t (a Int8) ENGINE = Memory", False),
        (b"(SELECT 1)", False),
    ],
)
def test_only_rows_alone_are_streamed(sql: bytes, streams: bool) -> None:
    assert read_statement(sql).streams is streams


@pytest.mark.parametrize(
    ("sql", "name"),
    [
        (b"", "SYNTAX_ERROR"),
        (b" -- nothing\n", "SYNTAX_ERROR"),
        (b"SELECT 1; SELECT 2", "SYNTAX_ERROR"),
        (b"SELECT 1;;", "SYNTAX_ERROR"),
        (b"SELECT 1 INTO OUTFILE 'x'", "INTO_OUTFILE_NOT_ALLOWED"),
    ],
)
def test_what_a_server_refuses_is_refused(sql: bytes, name: str) -> None:
    with pytest.raises(EngineError, match=name) as refused:
        read_statement(sql)
    assert refused.value.name == name


def test_a_semicolon_in_a_text_ends_nothing() -> None:
    sql = b"SELECT ';', \";\" /* ; */ -- ;\n, $$;$$ ;"
    assert read_statement(sql).text == sql


@given(st.binary())
def test_any_data_comes_out_as_it_went_in(data: bytes) -> None:
    insert = read_insert(b"INSERT INTO t FORMAT RowBinary\n" + data)
    assert insert is not None
    assert insert.data == data


@given(st.binary(), st.integers(min_value=0))
def test_an_insert_cut_off_in_its_data_is_read_the_same(data: bytes, cut: int) -> None:
    head = b"INSERT INTO t FORMAT RowBinary\n"
    whole = head + data
    part = read_insert(whole[: len(head) + cut])
    assert part is not None
    assert (part.text, part.format, whole.removeprefix(head).startswith(part.data or b"")) == (
        b"INSERT INTO t ",
        "RowBinary",
        True,
    )


@given(st.text(alphabet="'\"`\\;()$ -/*#FORMATx\n", max_size=60))
def test_no_text_breaks_the_reader(text: str) -> None:
    with suppress(EngineError):
        assert read_statement(text.encode()).text in text.encode()
