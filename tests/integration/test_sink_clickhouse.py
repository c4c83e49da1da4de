"""The sink on real Kafka and real ClickHouse: each row is there once, whatever was sent again."""

import math
import signal
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from clickhouse_connect.driver.client import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.rollup import RollupRow, encode_rollup
from schemas.sample import encode_sample
from schemas.session import encode_session
from schemas.sketch import quantiles
from schemas.topics import ROLLUPS, SAMPLES, SESSIONS
from sinks.clickhouse.migrations import MigrationError, migrate, migrations
from sinks.clickhouse.rollup_rows import build
from sinks.config import ClickHouseSinkConfig
from tests.lab.servers import answers, unused_port, wait_until
from tests.lab.sink_traffic import (
    Producer,
    client,
    metric_values,
    rollup,
    sample,
    session,
    sinking,
    tables,
    totals,
    uncommitted,
    until,
    written,
)

pytestmark = pytest.mark.integration
NOW_MS = int(time.time()) // 60 * 60_000  # of today: older rows would fall to the TTL at once
HOUR_MS = 3_600_000


@pytest.fixture
def config(kafka: str, clickhouse: str, generation: int) -> Iterator[ClickHouseSinkConfig]:
    with tables(kafka, clickhouse, generation) as made:
        yield made


@pytest.fixture
def db(config: ClickHouseSinkConfig) -> Iterator[Client]:
    opened = client(config)
    yield opened
    opened.close()


def expected(rows: list[RollupRow]) -> tuple[int, int, int, int, dict[int, int]]:
    buckets: Counter[int] = Counter()
    for row in rows:
        buckets.update(row.buckets)
    return len(rows), sum(r.weight for r in rows), sum(r.good for r in rows), sum(r.sum for r in rows), dict(buckets)


def insert(db: Client, config: ClickHouseSinkConfig, rows: list[RollupRow]) -> None:
    db.insert_arrow("rollups_1m", build(rows), config.database)


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


async def test_a_second_sink_of_another_group_changes_nothing(config: ClickHouseSinkConfig, tmp_path: Path) -> None:
    rows = [rollup(n, version=1 + n % 3, start_ms=NOW_MS, lane=n % 2) for n in range(100)]
    async with Producer(config.bootstrap, config.generation) as lane:
        await lane.send(ROLLUPS, [(r.lane, encode_rollup(r)) for r in rows])
    for group in ("first", "second"):
        again = replace(config, group=group)
        with sinking(again, tmp_path / group) as sink:
            await until(lambda of=again: written(of), f"{group} has written", sink)  # type: ignore[misc]
        assert totals(config)["rollups_1m"] == expected(rows)


async def test_what_was_aborted_never_arrives(config: ClickHouseSinkConfig, tmp_path: Path) -> None:
    good = [rollup(n, start_ms=NOW_MS) for n in range(10)]
    async with Producer(config.bootstrap, config.generation) as lane:
        await lane.send(ROLLUPS, [(0, encode_rollup(rollup(n, 9, NOW_MS))) for n in range(10)], commit=False)
        await lane.send(ROLLUPS, [(0, encode_rollup(r)) for r in good])
    with sinking(config, tmp_path / "log") as sink:
        await until(lambda: written(config), "all is written", sink)
    assert totals(config)["rollups_1m"] == expected(good)


async def test_what_is_not_a_row_is_counted_and_skipped(config: ClickHouseSinkConfig, tmp_path: Path) -> None:
    port = unused_port()
    good = rollup(1, start_ms=NOW_MS)
    unfit = msgspec.structs.replace(rollup(2, start_ms=NOW_MS), n=-1)
    bad = [b"not json", b"{}", b'{"site":1}', b"\xff\xfe", encode_rollup(unfit)]
    kept = encode_sample(sample(1, NOW_MS))
    async with Producer(config.bootstrap, config.generation) as lane:
        await lane.send(ROLLUPS, [(0, value) for value in (*bad, encode_rollup(good))])
        await lane.send(SAMPLES, [(0, b"\n".join([b"nonsense", kept]))])
    with sinking(replace(config, metrics_port=port), tmp_path / "log") as sink:
        await until(lambda: written(config), "all is written", sink)
        seen = metric_values(f"http://127.0.0.1:{port}/metrics")
    assert totals(config)["rollups_1m"] == expected([good])
    assert totals(config)["events"][0] == 2
    assert seen['rum_sink_refused_total{reason="row_undecodable"}'] == len(bad) + 1
    assert seen['rum_sink_rows_total{topic="rum.rollups"}'] == 1
    assert "record_refused" in (tmp_path / "log").read_text()


