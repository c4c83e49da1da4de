"""Error groups in ClickHouse: counted from raw errors, once, with the sessions they touched."""

import time
from collections.abc import Iterator

import pytest

from schemas.event import Beacon, Event
from schemas.sample import SampleLine, encode_sample
from sinks.clickhouse.event_rows import EVENT_ROWS
from sinks.config import ClickHouseSinkConfig
from tests.lab.sink_traffic import client, tables

pytestmark = pytest.mark.integration
NOW = int(time.time() * 1000) - 60_000


@pytest.fixture
def config(clickhouse: str) -> Iterator[ClickHouseSinkConfig]:
    with tables("127.0.0.1:1", clickhouse) as made:
        yield made


def error(offset: int, session: str, fingerprint: str, weight: int = 1000) -> SampleLine:
    attrs: dict[str, str | int | float | bool] = {"message": f"told {offset}", "fingerprint": fingerprint}
    told = Event(ts=NOW + offset, kind="error", name="TypeError", route="/cart", attrs=attrs)
    beacon = Beacon(1, f"b{offset}", "shop", session, NOW + offset, "rum", release=f"r{offset % 2}", events=[told])
    return SampleLine(0, offset, 0, NOW, weight, beacon)


def test_a_group_counts_its_errors_and_sessions_once_after_any_replay(config: ClickHouseSinkConfig) -> None:
    lines = [error(0, "ann", "f1"), error(1, "ann", "f1", 4000), error(2, "bob", "f1"), error(3, "bob", "f2")]
    db = client(config)
    rows = [EVENT_ROWS.decode(encode_sample(line)) for line in lines]
    for _ in range(2):
        db.insert_arrow("events", EVENT_ROWS.build(rows), config.database)
        db.command(f"SYSTEM REFRESH VIEW {config.database}.refresh_error_groups")
        db.command(f"SYSTEM WAIT VIEW {config.database}.refresh_error_groups")
    columns = "fingerprint, message, releases, n, errors, sessions"
    found = db.query(f"SELECT {columns} FROM {config.database}.error_groups ORDER BY fingerprint").result_rows
    db.close()
    assert [tuple(row) for row in found] == [
        ("f1", "told 2", ["r0", "r1"], 3, 6.0, 2),
        ("f2", "told 3", ["r1"], 1, 1.0, 1),
    ]
