"""Reads a statement just far enough to run it: where an INSERT's data begins, which format, one statement or several.

The rules are those of ClickHouse's ParserInsertQuery: data starts after VALUES, or after FORMAT, its name, blanks and
one line feed. Everything else is left to the engine's own parser.
"""

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from embedded.clickhouse.exceptions import raised

_TOKEN: Final = re.compile(
    rb"""(?P<blank>\s+|--[^\n]*|\#[ !][^\n]*|/\*.*?\*/)
    |(?P<quoted>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|`(?:[^`\\]|\\.)*`|\$(?P<tag>\w*)\$.*?\$(?P=tag)\$)
    |(?P<word>[A-Za-z_]\w*)
    |(?P<other>\d\w*|.)""",
    re.X | re.S,
)
_DATA_START: Final = re.compile(rb"[ \t\f]*\r?\n?")
_READS: Final = frozenset({b"SELECT", b"WITH"})
_SOURCES: Final = frozenset({b"SELECT", b"WITH", b"FROM", b"WATCH"})


@dataclass(frozen=True)
class Statement:
    """``text`` is what the engine runs; ``format`` the one it names.

    ``data``: the part of an INSERT's data that stood behind the statement, None if the statement takes none.
    ``streams``: the answer is rows alone, so that it may be made in pieces.
    """

    verb: str
    text: bytes
    format: str | None = None
    data: bytes | None = None
    streams: bool = False


@dataclass(frozen=True)
class _Token:
    kind: str
    text: bytes
    start: int
    end: int

    @property
    def word(self) -> bytes:
        """Upper-case; empty for what is no word."""
        return self.text.upper() if self.kind == "word" else b""


def read_insert(sql: bytes) -> Statement | None:
    """The INSERT that SQL begins with and that takes data, None for any other statement.

    ``format`` is None and ``data`` empty if it names no format. SQL may be cut off behind the start of the data.
    """
    tokens = _top_level(sql)
    if not tokens or tokens[0].word != b"INSERT":
        return None
    last = tokens[-1]
    if last.word == b"VALUES":
        return Statement("INSERT", sql[: last.start], "Values", sql[last.end :])
    if last.word in _SOURCES:
        return None
    if tokens[-2:-1] and tokens[-2].word == b"FORMAT":
        blank = _DATA_START.match(sql, last.end)
        start = blank.end() if blank else last.end
        return Statement("INSERT", sql[: tokens[-2].start], last.text.decode(), sql[start:])
    return Statement("INSERT", sql.rstrip().removesuffix(b";"), data=b"")


def read_statement(sql: bytes) -> Statement:
    """Statement that a request's whole SQL holds; time linear in its length, up to an INSERT's data.

    Raises:
        EngineError: SYNTAX_ERROR for none or several statements, INTO_OUTFILE_NOT_ALLOWED.
    """
    if insert := read_insert(sql):
        return insert
    tokens = _top_level(sql)
    if not tokens:
        raise raised("SYNTAX_ERROR", "Empty query")
    verb = tokens[0].word
    if verb == b"INSERT":
        return Statement("INSERT", sql)
    words = [token.word or token.text for token in tokens]
    if b";" in words:
        if words.index(b";") != len(words) - 1:
            raise raised("SYNTAX_ERROR", "Syntax error: Multi-statements are not allowed")
        words.pop()
    if (b"INTO", b"OUTFILE") in pairwise(words):
        raise raised("INTO_OUTFILE_NOT_ALLOWED", "INTO OUTFILE is not allowed")
    streams = verb in _READS and b"TOTALS" not in words
    return Statement(verb.decode(), sql, _format_at_end(tokens[: len(words)]), streams=streams)


def _top_level(sql: bytes) -> list[_Token]:
    """Tokens outside of brackets and comments; for an INSERT only those before its data."""
    found: list[_Token] = []
    depth, at = 0, 0
    while match := _TOKEN.match(sql, at):
        at = match.end()
        kind = "quoted" if match["quoted"] else match.lastgroup or ""
        if kind == "blank":
            continue
        text = match[0] if kind != "quoted" else b""
        depth -= text in (b")", b"]", b"}")
        if depth <= 0:
            found.append(_Token(kind, text, match.start(), at))
            if _ends_insert(found):
                break
        depth += text in (b"(", b"[", b"{")
    return found


def _ends_insert(tokens: list[_Token]) -> bool:
    if tokens[0].word != b"INSERT" or len(tokens) < 3:  # as in INSERT INTO values …
        return False
    last = tokens[-1].word
    return last == b"VALUES" or last in _SOURCES or bool(last and tokens[-2].word == b"FORMAT")


def _format_at_end(tokens: list[_Token]) -> str | None:
    """The name after the last FORMAT, if nothing but SETTINGS follows: `format` may be a column, too."""
    for at in range(len(tokens) - 2, 0, -1):
        ends = at + 2 == len(tokens) or tokens[at + 2].word == b"SETTINGS"
        if tokens[at].word == b"FORMAT" and tokens[at + 1].word and ends:
            return tokens[at + 1].text.decode()
    return None
