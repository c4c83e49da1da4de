"""Exceptions keep ClickHouse's codes, names and statuses."""

import pytest

from embedded.clickhouse.exceptions import CODES, from_engine, raised

VERSION = "26.9.2.1"


@pytest.mark.parametrize(
    ("text", "code", "name", "status"),
    [
        ("Code: 60. DB::Exception: Table x does not exist. (UNKNOWN_TABLE)", 60, "UNKNOWN_TABLE", 404),
        ("Code: 62. DB::Exception: Syntax\nerror (f(x)). (SYNTAX_ERROR)", 62, "SYNTAX_ERROR", 400),
        ("Code: 241. DB::Exception: Too much. (MEMORY_LIMIT_EXCEEDED)", 241, "MEMORY_LIMIT_EXCEEDED", 500),
        ("Code: 159. DB::Exception: Slow. (TIMEOUT_EXCEEDED)", 159, "TIMEOUT_EXCEEDED", 408),
        ("Code: 164. DB::Exception: No. (READONLY)", 164, "READONLY", 500),
        ("Code: 48. DB::Exception: No. (NOT_IMPLEMENTED)", 48, "NOT_IMPLEMENTED", 501),
        ("Streaming query failed: Code: 395. DB::Exception: A (B) c. (D_E) (version 1.2)", 395, "D_E", 500),
        ("send_insert cannot", 1001, "STD_EXCEPTION", 500),
    ],
)
def test_the_engines_text_is_read(text: str, code: int, name: str, status: int) -> None:
    error = from_engine(text)
    assert (error.code, error.name, error.status) == (code, name, status)
    assert str(error).startswith(f"Code: {code}. DB::Exception: ")


def test_the_version_is_said_once() -> None:
    bare = from_engine("Code: 60. DB::Exception: x. (UNKNOWN_TABLE)")
    said = from_engine(f"Code: 60. DB::Exception: x. (UNKNOWN_TABLE) (version {VERSION})")
    assert (
        bare.text(VERSION) == said.text(VERSION) == f"Code: 60. DB::Exception: x. (UNKNOWN_TABLE) (version {VERSION})\n"
    )


@pytest.mark.parametrize("name", sorted(CODES))
def test_the_fronts_own_exceptions_read_like_the_engines(name: str) -> None:
    error = raised(name, "a (b) c")
    again = from_engine(str(error))
    assert (again.code, again.name, str(again)) == (CODES[name], name, str(error))
