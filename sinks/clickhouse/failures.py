"""Which failures of ClickHouse pass by themselves, and which never will."""

from typing import Final

from clickhouse_connect.driver.exceptions import ClickHouseError, Error, OperationalError

LASTING: Final[dict[int, str]] = {
    6: "CANNOT_PARSE_TEXT",
    16: "NO_SUCH_COLUMN_IN_TABLE",
    20: "NUMBER_OF_COLUMNS_DOESNT_MATCH",
    27: "CANNOT_PARSE_INPUT_ASSERTION_FAILED",
    44: "ILLEGAL_COLUMN",
    47: "UNKNOWN_IDENTIFIER",
    50: "UNKNOWN_TYPE",
    53: "TYPE_MISMATCH",
    60: "UNKNOWN_TABLE",
    62: "SYNTAX_ERROR",
    69: "ARGUMENT_OUT_OF_BOUND",
    70: "CANNOT_CONVERT_TYPE",
    73: "UNKNOWN_FORMAT",
    81: "UNKNOWN_DATABASE",
    115: "UNKNOWN_SETTING",
    117: "INCORRECT_DATA",
    192: "UNKNOWN_USER",
    193: "WRONG_PASSWORD",
    321: "VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE",
    349: "CANNOT_INSERT_NULL_IN_ORDINARY_COLUMN",
    497: "ACCESS_DENIED",
    516: "AUTHENTICATION_FAILED",
}
"""ClickHouse error codes (src/Common/ErrorCodes.cpp) that the same insert would meet again: a wrong schema, a wrong
right or a wrong value. Everything else (overload, too many parts, memory, network, restart) is tried again."""


def passes(error: BaseException) -> bool:
    """Whether the same insert may succeed later."""
    if isinstance(error, TimeoutError | ConnectionError):
        return True
    if isinstance(error, Error) and error.code is not None:
        return error.code not in LASTING
    return isinstance(error, OperationalError) or (isinstance(error, ClickHouseError) and _says_nothing(error))


def _says_nothing(error: ClickHouseError) -> bool:
    # A DatabaseError without a code is an HTTP error from something in between (a proxy, a server going down);
    # the driver's own complaints (ProgrammingError, NotSupportedError …) are bugs of ours and last.
    return type(error).__name__ == "DatabaseError"
