"""The ledger's laws in SQL (promise P3): real collectors, workers, Kafka and ClickHouse, bad input, kills."""

import asyncio
import json
import socket
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer

from schemas.block import block_headers, join_lines
from schemas.event import Beacon, Event, encode_beacon
from schemas.ledger import ACKED, COLLECTOR, LIFE, LedgerRow, decode_ledger, encode_ledger
from schemas.topics import BEACONS, LEDGER, topic_name
from sinks.config import ClickHouseSinkConfig
from tests.lab.clients import Clients, started
from tests.lab.collector import Collector, batch, beacons_in, collecting, exchange, post, post_bytes
from tests.lab.command import rumstream
from tests.lab.servers import running, unused_port
from tests.lab.sink_traffic import Producer, client, sinking, tables, uncommitted, until
from tests.lab.topic_contents import committed_records

pytestmark = [pytest.mark.fault, pytest.mark.timeout(300)]

LANES = 2
RUM = "/api/v1/rum"
COUNTS = ["received", "acked", "rejected", "unknown", "acked_events", "unknown_events", "replayed_events"]
TOTALS = [*COUNTS, "kafka_events", "missing", "lost", "unexplained", "broken"]


@pytest.fixture
def config(kafka: str, clickhouse: str, generation: int) -> Iterator[ClickHouseSinkConfig]:
    with tables(kafka, clickhouse, generation) as made:
        yield made


@asynccontextmanager
async def pipeline(config: ClickHouseSinkConfig, folder: Path) -> AsyncIterator[None]:
    """A worker and a sink."""
    worker = ["tests.lab.worker", config.bootstrap, str(config.generation), str(folder / "data")]
    with running(worker, folder / "worker.log"), sinking(config, folder / "sink.log"):
        yield


def laws(config: ClickHouseSinkConfig) -> list[dict[str, Any]]:
    """The view, by minute and site."""
    db = client(config)
    try:
        return list(db.query(f"SELECT * FROM {config.database}.ledger_laws ORDER BY minute, site").named_results())
    finally:
        db.close()


def totals(config: ClickHouseSinkConfig, site: str | None = None) -> dict[str, int]:
    """Sums over all minutes, of a site or of all."""
    rows = [row for row in laws(config) if site in (None, row["site"])]
    return {name: sum(row[name] for row in rows) for name in TOTALS}


async def settled(config: ClickHouseSinkConfig) -> None:
    """Wait until the lanes have read all of Kafka and ClickHouse has their rows and the collectors'."""
    found = await beacons_in(config.bootstrap, config.generation, LANES)
    events = sum(len(beacon.events) for _, beacon in found)

    async def all_in() -> bool:
        return totals(config)["kafka_events"] >= events and await uncommitted(config, LEDGER) <= LANES

    await until(all_in, f"{events} events in the ledger")
    assert totals(config)["kafka_events"] == events


def lives(config: ClickHouseSinkConfig) -> list[dict[str, int]]:
    """How each life of a collector stands."""
    db = client(config)
    try:
        found = db.query(f"SELECT outcomes FROM {config.database}.ledger FINAL WHERE part = 'life'").result_rows
        return [outcomes for (outcomes,) in found]
    finally:
        db.close()


def send_bad_input(collector: Collector) -> dict[str, dict[str, int]]:
    """All kinds of bodies; what the ledger must say of them, by site."""
    now = time.time_ns() // 1_000_000
    good = batch("good", "s", now, events=3)
    some = batch("some", "s", now, events=4)
    some["events"][0]["v"] = -1
    none = batch("none", "s", now, events=2)
    for event in none["events"]:
        event["v"] = None
    expected = [
        (post(collector.port, RUM, good), 204),
        (post(collector.port, RUM, good), 204),  # a client's retry
        (post(collector.port, RUM, some), 204),
        (post(collector.port, RUM, none), 400),
        (post(collector.port, RUM, b"{"), 400),
        (post(collector.port, RUM, b""), 400),
        (post(collector.port, RUM, b"x", "Content-Encoding: what"), 415),
        (post(collector.port, "/no/such/path", b"{}"), 404),
        (exchange(collector.port, f"GET {RUM} HTTP/1.1\r\nHost: x\r\n\r\n".encode()), 405),
        (exchange(collector.port, f"POST {RUM} HTTP/1.1\r\nHost: x\r\n\r\n".encode()), 411),
    ]
    assert [answer.status for answer, _ in expected] == [status for _, status in expected]
    return {
        "default": {"received": 5, "acked": 3, "rejected": 2, "acked_events": 9},
        "": {"received": 5, "acked": 0, "rejected": 5, "acked_events": 0},
    }


async def test_what_is_refused_at_the_door_and_in_the_lane_adds_up_to_what_came(
    config: ClickHouseSinkConfig, tmp_path: Path
) -> None:
    async with pipeline(config, tmp_path):
        with collecting(config.bootstrap, config.generation, LANES, tmp_path / "log") as collector:
            want = await asyncio.to_thread(send_bad_input, collector)
            producer = AIOKafkaProducer(bootstrap_servers=config.bootstrap)
            await producer.start()
            poison = join_lines([b"{", b"\xff"])
            topic = topic_name(BEACONS, config.generation)
            await producer.send_and_wait(topic, poison, partition=0, headers=block_headers("stranger"))
            await producer.stop()
            collector.process.terminate()
            assert await asyncio.to_thread(collector.process.wait, 15) == 0

        async def told() -> bool:
            read = sum(row["unread"] for row in laws(config) if row["site"] == "")
            return totals(config)["kafka_events"] == 9 and read >= 2 and await uncommitted(config, LEDGER) <= LANES

        await until(told, "what the lane found is in the ledger")
        nothing = dict.fromkeys(TOTALS, 0)
        assert totals(config, "default") == {**nothing, **want["default"], "kafka_events": 9}
        assert totals(config, "") == {**nothing, **want[""]}
        assert lives(config) == [{"ended": 1}]
        assert {row["open_lives"] for row in laws(config)} == {0}


