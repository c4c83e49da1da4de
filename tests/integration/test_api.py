"""The API over HTTP on real ClickHouse."""

import json
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import Popen
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen
from uuid import uuid4

import pytest

from schemas.ledger import LedgerRow
from schemas.rollup import RollupRow
from schemas.sketch import bucket_value
from sinks.clickhouse.ledger_rows import build as ledger_table
from sinks.clickhouse.migrations import migrate
from sinks.clickhouse.rollup_rows import build
from sinks.config import ClickHouseSinkConfig
from tests.lab.servers import answers, running, unused_port, wait_until
from tests.lab.sink_traffic import client, metric_values, rollup

pytestmark = pytest.mark.integration
NOW_MS = int(time.time()) // 60 * 60_000
NASTY = "/'; DROP TABLE rollups_1m; -- \\ \" {x:String} \u2028 <script>"


@contextmanager
def api(clickhouse: str, database: str, log: Path) -> Iterator[tuple[str, Popen[bytes]]]:
    port = unused_port()
    env = {
        "RUMSTREAM_CLICKHOUSE_URL": clickhouse,
        "RUMSTREAM_DATABASE": database,
        "RUMSTREAM_API_PORT": str(port),
    }
    with running(["rumstream", "api"], log, env) as process:
        url = f"http://127.0.0.1:{port}"
        wait_until(lambda: answers(f"{url}/healthz"), f"the API, see {log}", process)
        yield url, process


def rows() -> list[RollupRow]:
    return [
        rollup(100, 2, NOW_MS, 0, route="/a"),
        rollup(100, 1, NOW_MS, 0, route="/a"),
        rollup(200, 2, NOW_MS, 1, route="/a"),
        rollup(300, 1, NOW_MS - 60_000, 0, route=NASTY),
        rollup(0, 3, NOW_MS, 0, "page_view", "/a"),
        rollup(0, 1, NOW_MS, 0, "page_view", "/b", site=NASTY),
    ]


