"""SQL that prepares a connection for a query; every value goes in as a quoted literal."""

from collections.abc import Mapping

from embedded.clickhouse.request import Query


def literal(value: str) -> bytes:
    """A String literal; lone surrogates become the bytes that they stand for."""
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return b"'" + escaped.encode("utf-8", "surrogateescape") + b"'"


def identifier(name: str) -> bytes:
    """A quoted identifier."""
    escaped = name.replace("\\", "\\\\").replace("`", "\\`")
    return b"`" + escaped.encode("utf-8", "surrogateescape") + b"`"


def set_statement(query: Query, defaults: Mapping[str, str]) -> bytes:
    """The SET of a query's settings and parameters, its id as log_comment, and readonly last: no SET is allowed after.

    The engine itself parses ``{name:Type}`` with the values given here; they are never pasted into the query.
    """
    values = {**defaults, **query.settings, "log_comment": query.id}
    values |= {f"param_{name}": value for name, value in query.parameters.items()}
    if query.readonly:
        values["readonly"] = str(query.readonly)
    return b"SET " + b", ".join(name.encode() + b" = " + literal(value) for name, value in values.items())
