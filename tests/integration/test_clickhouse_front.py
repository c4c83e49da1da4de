"""ClickHouse's HTTP interface as curl sees it."""

import json
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.integration


class Reply:
    """What curl got: status, headers (lower-case names) and body."""

    def __init__(self, raw: bytes) -> None:
        head, _, self.body = raw.partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        self.status = int(first.split()[1])
        self.headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}


def curl(url: str, *options: str, body: bytes | None = None) -> Reply:
    sent = [] if body is None else ["--data-binary", "@-"]
    command = ["curl", "--silent", "--include", "--globoff", "--header", "Expect:", *options, *sent, url]
    return Reply(subprocess.run(command, input=body or b"", capture_output=True, check=True, timeout=60).stdout)


def sql(url: str, text: str) -> bytes:
    reply = curl(url, body=text.encode())
    assert reply.status == 200, reply.body
    return reply.body


@pytest.fixture
def table(clickhouse: str) -> str:
    sql(clickhouse, "CREATE OR REPLACE TABLE default.front (a UInt64, b String) ENGINE = MergeTree ORDER BY a")
    return "default.front"


@pytest.mark.parametrize("path", ["/ping", "/replicas_status", "/", "/?"])
def test_it_says_that_it_is_there(clickhouse: str, path: str) -> None:
    reply = curl(clickhouse + path)
    assert (reply.status, reply.body) == (200, b"Ok.\n")
    assert (curl(clickhouse + path, "--head").status, curl(clickhouse + path, "--head").body) == (200, b"")


def test_a_query_may_stand_in_the_url_in_the_body_or_in_both(clickhouse: str) -> None:
    assert curl(f"{clickhouse}/?query=SELECT%201").body == b"1\n"
    assert curl(clickhouse, body=b"SELECT 1").body == b"1\n"
    assert curl(f"{clickhouse}/?query=SELECT", body=b"1").body == b"1\n"
    assert curl(f"{clickhouse}/?query=SELECT%20%27%C3%A9%FF%27").body == b"\xc3\xa9\xff\n"


def test_an_answer_says_what_it_is(clickhouse: str) -> None:
    reply = curl(f"{clickhouse}/?query_id=q1&default_format=JSONEachRow", body=b"SELECT number FROM numbers(3)")
    headers = reply.headers
    assert headers["x-clickhouse-query-id"] == "q1"
    assert headers["x-clickhouse-format"] == "JSONEachRow"
    assert headers["content-type"] == "application/x-ndjson; charset=UTF-8"
    assert headers["x-clickhouse-timezone"] == sql(clickhouse, "SELECT timezone()").decode().strip()
    assert headers["x-clickhouse-server-display-name"]
    summary = json.loads(headers["x-clickhouse-summary"])
    assert (summary["read_rows"], summary["result_rows"], summary["written_rows"]) == ("3", "3", "0")


@pytest.mark.parametrize(
    ("where", "text", "name"),
    [
        ("?default_format=CSV", "SELECT 1", "CSV"),
        ("?default_format=CSV", "SELECT 1 FORMAT TSV", "TSV"),
        ("", "SELECT 1", "TabSeparated"),
        ("", "SELECT 1 FORMAT JSON;", "JSON"),
    ],
)
def test_the_statements_format_wins(clickhouse: str, where: str, text: str, name: str) -> None:
    assert curl(f"{clickhouse}/{where}", body=text.encode()).headers["x-clickhouse-format"] == name


@pytest.mark.parametrize(
    ("text", "status", "code", "name"),
    [
        ("SELECT * FROM nosuch", 404, 60, "UNKNOWN_TABLE"),
        ("SELEC 1", 400, 62, "SYNTAX_ERROR"),
        ("SELECT 1; SELECT 2", 400, 62, "SYNTAX_ERROR"),
        ("", 400, 62, "SYNTAX_ERROR"),
        ("SELECT nosuch(1)", 404, 46, "UNKNOWN_FUNCTION"),
        ("SELECT 1 FORMAT Nosuch", 404, 73, "UNKNOWN_FORMAT"),
        ("SELECT {a:UInt8}", 500, 456, "UNKNOWN_QUERY_PARAMETER"),
        ("SELECT throwIf(number = 5) FROM numbers(9)", 500, 395, "FUNCTION_THROW_IF_VALUE_IS_NON_ZERO"),
        ("SELECT sleep(3) SETTINGS max_execution_time = 0.1", 408, 159, "TIMEOUT_EXCEEDED"),
        ("INSERT INTO nosuch VALUES (1)", 404, 60, "UNKNOWN_TABLE"),
    ],
)
def test_an_exception_is_clickhouses(clickhouse: str, text: str, status: int, code: int, name: str) -> None:
    reply = curl(clickhouse, body=text.encode())
    assert reply.status == status
    assert reply.headers["x-clickhouse-exception-code"] == str(code)
    said = reply.body.decode()
    version = sql(clickhouse, "SELECT version()").decode().strip()
    assert said.startswith(f"Code: {code}. DB::Exception: ")
    assert said.endswith(f"({name}) (version {version})\n")