async def test_sigterm_writes_what_was_read_commits_and_ends_with_0(
    config: ClickHouseSinkConfig, tmp_path: Path
) -> None:
    patient = replace(config, flush_ms=60_000, metrics_port=unused_port())
    async with Producer(config.bootstrap, config.generation) as lane:
        rows = [encode_rollup(rollup(n, start_ms=NOW_MS)) for n in range(100)]
        await lane.send(ROLLUPS, [(0, value) for value in (*rows, b"the last one, whose refusal shows")])
    with sinking(patient, tmp_path / "log") as sink:
        await until(lambda: has_read_all(patient), "all is read", sink)
        assert totals(config)["rollups_1m"][0] == 0
        sink.send_signal(signal.SIGTERM)
        assert sink.wait(15) == 0
    assert totals(config)["rollups_1m"][0] == 100
    assert await uncommitted(config, ROLLUPS) <= 2


async def has_read_all(config: ClickHouseSinkConfig) -> bool:
    url = f"http://127.0.0.1:{config.metrics_port}/metrics"
    return answers(url) and metric_values(url).get('rum_sink_refused_total{reason="row_undecodable"}') == 1


async def test_a_table_that_is_gone_stops_the_sink_with_its_name(
    config: ClickHouseSinkConfig, db: Client, tmp_path: Path
) -> None:
    db.command(f"DROP TABLE {config.database}.sessions SYNC")
    async with Producer(config.bootstrap, config.generation) as lane:
        await lane.send(SESSIONS, [(0, encode_session(session(1, 1, NOW_MS)))])
    with sinking(config, tmp_path / "log") as sink:
        wait_until(lambda: sink.poll() is not None, "the sink has ended")
    assert sink.returncode == 1
    assert "UNKNOWN_TABLE" in (tmp_path / "log").read_text()
    assert await uncommitted(config, SESSIONS) > 0


async def test_a_catch_up_over_many_days_is_one_insert(config: ClickHouseSinkConfig, tmp_path: Path) -> None:
    days = 85  # the TTL of sessions is 90
    rows = [session(n, 1, NOW_MS - n * 24 * HOUR_MS) for n in range(days)]
    async with Producer(config.bootstrap, config.generation) as lane:
        await lane.send(SESSIONS, [(0, encode_session(row)) for row in rows])
    with sinking(config, tmp_path / "log") as sink:
        await until(lambda: written(config), "all is written", sink)
    assert totals(config)["sessions"][0] == days


def test_migrations_are_applied_once(config: ClickHouseSinkConfig) -> None:
    assert migrate(config) == []


def test_a_migration_that_was_changed_is_refused(config: ClickHouseSinkConfig, db: Client) -> None:
    db.insert("migrations", [["0002_rollups", "of another file"]], ["name", "checksum"], config.database)
    with pytest.raises(MigrationError, match="0002_rollups"):
        migrate(config)


def test_a_migration_that_was_cut_short_runs_again(config: ClickHouseSinkConfig, db: Client) -> None:
    db.command(f"ALTER TABLE {config.database}.migrations DELETE WHERE name >= '0002' SETTINGS mutations_sync = 2")
    db.command(f"DROP TABLE {config.database}.events SYNC")
    assert migrate(config) == [m.name for m in migrations()][1:]
    assert totals(config)["events"][0] == 0


