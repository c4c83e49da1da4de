"""What a request's URL and headers mean."""

import pytest

from embedded.clickhouse.exceptions import EngineError
from embedded.clickhouse.quoting import identifier, literal, set_statement
from embedded.clickhouse.request import read_query


def test_parameters_settings_and_the_rest_are_told_apart() -> None:
    pairs = [("query", "SELECT 1"), ("param_a", "x"), ("max_threads", "2"), ("session_id", "s"), ("user", "u")]
    query = read_query("POST", pairs, {})
    assert (query.sql, query.parameters, query.settings) == (b"SELECT 1", {"a": "x"}, {"max_threads": "2"})


def test_the_url_wins_over_headers() -> None:
    headers = {"x-clickhouse-format": "CSV", "x-clickhouse-database": "d", "x-clickhouse-query-id": "h"}
    plain = read_query("POST", [], headers)
    assert (plain.format, plain.database, plain.id) == ("CSV", "d", "h")
    url = [("default_format", "JSON"), ("database", "e"), ("query_id", "u")]
    named = read_query("POST", url, headers)
    assert (named.format, named.database, named.id) == ("JSON", "e", "u")


@pytest.mark.parametrize(
    ("method", "asked", "readonly"),
    [
        ("POST", None, 0),
        ("POST", "0", 0),
        ("POST", "1", 1),
        ("GET", None, 2),
        ("GET", "0", 2),
        ("GET", "1", 1),
        ("HEAD", None, 2),
    ],
)
def test_a_get_changes_nothing(method: str, asked: str | None, readonly: int) -> None:
    pairs = [("readonly", asked)] if asked is not None else []
    assert read_query(method, pairs, {}).readonly == readonly


@pytest.mark.parametrize(
    "pair",
    [
        ("max threads", "1"),
        ("a'; DROP", "1"),
        ("param_a b", "1"),
        ("param_", "1"),
        ("readonly", "3"),
        ("query_id", "a\r\nX-Evil: 1"),
        ("query_id", "x" * 257),
        ("default_format", "J SON"),
    ],
)
def test_a_name_that_is_none_is_refused(pair: tuple[str, str]) -> None:
    with pytest.raises(EngineError) as refused:
        read_query("POST", [pair], {})
    assert (refused.value.name, refused.value.status) == ("BAD_ARGUMENTS", 400)


@pytest.mark.parametrize("name", ["compress", "decompress"])
def test_clickhouses_own_framing_is_refused_not_ignored(name: str) -> None:
    assert read_query("POST", [(name, "0")], {}).settings == {}
    with pytest.raises(EngineError, match="Content-Encoding") as refused:
        read_query("POST", [(name, "1")], {})
    assert refused.value.status == 501


def test_values_are_literals() -> None:
    assert literal("it's\\\udcff") == b"'it\\'s\\\\\xff'"
    assert identifier("a`b\\") == b"`a\\`b\\\\`"


def test_readonly_is_set_last() -> None:
    query = read_query("GET", [("query_id", "i"), ("max_threads", "1"), ("param_a", "'")], {})
    expected = b"SET x = '1', max_threads = '1', log_comment = 'i', param_a = '\\'', readonly = '2'"
    assert set_statement(query, {"x": "1"}) == expected


def test_a_clients_setting_wins_over_the_fronts() -> None:
    query = read_query("POST", [("query_id", "i"), ("x", "2")], {})
    assert set_statement(query, {"x": "1"}) == b"SET x = '2', log_comment = 'i'"