def test_settings_hold_for_one_query(clickhouse: str) -> None:
    ask = b"SELECT getSetting('max_threads')"
    assert curl(f"{clickhouse}/?max_threads=3", body=ask).body == b"3\n"
    assert curl(clickhouse, body=ask).body != b"3\n"
    assert curl(f"{clickhouse}/?nosuch_setting=1", body=ask).headers["x-clickhouse-exception-code"] == "115"


def test_parameters_are_values_never_sql(clickhouse: str) -> None:
    reply = curl(
        f"{clickhouse}/?param_a=%27%20OR%201%20--%5Ct&param_n=7",
        body=b"SELECT {a:String}, {n:UInt8} FORMAT JSONEachRow",
    )
    assert list(json.loads(reply.body).values()) == ["' OR 1 --\t", 7]
    wrong = curl(f"{clickhouse}/?param_n=x", body=b"SELECT {n:UInt8}")
    assert wrong.headers["x-clickhouse-exception-code"] == "457"


def test_a_database_holds_for_one_query(clickhouse: str) -> None:
    sql(clickhouse, "CREATE DATABASE IF NOT EXISTS front_d")
    ask = b"SELECT currentDatabase()"
    assert curl(f"{clickhouse}/?database=front_d", body=ask).body == b"front_d\n"
    assert curl(clickhouse, "--header", "X-ClickHouse-Database: front_d", body=ask).body == b"front_d\n"
    assert curl(clickhouse, body=ask).body == b"default\n"
    assert curl(f"{clickhouse}/?database=nosuch", body=ask).headers["x-clickhouse-exception-code"] == "81"


@pytest.mark.parametrize(
    "options", [("--user", "u:p"), ("--header", "X-ClickHouse-User: u", "--header", "X-ClickHouse-Key: p"), ("--get",)]
)
def test_users_are_taken_and_not_looked_at(clickhouse: str, options: tuple[str, ...]) -> None:
    reply = curl(f"{clickhouse}/?user=u&password=p&session_id=s&quota_key=k&role=r&query=SELECT%201", *options)
    assert reply.body == b"1\n"


@pytest.mark.parametrize("change", ["TRUNCATE%20TABLE%20{}", "INSERT%20INTO%20{}%20VALUES%20(1,'x')"])
def test_a_get_reads_only(clickhouse: str, table: str, change: str) -> None:
    refused = curl(f"{clickhouse}/?query={change.format(table)}")
    assert refused.headers["x-clickhouse-exception-code"] == "164"
    assert sql(clickhouse, f"SELECT count() FROM {table}") == b"0\n"


@pytest.mark.parametrize(
    ("statement", "data"),
    [
        ("INSERT INTO default.front FORMAT JSONEachRow", b'{"a":1,"b":"x"}\n{"a":2,"b":"y"}\n'),
        ("INSERT INTO default.front (a, b) VALUES", b"(1, 'x'), (2, lower('Y'))"),
        ("INSERT INTO default.front FORMAT RowBinary", b"\x01" + bytes(7) + b"\x01x" + b"\x02" + bytes(7) + b"\x01y"),
        ("INSERT INTO default.front SETTINGS max_threads = 1 FORMAT CSV", b'1,"x"\n2,"y"\n'),
    ],
)
def test_data_may_stand_behind_its_statement_or_apart(clickhouse: str, table: str, statement: str, data: bytes) -> None:
    apart = curl(f"{clickhouse}/?query={statement.replace(' ', '%20')}", body=data)
    behind = curl(clickhouse, body=statement.encode() + b"\n" + data)
    assert (apart.status, behind.status) == (200, 200), apart.body + behind.body
    assert json.loads(apart.headers["x-clickhouse-summary"])["written_rows"] == "2"
    assert sql(clickhouse, f"SELECT a, b, count() FROM {table} GROUP BY ALL ORDER BY ALL") == b"1\tx\t2\n2\ty\t2\n"


def test_an_insert_may_leave_its_format_to_the_url(clickhouse: str, table: str) -> None:
    assert curl(f"{clickhouse}/?query=INSERT%20INTO%20{table}&default_format=CSV", body=b"1,x\n").status == 200
    assert curl(f"{clickhouse}/?query=INSERT%20INTO%20{table}", body=b"(2,'y')").status == 200
    assert sql(clickhouse, f"SELECT * FROM {table} ORDER BY a") == b"1\tx\n2\ty\n"


