"""clickhouse-connect, blocking and asynchronous, on the embedded engine as on a server."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import urlsplit

import clickhouse_connect
import pyarrow as pa
import pytest
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import DatabaseError

pytestmark = pytest.mark.integration

COLUMNS = ["a", "b", "m", "d"]
ROWS = [
    (1, "x", {1: 2}, datetime(2026, 1, 1, tzinfo=UTC)),
    (2, "é\n\t\\'\x00", {-32768: 0, 32767: 2**64 - 1}, datetime(2026, 1, 1, 12, 30, 0, 123000, tzinfo=UTC)),
]
DDL = """CREATE OR REPLACE TABLE connect.{} (a UInt64, b String, m Map(Int16, UInt64), d DateTime64(3, 'UTC'))
    ENGINE = ReplacingMergeTree ORDER BY a"""


@pytest.fixture
def client(clickhouse: str) -> Iterator[Client]:
    made = clickhouse_connect.get_client(host="127.0.0.1", port=urlsplit(clickhouse).port)
    made.command("CREATE DATABASE IF NOT EXISTS connect")
    yield made
    made.close()


@pytest.fixture
def table(client: Client) -> str:
    client.command(DDL.format("t"))
    return "connect.t"


def buckets(count: int) -> pa.Table:
    maps = pa.array([[(i % 100 - 50, i)] for i in range(count)], pa.map_(pa.int16(), pa.uint64()))
    return pa.table({"a": pa.array(range(count), pa.uint64()), "m": maps})


def test_rows_come_back_as_they_went_in(client: Client, table: str) -> None:
    summary = client.insert(table, ROWS, column_names=COLUMNS)
    assert summary.written_rows == 2
    assert client.query(f"SELECT * FROM {table} ORDER BY a", tz_mode="aware").result_rows == ROWS


def test_arrow_with_maps_comes_back_as_it_went_in(client: Client, table: str) -> None:
    sent = buckets(20_000)
    assert client.insert_arrow("t", sent, database="connect").written_rows == 20_000
    read = client.query(f"SELECT a, m FROM {table} ORDER BY a").result_rows
    assert read == [(row["a"], dict(row["m"])) for row in sent.to_pylist()]
    parts = client.command("SELECT count() FROM system.parts WHERE database = 'connect' AND table = 't' AND active")
    assert parts == 1


@pytest.mark.parametrize("packing", [False, True, "lz4", "zstd", "gzip"])
def test_any_packing_carries_the_same(clickhouse: str, table: str, packing: bool | str) -> None:
    port = urlsplit(clickhouse).port
    with clickhouse_connect.get_client(host="127.0.0.1", port=port, database="connect", compress=packing) as client:
        rows = [(i, str(i) * 20, {i % 7: i}, ROWS[0][3]) for i in range(30_000)]
        client.insert("t", rows, column_names=COLUMNS)
        assert client.query("SELECT a, b, m FROM t ORDER BY a").result_rows == [row[:3] for row in rows]


def test_parameters_and_settings(client: Client) -> None:
    values = {"s": "it's\n\\ {x:UInt8}", "n": -5, "l": ["a", "b'"]}
    found = client.query("SELECT {s:String}, {n:Int8}, {l:Array(String)}", parameters=values).result_rows
    assert found == [("it's\n\\ {x:UInt8}", -5, ["a", "b'"])]
    asked = client.query("SELECT getSetting('max_threads')", settings={"max_threads": 3})
    assert asked.result_rows == [(3,)]


def test_commands_and_empty_answers(client: Client, table: str) -> None:
    assert client.command("SELECT count() FROM numbers(5)") == 5
    assert client.query(f"SELECT * FROM {table}").result_rows == []
    assert client.command("EXISTS TABLE connect.nosuch") == 0
    assert client.ping()


@pytest.mark.parametrize(
    ("query", "code"),
    [("SELECT * FROM nosuch", 60), ("SELEC", 62), ("SELECT throwIf(number = 900000) FROM numbers(2000000)", 395)],
)
def test_errors_have_clickhouses_codes(client: Client, query: str, code: int) -> None:
    with pytest.raises(DatabaseError) as refused:
        client.query(query)
    assert refused.value.code == code


def test_a_long_answer_is_streamed(client: Client) -> None:
    with client.query_row_block_stream("SELECT number FROM numbers(1000000)") as blocks:
        assert sum(row[0] for block in blocks for row in block) == 999_999 * 500_000


async def test_the_asynchronous_client_does_the_same(clickhouse: str, table: str) -> None:
    port = urlsplit(clickhouse).port
    client = await clickhouse_connect.get_async_client(host="127.0.0.1", port=port, database="connect")
    async with client:
        await client.insert("t", ROWS, column_names=COLUMNS)
        assert (await client.query("SELECT * FROM t ORDER BY a", tz_mode="aware")).result_rows == ROWS
        summary = await client.insert_arrow("t", buckets(1000))
        assert summary.written_rows == 1000
        counts = await asyncio.gather(*(client.query("SELECT count() FROM t FINAL") for _ in range(20)))
        assert [count.result_rows for count in counts] == [[(1000,)]] * 20
        assert await client.command("SELECT {n:UInt8}", parameters={"n": 7}, settings={"max_threads": 1}) == 7
        for query, code in (
            ("SELECT * FROM nosuch", 60),
            ("SELECT throwIf(number = 900000) FROM numbers(2000000)", 395),
        ):
            with pytest.raises(DatabaseError) as refused:
                await client.query(query)
            assert refused.value.code == code
