"""A person is erased as docs/privacy.md says: by the hash that the command names, with these very statements."""

import re
import time
from pathlib import Path

import pytest
from clickhouse_connect.driver.client import Client

from sinks.clickhouse.migrations import migrate
from sinks.config import ClickHouseSinkConfig
from tests.lab.collector import batch, beacons_in, collecting, post
from tests.lab.command import rumstream
from tests.lab.sink_traffic import client

pytestmark = pytest.mark.integration

LANES = 2
DOCS = Path(__file__).parents[2] / "docs" / "privacy.md"
STATEMENTS = re.findall(r"```sql\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL)
FILE = """\
sites:
  erasure: {keys: [rk_erasure_key]}
  salted: {keys: [rk_salted_key], salt: "0123456789abcdef0123456789abcdef"}
"""


@pytest.mark.parametrize("site", ["erasure", "salted"])
async def test_the_command_names_the_hash_under_which_a_user_is_kept(
    kafka: str, generation: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, site: str
) -> None:
    (tmp_path / "sites.yaml").write_text(FILE, "utf-8")
    with collecting(kafka, generation, LANES, tmp_path / "log", sites=tmp_path / "sites.yaml") as collector:
        body = batch("b", "s", time.time_ns() // 1_000_000, user_id="jane")
        assert post(collector.port, "/api/v1/rum", body, f"x-api-key: rk_{site}_key").status == 204
    ((_, beacon),) = await beacons_in(kafka, generation, LANES)
    monkeypatch.setenv("RUMSTREAM_SITES", str(tmp_path / "sites.yaml"))
    told = rumstream(kafka, generation, LANES, "site", "user-hash", site, typed="jane\n")
    assert told.stdout.strip() == beacon.user_hash
    unknown = rumstream(kafka, generation, LANES, "site", "user-hash", "nobody", typed="jane\n")
    assert (unknown.returncode, "no salt" in unknown.stderr) == (1, True)


def test_the_statements_take_the_person_and_nobody_else(clickhouse: str) -> None:
    config = ClickHouseSinkConfig("", clickhouse)
    migrate(config)
    db = client(config)
    people = {"jane": "s-jane", "john": "s-john"}
    for person, session in people.items():
        db.command(
            "INSERT INTO rum.sessions (site, session_id, user_hash, opened_at, lane, version) "
            f"VALUES ('erasure', '{session}', '{person}', now64(3), 0, 1)"
        )
        for number, known in enumerate(("", person)):  # before and after the login
            db.command(
                "INSERT INTO rum.events (site, kind, name, ts, lane, `offset`, line, `index`, session_id, user_hash) "
                f"VALUES ('erasure', 'view', '', now64(3), 0, {number}, 0, {len(person)}, '{session}', '{known}')"
            )
    assert left(db) == {"s-jane": 3, "s-john": 3}
    assert len(STATEMENTS) == 2
    for statement in STATEMENTS:
        db.command(statement, parameters={"site": "erasure", "user_hash": "jane"})
    assert left(db) == {"s-john": 3}
    db.close()


def left(db: Client) -> dict[str, int]:
    """Rows of each session in both tables."""
    both = (
        "SELECT session_id, count() FROM (SELECT site, session_id FROM rum.sessions UNION ALL "
        "SELECT site, session_id FROM rum.events) WHERE site = 'erasure' GROUP BY session_id"
    )
    return {str(session): int(number) for session, number in db.query(both).result_rows}