def test_a_table_may_be_a_parameter(clickhouse: str, table: str) -> None:
    url = f"{clickhouse}/?query=INSERT%20INTO%20{{t:Identifier}}%20FORMAT%20CSV&param_t=front"
    assert curl(url, body=b"1,x\n").status == 200
    assert sql(clickhouse, f"SELECT count() FROM {table}") == b"1\n"


def test_settings_hold_for_an_insert(clickhouse: str, table: str) -> None:
    url = f"{clickhouse}/?query=INSERT%20INTO%20{table}%20FORMAT%20JSONEachRow"
    row = b'{"a":1,"b":"x","c":2}'
    assert curl(f"{url}&input_format_skip_unknown_fields=0", body=row).headers["x-clickhouse-exception-code"] == "117"
    assert curl(f"{url}&input_format_skip_unknown_fields=1", body=row).status == 200
    assert sql(clickhouse, f"SELECT * FROM {table}") == b"1\tx\n"


def test_a_multipart_body_is_refused_not_misread(clickhouse: str) -> None:
    assert curl(clickhouse, "--form", "query=SELECT 1").status == 501


def test_a_bad_row_inserts_none(clickhouse: str, table: str) -> None:
    data = b"1,x\n" * 10_000 + b"not a number,x\n"
    refused = curl(f"{clickhouse}/?query=INSERT%20INTO%20{table}%20FORMAT%20CSV", body=data)
    assert refused.status == 400
    assert b"(at row 10001)" in refused.body
    assert sql(clickhouse, f"SELECT count() FROM {table}") == b"0\n"


@pytest.mark.parametrize("coding", ["gzip", "deflate", "zstd", "lz4"])
def test_a_large_packed_body_is_inserted_and_comes_back_packed(
    clickhouse: str, table: str, tmp_path: Path, coding: str
) -> None:
    rows = 300_000
    packed = curl(
        f"{clickhouse}/?enable_http_compression=1&query=SELECT%20number%2C%20%27r%27%20FROM%20numbers({rows})",
        "--header",
        f"Accept-Encoding: {coding}",
    )
    assert packed.headers["content-encoding"] == coding
    header = f"Content-Encoding: {coding}"
    done = curl(f"{clickhouse}/?query=INSERT%20INTO%20{table}%20FORMAT%20TSV", "--header", header, body=packed.body)
    assert done.status == 200, done.body
    assert sql(clickhouse, f"SELECT count(), sum(a) FROM {table}") == b"%d\t%d\n" % (rows, rows * (rows - 1) // 2)


def test_nothing_is_packed_unasked(clickhouse: str) -> None:
    assert (
        "content-encoding" not in curl(f"{clickhouse}/?query=SELECT%201", "--header", "Accept-Encoding: gzip").headers
    )


def test_a_body_that_is_not_what_it_says_is_refused(clickhouse: str) -> None:
    assert curl(clickhouse, "--header", "Content-Encoding: gzip", body=b"SELECT 1").status == 400
    assert curl(clickhouse, "--header", "Content-Encoding: br", body=b"SELECT 1").status == 501


def test_a_long_answer_broken_in_the_middle_is_not_taken_for_whole(clickhouse: str) -> None:
    query = b"SELECT throwIf(number = 900000) FROM numbers(2000000)"
    command = ["curl", "--silent", "--data-binary", "@-", clickhouse]
    done = subprocess.run(command, input=query, capture_output=True, timeout=60, check=False)
    assert done.returncode == 18  # transfer closed with outstanding data
    assert b"__exception__" in done.stdout[-400:]
    assert b"Code: 395" in done.stdout[-400:]
    whole = curl(f"{clickhouse}/?wait_end_of_query=1", body=query)
    assert (whole.status, whole.headers["x-clickhouse-exception-code"]) == (500, "395")


@pytest.mark.parametrize(
    "header", ["Origin: http://example.com", "Sec-Fetch-Site: cross-site", "Host: example.com:8123"]
)
def test_a_web_page_does_not_reach_it(clickhouse: str, header: str) -> None:
    reply = curl(clickhouse, "--header", header, body=b"SELECT 1")
    assert reply.status in (400, 403)
    assert reply.body != b"1\n"


def test_nothing_is_at_other_paths(clickhouse: str) -> None:
    assert curl(f"{clickhouse}/nosuch").status == 404
    assert curl(clickhouse, "--request", "DELETE").status == 405
