"""Every query that the docs show finds something on a real ClickHouse."""

import re
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from clickhouse_connect.driver.client import Client

from sinks.clickhouse import event_rows, rollup_rows, session_rows
from sinks.clickhouse.migrations import migrate
from sinks.config import ClickHouseSinkConfig
from tests.lab.sink_traffic import client, rollup, sample, session

pytestmark = pytest.mark.integration
NOW_MS = int(time.time()) // 60 * 60_000
DOCS = Path(__file__).parents[2] / "docs" / "clickhouse.md"
QUERIES = re.findall(r"```sql\n(.*?)```", DOCS.read_text(), re.DOTALL)


@pytest.fixture(scope="module")
def db(clickhouse: str) -> Iterator[Client]:
    config = ClickHouseSinkConfig("", clickhouse)
    migrate(config)
    opened = client(config)
    rollups = [rollup(n, 1, NOW_MS, metric=metric, site="default") for n, metric in enumerate(("LCP", "page_view"))]
    visit = msgspec.structs.replace(session(1, 1, NOW_MS), site="default")
    opened.insert_arrow("rollups_1m", rollup_rows.build(rollups), "rum")
    opened.insert_arrow("sessions", session_rows.build([visit]), "rum")
    opened.insert_arrow("events", event_rows.build([sample(1, NOW_MS)]), "rum")
    yield opened
    opened.close()


@pytest.mark.parametrize("query", QUERIES, ids=lambda q: " ".join(q.split())[:40])
def test_a_query_of_the_docs_finds_something(db: Client, query: str) -> None:
    assert db.query(query.strip().rstrip(";")).result_rows


def test_the_docs_name_every_table_and_view(db: Client) -> None:
    names = [name for (name,) in db.query("SHOW TABLES FROM rum").result_rows if not name.startswith(".")]
    assert [name for name in names if f"rum.{name}" not in DOCS.read_text()] == []
