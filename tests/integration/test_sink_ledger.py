"""The ledger in ClickHouse: what was written, once, and views that show every law that does not hold."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from schemas.ledger import LedgerRow, encode_ledger
from schemas.topics import LEDGER
from sinks.clickhouse.ledger_rows import build
from sinks.config import ClickHouseSinkConfig
from tests.lab.sink_traffic import Producer, client, sinking, tables, uncommitted, until

pytestmark = pytest.mark.integration
MINUTE = 1_790_000_040_000


@pytest.fixture
def config(kafka: str, clickhouse: str, generation: int) -> Iterator[ClickHouseSinkConfig]:
    with tables(kafka, clickhouse, generation) as made:
        yield made


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


def door(acked: int, events: int, unknown: int = 0, writer: str = "c/1", minute: int = MINUTE) -> LedgerRow:
    outcomes = {"acked": acked, "unknown": unknown, "malformed": 2}
    told = {"acked": events, "unknown": unknown * 10}
    return LedgerRow("shop", minute, "collector", writer, 1, acked + unknown + 2, outcomes, told)


def lane(events: int, minute: int = MINUTE) -> LedgerRow:
    return LedgerRow("shop", minute, "lane", "0", 1, events, {"applied": events})


def unread(lines: int, minute: int = MINUTE) -> LedgerRow:
    return LedgerRow("", minute, "lane", "0", 1, lines, {"line_undecodable": lines})


def replayed(events: int) -> LedgerRow:
    return LedgerRow("shop", MINUTE, "replay", "replay/1", 1, events, {"replayed": events})


def life(last_word: int, outcome: str = "running") -> LedgerRow:
    return LedgerRow("", MINUTE - 3_600_000, "life", "c/1", last_word, 1, {outcome: 1})


WHOLE = {"missing": 0, "lost": 0, "unexplained": 0, "broken": 0}
SAID_ALL = MINUTE + 70_000
"""The first ms at which a life's last word holds for the whole minute: a beacon may be on its way for ten seconds."""


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([door(1, 10), lane(10)], {"received": 3, "acked": 1, "rejected": 2, "unknown": 0, **WHOLE}),
        ([door(1, 10), door(2, 20, writer="c/2"), lane(30)], {"received": 7, "acked": 3, "acked_events": 30, **WHOLE}),
        ([door(1, 10), lane(9)], {**WHOLE, "lost": 1, "broken": 1}),
        ([door(1, 10), lane(11)], {**WHOLE, "unexplained": 1, "broken": 1}),
        ([door(1, 10, unknown=1), lane(20)], {"unknown": 1, "unknown_events": 10, **WHOLE}),
        ([door(1, 10, unknown=1), lane(10)], WHOLE),
        ([door(1, 10, unknown=1), lane(21)], {**WHOLE, "unexplained": 1, "broken": 1}),
        ([door(1, 10), lane(20), replayed(10)], {"replayed_events": 10, **WHOLE}),
        ([door(1, 10), lane(21), replayed(10)], {**WHOLE, "unexplained": 1, "broken": 1}),
        ([door(2, 1_010), lane(10), unread(1)], {"unread": 1, **WHOLE}),
        ([door(2, 1_011), lane(10), unread(1)], {"unread": 1, **WHOLE, "lost": 1, "broken": 1}),
        ([door(2, 1_010), lane(10), unread(1, MINUTE + 60_000)], {"unread": 1, **WHOLE}),
        (
            [door(2, 1_010), lane(10), unread(1, MINUTE + 120_000)],
            {"unread": 0, **WHOLE, "lost": 1_000, "broken": 1_000},
        ),
        ([lane(5), life(SAID_ALL - 1)], {"open_lives": 1, **WHOLE}),
        ([lane(5), life(SAID_ALL)], {"open_lives": 0, **WHOLE, "unexplained": 5, "broken": 5}),
        ([lane(5), life(MINUTE - 110_000)], {"open_lives": 1, **WHOLE}),
        ([lane(5), life(MINUTE - 110_001)], {"open_lives": 0, **WHOLE, "unexplained": 5, "broken": 5}),
        ([lane(5), life(MINUTE, "ended")], {"open_lives": 0, **WHOLE, "unexplained": 5, "broken": 5}),
        ([door(1, 10), life(MINUTE)], {"open_lives": 1, **WHOLE, "lost": 10, "broken": 10}),
        (
            [LedgerRow("shop", MINUTE, "collector", "c/1", 1, 5, {"malformed": 3, "quota": 1})],
            {"received": 5, "rejected": 4, **WHOLE, "missing": 1, "broken": 1},
        ),
    ],
)
def test_each_law_has_a_column_that_is_0_when_it_holds(
    config: ClickHouseSinkConfig, rows: list[LedgerRow], found: dict[str, Any]
) -> None:
    db = client(config)
    db.insert_arrow("ledger", build(rows), config.database)
    query = f"SELECT * FROM {config.database}.ledger_laws WHERE site = 'shop' AND minute = {MINUTE // 1000}"
    (row,) = db.query(query).named_results()
    db.close()
    assert {name: row[name] for name in found} == found