sketches = st.tuples(
    st.dictionaries(st.integers(-1500, 1500), st.integers(1, 10_000_000), max_size=8), st.integers(0, 3000)
)
QS = (0.0, 0.5, 0.75, 0.95, 0.99, 1.0)


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(sketches, min_size=1, max_size=20))
def test_clickhouse_and_the_sketch_agree_on_every_quantile(db: Client, of: list[tuple[dict[int, int], int]]) -> None:
    asked = ", ".join(f"rum_quantile(mapFromArrays(k, v), z, {q})" for q in QS)
    found = db.query(
        f"SELECT {asked} FROM (SELECT arrayJoin(arrayZip({{k:Array(Array(Int32))}}, {{v:Array(Array(UInt64))}},"
        " {z:Array(UInt64)}, range(length({z:Array(UInt64)})))) AS s, s.1 AS k, s.2 AS v, s.3 AS z, s.4 AS i)"
        " ORDER BY i",
        {"k": [list(b) for b, _ in of], "v": [list(b.values()) for b, _ in of], "z": [z for _, z in of]},
    ).result_rows
    for row, (buckets, zeros) in zip(found, of, strict=True):
        for value, exact in zip(row, quantiles(buckets, zeros, QS), strict=True):
            assert math.isnan(value) if exact is None else value == pytest.approx(exact, rel=1e-12)


def refresh(db: Client, config: ClickHouseSinkConfig, table: str) -> None:
    db.command(f"SYSTEM REFRESH VIEW {config.database}.refresh_{table}")
    db.command(f"SYSTEM WAIT VIEW {config.database}.refresh_{table}")


def hours(db: Client, config: ClickHouseSinkConfig, table: str = "rollups_1h") -> dict[int, tuple[int, dict[int, int]]]:
    rows = db.query(
        f"SELECT toUnixTimestamp(window_start) AS at, sum(weight), sumMap(buckets) FROM {config.database}.{table} FINAL"
        " GROUP BY at"
    ).result_rows
    return {at * 1000: (weight, buckets) for at, weight, buckets in rows}


def test_hours_and_days_are_merged_lanes_and_follow_corrections(db: Client, config: ClickHouseSinkConfig) -> None:
    hour = (NOW_MS - 24 * HOUR_MS) // HOUR_MS * HOUR_MS
    rows = [rollup(7, 1, hour + minute * 60_000, lane) for minute in range(3) for lane in range(2)]
    insert(db, config, rows)
    refresh(db, config, "rollups_1h")
    assert hours(db, config) == {hour: (6_000, {7: 6_000})}
    insert(db, config, [rollup(7, 5, hour, 0)])
    refresh(db, config, "rollups_1h")
    assert hours(db, config) == {hour: (10_000, {7: 10_000})}
    refresh(db, config, "rollups_1d")
    assert hours(db, config, "rollups_1d") == {hour // (24 * HOUR_MS) * 24 * HOUR_MS: (10_000, {7: 10_000})}


def test_hours_outlive_their_minutes(db: Client, config: ClickHouseSinkConfig) -> None:
    hour = NOW_MS // HOUR_MS * HOUR_MS - 26 * HOUR_MS
    insert(db, config, [rollup(7, 1, hour)])
    refresh(db, config, "rollups_1h")
    db.command(f"TRUNCATE TABLE {config.database}.rollups_1m")
    insert(db, config, [rollup(7, 1, hour + 24 * HOUR_MS)])
    refresh(db, config, "rollups_1h")
    assert set(hours(db, config)) == {hour, hour + 24 * HOUR_MS}


def test_views_merge_lanes_and_show_the_newest_version(db: Client, config: ClickHouseSinkConfig) -> None:
    insert(db, config, [rollup(7, 1, NOW_MS, 0), rollup(7, 1, NOW_MS, 1)])
    insert(db, config, [rollup(7, 3, NOW_MS, 0)])
    insert(db, config, [rollup(0, 2, NOW_MS, 0, "page_view", "/a"), rollup(0, 2, NOW_MS, 0, "request", "/a")])
    (vital,) = db.query(f"SELECT n, weight, good, good_share, p50, p99 FROM {config.database}.vitals").result_rows
    p50, p99 = quantiles({7: 4000}, 0, (0.5, 0.99))
    assert vital == (4, 4.0, 4.0, 1.0, pytest.approx(p50), pytest.approx(p99))
    assert db.query(f"SELECT route, views FROM {config.database}.page_views").result_rows == [("/a", 2.0)]
    assert db.query(f"SELECT route, requests FROM {config.database}.endpoints").result_rows == [("/a", 2.0)]
