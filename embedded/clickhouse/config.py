"""What the embedded ClickHouse needs to know."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class ClickHouseConfig:
    """One engine and its HTTP front.

    ``data`` holds everything, one process at a time. ``running`` queries work at once and ``waiting`` more may stand in
    line. A request's body is kept in memory up to ``spool_bytes``, then in a file, and refused above ``body_bytes``
    (decompressed); SQL text that is not data of an INSERT is refused above ``sql_bytes``. ``answer_bytes`` is the
    largest answer in a format that has to be made whole (JSON, Arrow …; others are streamed), ``memory_bytes`` what the
    engine may use. On SIGTERM running queries get ``grace_s`` seconds, then they are cancelled.
    """

    data: Path
    host: str = "127.0.0.1"
    port: int = 8123
    running: int = 8
    waiting: int = 56
    spool_bytes: int = 1024 * 1024
    body_bytes: int = 1024 * 1024 * 1024
    sql_bytes: int = 4 * 1024 * 1024
    answer_bytes: int = 256 * 1024 * 1024
    memory_bytes: int = 4 * 1024 * 1024 * 1024
    grace_s: float = 2.0
