"""Numbered migrations: the .sql files of `schema/`, each applied once and recorded in `<database>.migrations`.

A file is one or more statements; all may be run again (IF NOT EXISTS, OR REPLACE), because a crash in the middle of
a file means the whole file anew. Placeholders: ``$database``; ``$on_cluster`` and ``${replicated}``, both empty for
the embedded engine and a single server.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Final

import clickhouse_connect
import structlog
from clickhouse_connect.driver.client import Client

from sinks.config import ClickHouseSinkConfig

SCHEMA: Final = Path(__file__).parent / "schema"
_COMMENT: Final = re.compile(r"^\s*--.*$", re.MULTILINE)
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_LEDGER: Final = """CREATE TABLE IF NOT EXISTS $database.migrations $on_cluster
(name String, checksum String, applied_at DateTime64(3, 'UTC') DEFAULT now64(3))
ENGINE = ${replicated}ReplacingMergeTree(applied_at) ORDER BY name"""

log = structlog.get_logger()


class MigrationError(Exception):
    """A migration that can't be applied: changed after it was, or a bad name in the configuration."""


@dataclass(frozen=True)
class Migration:
    """One numbered file."""

    name: str
    sql: str

    @property
    def checksum(self) -> str:
        """Of the file as written, before placeholders are filled."""
        return hashlib.sha256(self.sql.encode()).hexdigest()

    def statements(self, names: dict[str, str]) -> list[str]:
        """The file's statements, comments left out. A semicolon at the end of a line ends one."""
        text = Template(_COMMENT.sub("", self.sql)).substitute(names)
        return [s.strip() for s in re.split(r";\s*(?:\n|$)", text) if s.strip()]


def migrations(folder: Path = SCHEMA) -> Iterator[Migration]:
    """The migrations in their order."""
    for path in sorted(folder.glob("*.sql")):
        yield Migration(path.stem, path.read_text())


def placeholders(config: ClickHouseSinkConfig) -> dict[str, str]:
    """What the files' placeholders stand for.

    Raises:
        MigrationError: the database or the cluster is not a plain name.
    """
    for name in filter(None, (config.database, config.cluster)):
        if not _NAME.fullmatch(name):
            raise MigrationError(f"{name!r} can't be a database or cluster: use letters, digits and underscores")
    return {
        "database": config.database,
        "on_cluster": f"ON CLUSTER {config.cluster}" if config.cluster else "",
        "replicated": "Replicated" if config.cluster else "",
    }


def migrate(config: ClickHouseSinkConfig) -> list[str]:
    """Apply what has not been applied yet; the names of what was.

    Raises:
        MigrationError: an applied file was changed since, or a configured name is not plain.
        clickhouse_connect.driver.exceptions.ClickHouseError: the server is not there or refused a statement.
    """
    names = placeholders(config)
    client = clickhouse_connect.get_client(dsn=config.clickhouse_url, username=config.user, password=config.password)
    try:
        return _apply(client, names)
    finally:
        client.close()


def _apply(client: Client, names: dict[str, str]) -> list[str]:
    client.command(Template("CREATE DATABASE IF NOT EXISTS $database $on_cluster").substitute(names))
    client.command(Template(_LEDGER).substitute(names))
    recorded = client.query(f"SELECT name, checksum FROM {names['database']}.migrations FINAL")  # noqa: S608
    known: dict[str, str] = {name: checksum for name, checksum in recorded.result_rows}  # noqa: C416
    applied: list[str] = []
    for migration in migrations():
        if migration.name in known:
            if known[migration.name] != migration.checksum:
                raise MigrationError(f"{migration.name}.sql was changed after it was applied: add a new file instead")
            continue
        for statement in migration.statements(names):
            client.command(statement)
        client.insert("migrations", [[migration.name, migration.checksum]], ["name", "checksum"], names["database"])
        log.info("migration_applied", name=migration.name)
        applied.append(migration.name)
    return applied