def begin_a_body(port: int) -> socket.socket:
    """Half of a beacon; the other half never comes."""
    whole = post_bytes(RUM, json.dumps(batch("half", "s", time.time_ns() // 1_000_000)).encode())
    connection = socket.create_connection(("127.0.0.1", port), timeout=15)
    connection.sendall(whole[: len(whole) - 20])
    return connection


def end_of(connection: socket.socket) -> bytes:
    """All that was answered before the connection ended."""
    with connection:
        try:
            return connection.recv(65_536)
        except ConnectionResetError:
            return b""


async def test_collectors_that_are_killed_leave_a_ledger_whose_laws_hold(
    config: ClickHouseSinkConfig, tmp_path: Path
) -> None:
    kills, port = 3, unused_port()
    clients = Clients(port, retry=True)

    async def have_spoken(number: int) -> bool:
        topic = topic_name(LEDGER, config.generation)
        rows = [decode_ledger(r.value) for r in await committed_records(config.bootstrap, topic, LANES)]
        return len({row.writer for row in rows if row.part == LIFE}) > number

    async with pipeline(config, tmp_path):
        async with started(config.bootstrap, config.generation, LANES, tmp_path / "log", port) as collector:
            await asyncio.to_thread(send_bad_input, collector)
        async with clients.sending(8):
            for number in range(1, kills + 1):
                async with started(config.bootstrap, config.generation, LANES, tmp_path / "log", port) as collector:
                    await until(lambda number=number: have_spoken(number), "the collector has written to the ledger")  # type: ignore[misc]
                    await clients.until(100)
                    half = await asyncio.to_thread(begin_a_body, port)
                    collector.process.kill()
                    assert b"HTTP/1.1 2" not in await asyncio.to_thread(end_of, half)
            last = started(config.bootstrap, config.generation, LANES, tmp_path / "log", port)
            await last.__aenter__()
            await clients.until(100)
        await last.__aexit__(None, None, None)
        await settled(config)

        found = {beacon.beacon_id for _, beacon in await beacons_in(config.bootstrap, config.generation, LANES)}
        assert clients.acked == clients.sent
        assert found - clients.acked == {"good", "some"}
        assert sorted(lives(config), key=str) == [*[{"ended": 1}] * 2, *[{"running": 1}] * kills]
        rows = laws(config)
        assert [row for row in rows if row["broken"]] == []
        assert all(row["received"] == row["acked"] + row["rejected"] + row["unknown"] for row in rows)
        assert all(row["acked_events"] <= row["kafka_events"] for row in rows)
        assert sum(row["acked"] for row in rows) > 100


async def test_a_replay_as_often_as_one_likes_leaves_the_laws_whole(
    config: ClickHouseSinkConfig, tmp_path: Path
) -> None:
    received_at = time.time_ns() // 1_000_000 - 180_000
    minute = received_at // 60_000 * 60_000
    event = Event(ts=received_at, kind="vital", name="LCP", value=1.0)
    told = [encode_beacon(Beacon(1, f"b{n}", "shop", f"v{n}", received_at, "rum", events=[event])) for n in range(10)]
    door = LedgerRow("shop", minute, COLLECTOR, "c/1", 1, 10, {ACKED: 10}, {ACKED: 10})

    async def found(events: int, unread: int) -> bool:
        (row,) = [r for r in laws(config) if r["site"] == "shop" and r["minute"].timestamp() * 1000 == minute] or [{}]
        lines = sum(r["unread"] for r in laws(config) if r["site"] == "")
        return row.get("kafka_events") == events and lines >= unread and await uncommitted(config, LEDGER) <= LANES

    def replay() -> None:
        done = rumstream(
            config.bootstrap, config.generation, LANES, "dead-letter", "replay", "--reason", "schema_unknown", "--yes"
        )
        assert done.returncode == 0, done.stdout + done.stderr

    async with pipeline(config, tmp_path):
        async with Producer(config.bootstrap, config.generation) as producer:
            await producer.send(LEDGER, [(0, encode_ledger(door))])
        kafka = AIOKafkaProducer(bootstrap_servers=config.bootstrap)
        await kafka.start()
        topic = topic_name(BEACONS, config.generation)
        await kafka.send_and_wait(topic, join_lines(told[:2]), partition=0, headers=block_headers("test"))
        await kafka.send_and_wait(topic, join_lines(told[2:]), partition=0, headers=[("schema", b"9")])
        await kafka.stop()
        await until(lambda: found(2, unread=8), "8 lines are refused")
        for times in (1, 2):
            await asyncio.to_thread(replay)
            await until(lambda times=times: found(2 + 8 * times, unread=8), "the lane found them")  # type: ignore[misc]
            rows = [row for row in laws(config) if row["site"] == "shop"]
            (there,) = [row for row in rows if row["minute"].timestamp() * 1000 == minute]
            assert there["replayed_events"] == 8 * times
            assert [row for row in rows if row["unexplained"] or row["missing"]] == []
            assert there["broken"] == 0
