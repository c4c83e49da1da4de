"""The ledger in ClickHouse: what the lanes wrote, once, and a balance that shows what is missing."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from schemas.ledger import LedgerRow, encode_ledger
from schemas.topics import LEDGER
from sinks.clickhouse.migrations import migrate
from sinks.config import ClickHouseSinkConfig
from tests.lab.sink_traffic import Producer, client, sinking, uncommitted, until

pytestmark = pytest.mark.integration
MINUTE = 1_790_000_040_000


@pytest.fixture
def config(kafka: str, clickhouse: str, generation: int) -> Iterator[ClickHouseSinkConfig]:
    made = ClickHouseSinkConfig(
        kafka, clickhouse, database=f"rum_{uuid4().hex[:8]}", generation=generation, flush_ms=100
    )
    migrate(made)
    yield made
    db = client(made)
    db.command(f"DROP DATABASE IF EXISTS {made.database} SYNC")
    db.close()


async def test_the_newest_row_of_each_writer_counts_and_what_is_missing_shows(
    config: ClickHouseSinkConfig, tmp_path: Path
) -> None:
    rows = [
        LedgerRow("shop", MINUTE, "lane", "0", 1, 2, {"applied": 2}),
        LedgerRow("shop", MINUTE, "lane", "0", 2, 5, {"applied": 4, "duplicate": 1}),
        LedgerRow("shop", MINUTE, "lane", "1", 1, 3, {"late": 3}),
        LedgerRow("other", MINUTE, "lane", "1", 1, 3, {"applied": 1}),
    ]
    async with Producer(config.bootstrap, config.generation) as lane:
        for _ in range(2):
            await lane.send(LEDGER, [(int(row.writer), encode_ledger(row)) for row in rows])

    async def all_written() -> bool:
        return await uncommitted(config, LEDGER) <= 2

    with sinking(config, tmp_path / "log") as sink:
        await until(all_written, "the ledger is written", sink)
    db = client(config)
    query = f"SELECT site, accepted, outcomes, missing FROM {config.database}.ledger_balance ORDER BY site"
    found = [tuple(row) for row in db.query(query).result_rows]
    db.close()
    assert found == [
        ("other", 3, {"applied": 1}, 2),
        ("shop", 8, {"applied": 4, "duplicate": 1, "late": 3}, 0),
    ]
