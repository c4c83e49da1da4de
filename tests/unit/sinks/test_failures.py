"""What is tried again and what stops the sink."""

import pytest
from clickhouse_connect.driver.exceptions import DatabaseError, OperationalError, ProgrammingError

from sinks.clickhouse.failures import LASTING, passes


@pytest.mark.parametrize(
    "error",
    [
        OperationalError("Network Error"),
        TimeoutError(),
        ConnectionRefusedError(),
        DatabaseError("HTTP 502"),
        DatabaseError("too many parts", code=252),
        DatabaseError("memory", code=241),
        OperationalError("too many queries", code=202),
    ],
)
def test_what_passes_is_tried_again(error: Exception) -> None:
    assert passes(error)


@pytest.mark.parametrize("code", sorted(LASTING))
def test_an_error_of_schema_rights_or_data_lasts(code: int) -> None:
    assert not passes(DatabaseError("no", code=code))
    assert not passes(OperationalError("no", code=code))


@pytest.mark.parametrize("error", [ProgrammingError("ours"), ValueError("ours"), KeyError("ours")])
def test_a_bug_of_ours_lasts(error: Exception) -> None:
    assert not passes(error)
