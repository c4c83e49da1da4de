"""Migrations: numbered, split into statements, one source for single and replicated engines."""

import pytest

from sinks.clickhouse.migrations import Migration, MigrationError, migrations, placeholders
from sinks.config import ClickHouseSinkConfig


def test_files_are_numbered_without_a_gap() -> None:
    assert [m.name[:4] for m in migrations()] == [f"{n:04}" for n in range(1, len(list(migrations())) + 1)]


def test_a_semicolon_in_a_comment_or_a_line_ends_no_statement() -> None:
    sql = "-- first; not a statement;\nSELECT ';' AS a;\n\nSELECT 2;\n"
    assert Migration("x", sql).statements({}) == ["SELECT ';' AS a", "SELECT 2"]


def test_one_server_gets_plain_engines_and_a_cluster_replicated_ones() -> None:
    single = placeholders(ClickHouseSinkConfig("kafka"))
    cluster = placeholders(ClickHouseSinkConfig("kafka", cluster="rum"))
    for migration in migrations():
        for statement in migration.statements(single):
            assert "ON CLUSTER" not in statement
            assert "Replicated" not in statement
        for statement in migration.statements(cluster):
            assert "ON CLUSTER rum" in statement
            assert "ENGINE = Replacing" not in statement


def test_every_statement_may_run_twice() -> None:
    for migration in migrations():
        for statement in migration.statements(placeholders(ClickHouseSinkConfig("kafka"))):
            assert "IF NOT EXISTS" in statement or "OR REPLACE" in statement


@pytest.mark.parametrize("name", ["rum; DROP TABLE x", "rum-1", "1rum", "rum.x", "`rum`"])
def test_a_name_that_could_be_more_than_a_name_is_refused(name: str) -> None:
    with pytest.raises(MigrationError, match="letters, digits"):
        placeholders(ClickHouseSinkConfig("kafka", database=name))
    with pytest.raises(MigrationError, match="letters, digits"):
        placeholders(ClickHouseSinkConfig("kafka", cluster=name))
