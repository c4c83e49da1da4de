"""What a request asks for: the names that ClickHouse's HTTP interface gives to URL parameters and headers.

Source: ClickHouse documentation, "HTTP interface", and `src/Server/HTTPHandler.cpp`. User and password are taken in any
of their three forms and not looked at: an embedded engine has one user.
"""

import re
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from embedded.clickhouse.exceptions import raised

DEFAULT_FORMAT: Final = "TabSeparated"
# fmt: off
_NOT_SETTINGS: Final = frozenset({
    "query", "query_id", "database", "default_format", "user", "password", "quota_key", "role", "stacktrace",
    "session_id", "session_timeout", "session_check", "close_session", "client_protocol_version",
    "buffer_size", "wait_end_of_query", "compress", "decompress", "enable_http_compression",
    "http_zlib_compression_level", "send_progress_in_http_headers", "http_headers_progress_interval_ms",
    "log_comment", "readonly",
})
# fmt: on
_SETTING: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")
_PARAMETER: Final = re.compile(r"[A-Za-z0-9_]+")
_ID: Final = re.compile(r"[\x20-\x7e]{1,256}")  # it comes back in a header
_FORMAT: Final = re.compile(r"\w{1,64}", re.ASCII)
_ON: Final = frozenset({"1", "true"})


@dataclass(frozen=True)
class Query:
    """One request without its body.

    ``parameters`` are the values of ``{name:Type}`` as sent, ``settings`` go to the engine. ``whole``: make the whole
    answer before the first byte is sent. ``compress``: the client wants the Content-Encoding it offers.
    ``readonly`` is ClickHouse's setting: 0 for POST, 2 for GET. ``format`` is the one named outside of the statement.
    """

    sql: bytes
    id: str
    database: str | None
    format: str | None
    parameters: Mapping[str, str]
    settings: Mapping[str, str]
    readonly: int
    whole: bool
    compress: bool


def read_query(method: str, pairs: Iterable[tuple[str, str]], headers: Mapping[str, str]) -> Query:
    """Query of a request's URL parameters (in their order, the last of a name wins) and headers (lower-case names).

    Raises:
        EngineError: BAD_ARGUMENTS for a name or value that cannot be one, NOT_IMPLEMENTED for ClickHouse's own
            compressed framing.
    """
    url = dict(pairs)
    for framing in ("compress", "decompress"):
        if url.get(framing) in _ON:
            said = f"`{framing}=1` is not supported by the embedded engine, use HTTP compression (Content-Encoding)"
            raise raised("NOT_IMPLEMENTED", said)
    parameters = {key.removeprefix("param_"): value for key, value in url.items() if key.startswith("param_")}
    settings = {key: value for key, value in url.items() if key not in _NOT_SETTINGS and not key.startswith("param_")}
    _check_names("query parameter", parameters, _PARAMETER)
    _check_names("setting", settings, _SETTING)
    asked = url.get("readonly", "0")
    if asked not in ("0", "1", "2"):
        raise raised("BAD_ARGUMENTS", f"readonly is 0, 1 or 2, not {asked!r}")
    readonly = int(asked) or (0 if method == "POST" else 2)
    query_id = url.get("query_id") or headers.get("x-clickhouse-query-id") or str(uuid.uuid4())
    wanted = url.get("default_format") or headers.get("x-clickhouse-format") or None
    _check_names("query", (query_id,), _ID)
    _check_names("format", (wanted or DEFAULT_FORMAT,), _FORMAT)
    return Query(
        sql=url.get("query", "").encode("utf-8", "surrogateescape"),
        id=query_id,
        database=url.get("database") or headers.get("x-clickhouse-database") or None,
        format=wanted,
        parameters=parameters,
        settings=settings,
        readonly=readonly,
        whole=url.get("wait_end_of_query") in _ON,
        compress=url.get("enable_http_compression") in _ON,
    )


def _check_names(what: str, named: Iterable[str], form: re.Pattern[str]) -> None:
    for name in named:
        if not form.fullmatch(name):
            raise raised("BAD_ARGUMENTS", f"{name!r} is no name of a {what}")