@pytest.fixture(scope="module")
def url(clickhouse: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    config = ClickHouseSinkConfig("", clickhouse, database=f"rum_{uuid4().hex[:8]}")
    migrate(config)
    db = client(config)
    for row in rows():
        db.insert_arrow("rollups_1m", build([row]), config.database)
    with api(clickhouse, config.database, tmp_path_factory.mktemp("api") / "log") as (at, _):
        yield at
    db.command(f"DROP DATABASE {config.database} SYNC")
    db.close()


def ask(url: str, path: str, **query: str | int) -> tuple[int, dict[str, Any], dict[str, str]]:
    try:
        with urlopen(f"{url}{path}?{urlencode(query)}", timeout=20) as response:  # noqa: S310
            return response.status, json.load(response), dict(response.headers)
    except HTTPError as error:
        with error:
            return error.code, json.load(error), dict(error.headers)


def vitals(url: str, **query: str | int) -> list[dict[str, Any]]:
    status, body, _ = ask(url, "/api/v1/vitals", **query)
    assert status == 200, body
    return list(body["rows"])


def test_lanes_merge_and_the_newest_version_counts(url: str) -> None:
    (row,) = vitals(url, site="shop", metric="LCP", by="route", **{"from": NOW_MS})
    assert (row["route"], row["n"], row["weight"], row["good"]) == ("/a", 4, 4.0, 1.0)
    assert row["p50"] == pytest.approx(bucket_value(100))
    assert row["p75"] == pytest.approx(bucket_value(200))


def test_rows_are_told_apart_by_what_was_asked(url: str) -> None:
    found = vitals(url, site="shop", by="window,metric,route,device")
    assert {(r["metric"], r["route"], r["n"]) for r in found} == {
        ("LCP", "/a", 4),
        ("LCP", NASTY, 1),
        ("page_view", "/a", 3),
    }
    assert [r["window"] for r in found] == sorted(r["window"] for r in found)
    assert {r["device"] for r in found} == {"phone"}


@pytest.mark.parametrize("by", ["browser", "country", "release", "navigation_type", "environment", "name"])
def test_each_dimension_is_answered(url: str, by: str) -> None:
    assert [set(r) >= {by, "metric"} for r in vitals(url, site="shop", metric="LCP", by=by)] == [True]


def test_sql_in_a_value_is_a_value(url: str) -> None:
    assert [r["weight"] for r in vitals(url, site=NASTY)] == [1.0]
    assert vitals(url, site="' OR 1=1 --") == []
    status, body, _ = ask(url, "/api/v1/sites")
    assert (status, {s["site"] for s in body["sites"]}) == (200, {"shop", NASTY})


def test_windows_outside_the_time_asked_for_do_not_count(url: str) -> None:
    assert vitals(url, site="shop", **{"from": NOW_MS - 7_200_000, "to": NOW_MS - 3_600_000}) == []
    assert len(vitals(url, site="shop", by="route", metric="LCP", to=NOW_MS)) == 1


def test_an_answer_that_was_cut_says_so(url: str) -> None:
    _, body, _ = ask(url, "/api/v1/vitals", site="shop", by="route", limit=1)
    assert (len(body["rows"]), body["truncated"]) == (1, True)
    _, body, _ = ask(url, "/api/v1/vitals", site="shop", by="route", limit=3)
    assert (len(body["rows"]), body["truncated"]) == (3, False)


@pytest.mark.parametrize(
    ("query", "where"),
    [({}, "site"), ({"site": "shop", "limit": "x"}, "limit"), ({"site": "shop", "by": "secret"}, "by"),
     ({"site": "shop", "from": "never"}, "from"), ({"site": "shop", "metric": "XXX"}, "metric")],
)  # fmt: skip
def test_what_is_wrong_is_a_400_that_names_it(url: str, query: dict[str, str], where: str) -> None:
    status, body, headers = ask(url, "/api/v1/vitals", **query)
    assert (status, body["where"], body["code"]) == (400, where, "invalid_parameter")
    assert headers["content-type"] == "application/problem+json"


def test_other_paths_and_methods_are_problems_too(url: str) -> None:
    assert ask(url, "/nowhere")[:1] == (404,)
    with pytest.raises(HTTPError) as refused:
        urlopen(Request(f"{url}/api/v1/vitals", method="POST"), timeout=5)  # noqa: S310
    with refused.value as error:
        assert (error.code, json.load(error)["code"]) == (405, "method")


@pytest.mark.parametrize("path", ["/", "/docs"])
def test_pages_are_served_under_a_policy_that_lets_nothing_else_in(url: str, path: str) -> None:
    with urlopen(f"{url}{path}", timeout=5) as page:  # noqa: S310
        assert page.status == 200
        assert "default-src 'none'" in page.headers["content-security-policy"]
        assert "__" not in page.read().decode()


def test_made_up_paths_make_no_labels(url: str) -> None:
    for n in range(3):
        ask(url, f"/made-up-{n}")
    seen = metric_values(f"{url}/metrics")
    assert seen['rum_api_requests_total{route="unmatched",status="404"}'] >= 3
    assert not [name for name in seen if "made-up" in name]


def test_without_clickhouse_it_is_503_and_says_when_to_come_again(tmp_path: Path) -> None:
    with api(f"http://127.0.0.1:{unused_port()}", "rum", tmp_path / "log") as (at, process):
        status, body, headers = ask(at, "/api/v1/vitals", site="shop")
        assert (status, body["code"], headers["retry-after"]) == (503, "unavailable", "2")
        assert ask(at, "/readyz")[0] == 503
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0


def test_without_tables_it_is_503_and_says_what_to_run(clickhouse: str, tmp_path: Path) -> None:
    with api(clickhouse, "not_there", tmp_path / "log") as (at, _):
        status, body, _ = ask(at, "/api/v1/vitals", site="shop")
        assert (status, body["code"]) == (503, "no_tables")
        assert "rumstream migrate" in body["title"]


def test_a_broken_law_of_the_ledger_shows_as_metric_and_a_whole_ledger_as_0(clickhouse: str, tmp_path: Path) -> None:
    config = ClickHouseSinkConfig("", clickhouse, database=f"rum_{uuid4().hex[:8]}")
    migrate(config)
    now = time.time_ns() // 1_000_000
    minute = now - 20 * 60_000
    door = LedgerRow("shop", minute, "collector", "c/1", 1, 3, {"acked": 2, "quota": 1}, {"acked": 20})
    lane = LedgerRow("shop", minute, "lane", "0", 1, 17, {"applied": 17})
    too_new = LedgerRow("shop", now, "collector", "c/1", 1, 1, {"acked": 1}, {"acked": 5})
    db = client(config)
    db.insert_arrow("ledger", ledger_table([door, lane, too_new]), config.database)
    try:
        with api(clickhouse, config.database, tmp_path / "log") as (url, process):
            audited = "rum_ledger_audited_timestamp_seconds"
            wait_until(lambda: metric_values(f"{url}/metrics")[audited] > 0, "the audit", process)
            found = metric_values(f"{url}/metrics")
    finally:
        db.command(f"DROP DATABASE IF EXISTS {config.database} SYNC")
        db.close()
    assert {name: value for name, value in found.items() if name.startswith("rum_ledger_") and name != audited} == {
        'rum_ledger_events{side="acked"}': 20,
        'rum_ledger_events{side="unknown"}': 0,
        'rum_ledger_events{side="replayed"}': 0,
        'rum_ledger_events{side="kafka"}': 17,
        'rum_ledger_broken_events{law="sums"}': 0,
        'rum_ledger_broken_events{law="acked_in_kafka"}': 3,
        'rum_ledger_broken_events{law="kafka_explained"}': 0,
    }
