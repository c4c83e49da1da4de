"""ClickHouse's exceptions: text, code, and the HTTP status that ClickHouse gives them.

Source: ClickHouse `src/Server/HTTP/exceptionCodeToHTTPStatus.cpp`; codes from `system.errors`.
"""

import re
from typing import Final

# Raised by the front itself; everything else comes from the engine.
CODES: Final = {
    "BAD_ARGUMENTS": 36,
    "NOT_IMPLEMENTED": 48,
    "SYNTAX_ERROR": 62,
    "TOO_MANY_SIMULTANEOUS_QUERIES": 202,
    "QUERY_WITH_SAME_ID_IS_ALREADY_RUNNING": 216,
    "QUERY_IS_TOO_LARGE": 229,
    "NOT_ENOUGH_SPACE": 243,
    "CANNOT_DECOMPRESS": 271,
    "TOO_MANY_BYTES": 307,
    "INTO_OUTFILE_NOT_ALLOWED": 358,
    "QUERY_WAS_CANCELLED": 394,
    "ACCESS_DENIED": 497,
    "STD_EXCEPTION": 1001,
}
_BY_STATUS: Final = {
    400: """BAD_ARGUMENTS CANNOT_COMPILE_REGEXP CANNOT_PARSE_TEXT CANNOT_PARSE_ESCAPE_SEQUENCE
        CANNOT_PARSE_QUOTED_STRING CANNOT_PARSE_DATE CANNOT_PARSE_DATETIME CANNOT_PARSE_NUMBER
        CANNOT_PARSE_DOMAIN_VALUE_FROM_STRING CANNOT_PARSE_IPV4 CANNOT_PARSE_IPV6 CANNOT_PARSE_INPUT_ASSERTION_FAILED
        CANNOT_PARSE_UUID DUPLICATE_COLUMN ILLEGAL_COLUMN UNKNOWN_ELEMENT_IN_AST UNKNOWN_TYPE_OF_AST_NODE
        THERE_IS_NO_COLUMN TOO_DEEP_AST TOO_BIG_AST UNEXPECTED_AST_STRUCTURE SYNTAX_ERROR INCORRECT_DATA TYPE_MISMATCH
        VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE CANNOT_DECOMPRESS""",
    401: "REQUIRED_PASSWORD",
    403: "UNKNOWN_USER WRONG_PASSWORD AUTHENTICATION_FAILED SET_NON_GRANTED_ROLE ACCESS_DENIED",
    404: """UNKNOWN_TABLE UNKNOWN_FUNCTION UNKNOWN_IDENTIFIER UNKNOWN_TYPE UNKNOWN_STORAGE UNKNOWN_DATABASE
        UNKNOWN_SETTING UNKNOWN_DIRECTION_OF_SORTING UNKNOWN_AGGREGATE_FUNCTION UNKNOWN_FORMAT
        UNKNOWN_DATABASE_ENGINE UNKNOWN_TYPE_OF_QUERY UNKNOWN_ROLE""",
    408: "TIMEOUT_EXCEEDED",
    411: "HTTP_LENGTH_REQUIRED",
    413: "QUERY_IS_TOO_LARGE TOO_MANY_BYTES",
    415: "UNSUPPORTED_MEDIA_TYPE",
    501: "NOT_IMPLEMENTED",
    503: "SOCKET_TIMEOUT CANNOT_OPEN_FILE CANNOT_SCHEDULE_TASK TOO_MANY_SIMULTANEOUS_QUERIES",
}
_STATUS: Final = {name: status for status, names in _BY_STATUS.items() for name in names.split()}
_TEXT: Final = re.compile(r"Code: (?P<code>\d+)\. .*?\((?P<name>[A-Z][A-Z0-9_]+)\)(?: \(version [^()]+\))?\s*\Z", re.S)


class EngineError(Exception):
    """A query failed: ``str()`` is "Code: NN. DB::Exception: … (NAME)"; ``code`` and ``name`` as in system.errors."""

    def __init__(self, code: int, name: str, text: str) -> None:
        super().__init__(text)
        self.code, self.name = code, name

    @property
    def status(self) -> int:
        """The HTTP status of this exception; 500 for those that ClickHouse does not list."""
        return _STATUS.get(self.name, 500)

    def text(self, version: str) -> str:
        """The body of the answer: one exception, ended by the server's version and a line feed."""
        mark = f"(version {version})"
        return f"{self}\n" if str(self).endswith(mark) else f"{self} {mark}\n"


def raised(name: str, message: str) -> EngineError:
    """An exception of the front itself, in ClickHouse's words."""
    code = CODES[name]
    return EngineError(code, name, f"Code: {code}. DB::Exception: {message} ({name})")


def from_engine(text: str) -> EngineError:
    """The exception whose text the engine gave; what is no ClickHouse exception becomes a STD_EXCEPTION."""
    match = _TEXT.search(text)
    if match is None:
        return raised("STD_EXCEPTION", text.strip())
    return EngineError(int(match["code"]), match["name"], text[match.start() :].strip())
