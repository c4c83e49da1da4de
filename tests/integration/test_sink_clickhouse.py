"""The sink on real Kafka and real ClickHouse: each row is there once, whatever was sent again."""

import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from schemas.rollup import RollupRow, encode_rollup
from schemas.sample import encode_sample
from schemas.session import encode_session
from schemas.topics import ROLLUPS, SAMPLES, SESSIONS
from sinks.clickhouse.migrations import migrate
from sinks.config import ClickHouseSinkConfig
from tests.lab.sink_traffic import Producer, client, rollup, sample, session, sinking, totals, until, written

pytestmark = pytest.mark.integration
NOW_MS = int(time.time()) // 60 * 60_000  # of today: older rows would fall to the TTL at once


@pytest.fixture
def config(kafka: str, clickhouse: str, generation: int) -> Iterator[ClickHouseSinkConfig]:
    settings = ClickHouseSinkConfig(
        kafka, clickhouse, database=f"rum_{uuid4().hex[:8]}", generation=generation, flush_ms=100
    )
    migrate(settings)
    yield settings
    client(settings).command(f"DROP DATABASE {settings.database} SYNC")


def count(config: ClickHouseSinkConfig, table: str) -> int:
    return int(totals(config)[table][0])


def expected(rows: list[RollupRow]) -> tuple[int, int, int, int, dict[int, int]]:
    buckets: Counter[int] = Counter()
    for row in rows:
        buckets.update(row.buckets)
    return len(rows), sum(r.weight for r in rows), sum(r.good for r in rows), sum(r.sum for r in rows), dict(buckets)


async def test_rows_arrive_once_whatever_is_replayed(config: ClickHouseSinkConfig, tmp_path: Path) -> None:
    newest = [rollup(n, version=3, start_ms=NOW_MS, lane=n % 2) for n in range(200)]
    older = [rollup(n, version=v, start_ms=NOW_MS, lane=n % 2) for v in (1, 2) for n in range(200)]
    async with Producer(config.bootstrap, config.generation) as lane:
        for rows in (older, newest, older, newest):
            await lane.send(ROLLUPS, [(r.lane, encode_rollup(r)) for r in rows])
            await lane.send(SESSIONS, [(n % 2, encode_session(session(n, 2, NOW_MS))) for n in range(50)])
            await lane.send(SAMPLES, [(n % 2, encode_sample(sample(n, NOW_MS))) for n in range(50)])
    with sinking(config, tmp_path / "log") as sink:
        await until(lambda: written(config), f"all is written, see {tmp_path / 'log'}", sink)
    found = totals(config)
    assert found["rollups_1m"] == expected(newest)
    assert found["sessions"] == (50, 100, 100)
    assert found["events"] == (100, 100, 2 * sum(range(50)))
