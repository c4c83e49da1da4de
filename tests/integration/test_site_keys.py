"""Every format's own way to name its site, and what the ledger says of those who named none."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from schemas.ledger import COLLECTOR
from tests.lab.collector import Answer, Collector, batch, beacons_in, collecting, exchange, post
from tests.lab.topic_contents import newest_ledger

pytestmark = pytest.mark.integration

LANES = 2
SHOP, BLOG = "rk_shop_key", "rk_blog_key"
FILE = f"""\
sites:
  shop: {{keys: [{SHOP}], origins: ["https://shop.example"]}}
  blog: {{keys: [{BLOG}], origins: ["https://blog.example"]}}
"""
RUM, FARO, TRACES = "/api/v1/rum", "/collect", "/v1/traces"
FARO_BODY = {"meta": {"session": {"id": "s-1"}}, "events": [{"name": "session_start"}]}
TRACES_BODY = {"resourceSpans": [{"scopeSpans": [{"spans": [{"name": "x"}]}]}]}
LOAD = "pid=abcd1234&n=1&u=https%3A%2F%2Fshop.example%2F&t_done=800&rt.si=a-b-1"


@pytest.fixture
def collector(kafka: str, generation: int, tmp_path: Path) -> Iterator[Collector]:
    file = tmp_path / "sites.yaml"
    file.write_text(FILE, "utf-8")
    with collecting(kafka, generation, LANES, tmp_path / "log", sites=file) as running:
        yield running


def image(collector: Collector, query: str) -> Answer:
    return exchange(collector.port, f"GET /boomerang?{query} HTTP/1.1\r\nHost: x\r\n\r\n".encode())


async def test_each_format_may_name_its_site_in_its_own_way(collector: Collector, kafka: str, generation: int) -> None:
    port, key = collector.port, f"x-api-key: {BLOG}"
    sent: list[tuple[int, str, Answer]] = [
        (202, "shop", post(port, f"{FARO}/{SHOP}", FARO_BODY, "Idempotency-Key: 1")),
        (202, "shop", post(port, f"{FARO}/{SHOP}", FARO_BODY, "Idempotency-Key: 2", key)),  # the path is the nearer one
        (202, "blog", post(port, FARO, FARO_BODY, "Idempotency-Key: 3", key)),
        (204, "shop", image(collector, f"key={SHOP}&{LOAD}")),
        (204, "blog", post(port, f"/boomerang?key={BLOG}", LOAD.encode())),
        (200, "blog", post(port, TRACES, TRACES_BODY, key)),
    ]
    assert [answer.status for _, _, answer in sent] == [status for status, _, _ in sent]
    stored = Counter((beacon.site, beacon.protocol) for _, beacon in await beacons_in(kafka, generation, LANES))
    assert Counter(site for site, _ in stored.elements()) == Counter(site for _, site, _ in sent)


@pytest.mark.parametrize(
    ("path", "body"),
    [(f"{FARO}/rk_no_such_key", FARO_BODY), (FARO, FARO_BODY), (TRACES, TRACES_BODY), ("/boomerang", LOAD.encode())],
)
def test_no_format_is_taken_without_a_key_that_is_known(collector: Collector, path: str, body: Any) -> None:
    assert post(collector.port, path, body).problem["code"] == "unknown_key"
    assert image(collector, LOAD).problem["code"] == "unknown_key"


async def test_what_the_gate_refuses_stands_in_the_ledger_under_the_site_that_is_known(
    collector: Collector, kafka: str, generation: int
) -> None:
    told = batch("b", "s", 0)
    assert post(collector.port, RUM, told, f"x-api-key: {SHOP}", "Origin: https://evil.example").status == 403
    assert post(collector.port, RUM, told).status == 401
    assert post(collector.port, RUM, told, f"x-api-key: {BLOG}").status == 204
    wanted = {"shop": {"origin": 1}, "": {"unknown_key": 1}, "blog": {"acked": 1}}
    found: dict[str, Counter[str]] = {}
    while found != wanted:  # until the ledger has been written
        found = {site: Counter() for site in wanted}
        for row in (await newest_ledger(kafka, generation, LANES)).values():
            if row.part == COLLECTOR:
                found[row.site].update(row.outcomes)
