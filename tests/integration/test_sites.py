"""The collector's process with a sites file and a real Kafka: who may send, how much, and what stays of whom."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from schemas.block import split_lines
from schemas.event import decode_beacon
from schemas.topics import BEACONS, DEAD_LETTER, SALTS, topic_name
from tests.lab.collector import Answer, Collector, batch, beacons_in, collecting, exchange, post, post_bytes
from tests.lab.command import rumstream
from tests.lab.countries import database
from tests.lab.servers import wait_until
from tests.lab.topic_contents import committed_records

pytestmark = pytest.mark.integration

LANES = 2
RUM = "/api/v1/rum"
SHOP, NEW, BLOG, NEWS, SMALL = "rk_shop_key", "rk_shop_new", "rk_blog_key", "rk_news_key", "rk_small_key"
FILE = f"""\
sites:
  shop:
    keys: [{SHOP}]
    origins: ["https://shop.example", "https://*.shop.example"]
    query_parameters: [page]
    assumed_rates: {{action: 0.1}}
  blog: {{keys: [{BLOG}], origins: ["https://blog.example"], tracking_signals: drop}}
  news: {{keys: [{NEWS}], origins: ["https://news.example"], tracking_signals: anonymous, attrs: {{deny: [plan]}}}}
  small: {{keys: [{SMALL}], quota: {{beacons_per_s: 0.01, beacons_burst: 5}}}}
"""


@dataclass(frozen=True)
class Place:
    """A collector, its file, its log, and where its beacons go."""

    collector: Collector
    file: Path
    log: Path
    kafka: str
    generation: int

    @property
    def port(self) -> int:
        return self.collector.port

    async def sites(self) -> Counter[str]:
        """How many beacons of each site are in Kafka."""
        return Counter(beacon.site for _, beacon in await beacons_in(self.kafka, self.generation, LANES))

    def loads(self, outcome: str) -> float:
        return self.collector.counts().get(f'rum_collector_sites_loads_total{{outcome="{outcome}"}}', 0)

    def dead_letters(self) -> float:
        return self.collector.counts().get("rum_collector_dead_letters_total", 0)

    def rewrite(self, text: str, outcome: str = "loaded") -> None:
        """A new version of the file, as an editor writes it; returns when the collector has seen it."""
        before = self.loads(outcome)
        beside = self.file.with_suffix(".new")
        beside.write_text(text, "utf-8")
        beside.replace(self.file)
        wait_until(lambda: self.loads(outcome) == before + 1, f"the sites file to be {outcome}")


@pytest.fixture
def place(kafka: str, generation: int, tmp_path: Path) -> Iterator[Place]:
    file, log = tmp_path / "sites.yaml", tmp_path / "log"
    file.write_text(FILE, "utf-8")
    with collecting(kafka, generation, LANES, log, sites=file) as collector:
        yield Place(collector, file, log, kafka, generation)


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def send(port: int, key: str, origin: str = "", name: str = "b", **more: Any) -> Answer:
    headers = [f"{header}: {told}" for header, told in (("x-api-key", key), ("Origin", origin)) if told]
    return post(port, RUM, batch(name, f"s-{name}", now_ms(), **more), *headers)


async def test_a_key_is_taken_from_header_query_and_batch(place: Place) -> None:
    body = batch("b", "s", now_ms())
    assert post(place.port, RUM, body, f"x-api-key: {SHOP}").status == 204
    assert post(place.port, f"{RUM}?key={BLOG}", body).status == 204
    assert post(place.port, RUM, {**body, "key": NEWS}).status == 204
    assert await place.sites() == {"shop": 1, "blog": 1, "news": 1}


async def test_forged_keys_and_other_origins_produce_nothing(place: Place) -> None:  # F32
    for key in ("", "rk_forged_key", "shop", SHOP + "x", SHOP.upper()):
        answer = send(place.port, key, "https://shop.example")
        assert (answer.status, answer.problem["code"]) == (401, "unknown_key")
        assert "forged" not in answer.body.decode()
        assert answer.headers["access-control-allow-origin"] == "https://shop.example"  # its page may read why
    for origin in ("https://blog.example", "https://evil.net", "null"):
        answer = send(place.port, SHOP, origin)
        assert (answer.status, answer.problem["code"]) == (403, "origin")
        assert "access-control-allow-origin" not in answer.headers
    assert await place.sites() == {}
    counts = place.collector.counts()
    assert counts['rum_collector_rejected_total{reason="unknown_key"}'] == 5
    assert counts['rum_collector_rejected_total{reason="origin"}'] == 3


LOOK_ALIKES = (
    *("https://evil-shop.example", "https://evilshop.example", "https://shop.example.evil.net", "http://shop.example"),
    *("https://shop.example:8443", "https://.shop.example", "https://a.shop.example.", "https://shop.example/", "null"),
    *("https://shop.example@evil.net", "https://evil.net#.shop.example", "https://evil.net\\.shop.example", "*", ""),
)


async def test_look_alikes_of_an_origin_may_neither_send_nor_read(place: Place) -> None:  # F31
    body = json.dumps(batch("b", "s", now_ms())).encode()
    for origin in LOOK_ALIKES:
        asked = f"OPTIONS {RUM} HTTP/1.1\r\nHost: x\r\nOrigin: {origin}\r\nAccess-Control-Request-Method: POST\r\n\r\n"
        answers = [
            exchange(place.port, asked.encode()),
            exchange(place.port, post_bytes(RUM, body, f"x-api-key: {SHOP}", f"Origin: {origin}")),
            exchange(place.port, f"GET /metrics HTTP/1.1\r\nHost: x\r\nOrigin: {origin}\r\n\r\n".encode()),
        ]
        assert answers[1].status == 403, origin
        assert all("access-control-allow-origin" not in answer.headers for answer in answers), origin
    assert await place.sites() == {}
    for origin in ("https://shop.example", "https://a.b.shop.example", "HTTPS://SHOP.example:443"):
        answer = send(place.port, SHOP, origin)
        assert (answer.status, answer.headers["access-control-allow-origin"]) == (204, origin)
        assert answer.headers["vary"] == "Origin"


def test_a_preflight_is_allowed_where_any_site_allows_its_origin(place: Place) -> None:
    for origin in ("https://shop.example", "https://blog.example", "https://x.shop.example"):
        asked = f"Origin: {origin}\r\nAccess-Control-Request-Headers: x-api-key"
        answer = exchange(place.port, f"OPTIONS {RUM} HTTP/1.1\r\nHost: x\r\n{asked}\r\n\r\n".encode())
        assert (answer.status, answer.headers["access-control-allow-origin"]) == (204, origin)
        assert answer.headers["access-control-allow-headers"] == "x-api-key"


async def test_a_quota_lets_its_burst_through_and_says_when_to_come_again(place: Place) -> None:
    answers = [send(place.port, SMALL, name=f"b{n}") for n in range(8)]
    assert [answer.status for answer in answers] == [204] * 5 + [429] * 3
    assert answers[5].problem["code"] == "quota"
    assert 90 <= int(answers[5].headers["retry-after"]) <= 100  # 1 / 0.01 a second
    assert (await place.sites())["small"] == 5
    place.rewrite(FILE + "# a new version refills nothing\n")
    assert send(place.port, SMALL).status == 429


async def test_two_collectors_grant_one_quota_together(kafka: str, generation: int, tmp_path: Path) -> None:
    (tmp_path / "sites.yaml").write_text(FILE.replace("beacons_burst: 5", "beacons_burst: 8"), "utf-8")
    with ExitStack() as both:
        for number in range(2):
            started = collecting(
                kafka, generation, LANES, tmp_path / f"{number}", sites=tmp_path / "sites.yaml", collectors=2
            )
            port = both.enter_context(started).port
            statuses = [send(port, SMALL, name=f"{number}-{n}").status for n in range(6)]
            assert statuses == [204] * 4 + [429] * 2
    assert len(await beacons_in(kafka, generation, LANES)) == 8


async def test_a_site_far_over_its_quota_takes_nothing_from_others(place: Place) -> None:  # F33
    flood = [asyncio.to_thread(send, place.port, SMALL, name=f"flood{n}") for n in range(500)]
    good = [asyncio.to_thread(send, place.port, SHOP, name=f"good{n}") for n in range(100)]
    mixed = [one for n, others in enumerate(good) for one in (*flood[5 * n : 5 * n + 5], others)]
    statuses = [answer.status for answer in await asyncio.gather(*mixed)]
    assert [statuses[6 * n + 5] for n in range(100)] == [204] * 100
    assert Counter(statuses) == {204: 105, 429: 495}
    assert await place.sites() == {"small": 5, "shop": 100}


async def test_a_new_version_under_load_loses_no_beacon(place: Place) -> None:
    acked: set[str] = set()
    done = asyncio.Event()

    async def client(number: int) -> None:
        count = 0
        while not done.is_set():
            count += 1
            name = f"c{number}-{count}"
            answer = await asyncio.to_thread(send, place.port, SHOP, "https://shop.example", name)
            assert answer.status == 204
            acked.add(name)

    clients = [asyncio.create_task(client(number)) for number in range(4)]
    for version in range(5):
        more = f"  extra{version}: {{keys: [rk_extra_{version}]}}\n"
        await asyncio.to_thread(place.rewrite, FILE.replace(f"[{SHOP}]", f"[{NEW}, {SHOP}]") + more)
        answer = await asyncio.to_thread(send, place.port, f"rk_extra_{version}", name=f"extra{version}")
        assert answer.status == 204  # at once: its salt was there before it was
    await asyncio.to_thread(place.rewrite, FILE.replace("sites:", "site:"), "broken")
    done.set()
    await asyncio.gather(*clients)
    assert acked
    found = [b.beacon_id for _, b in await beacons_in(place.kafka, place.generation, LANES) if b.site == "shop"]
    assert sorted(found) == sorted(acked)


def test_a_broken_version_leaves_the_sites_as_they_were_and_is_said(place: Place) -> None:
    place.rewrite(FILE.replace("https://blog.example", "https://blog.example/"), "broken")
    assert send(place.port, BLOG, "https://blog.example").status == 204
    assert "sites.yaml:7: sites.blog.origins[0]" in place.log.read_text("utf-8")
    place.rewrite(FILE.replace(f"[{SHOP}]", f"[{NEW}]"))
    assert [send(place.port, key).status for key in (NEW, SHOP)] == [204, 401]
    place.file.unlink()
    wait_until(lambda: place.loads("broken") == 2, "the missing file to be seen")
    assert send(place.port, NEW).status == 204


async def test_who_asks_not_to_be_tracked_leaves_what_the_site_says(place: Place) -> None:
    body = batch("b", "s", now_ms(), user_id="jane")
    assert post(place.port, RUM, body, f"x-api-key: {BLOG}", "DNT: 1").problem["code"] == "tracking_signal"
    assert post(place.port, RUM, body, f"x-api-key: {SHOP}", "Sec-GPC: 1").status == 204
    assert post(place.port, RUM, body, f"x-api-key: {NEWS}", "Sec-GPC: 1").status == 204
    found = {b.site: b for _, b in await beacons_in(place.kafka, place.generation, LANES)}
    assert set(found) == {"shop", "news"}
    assert found["shop"].user_hash
    assert not found["news"].user_hash
    assert found["news"].session_id != found["shop"].session_id == "s"


async def test_interactions_of_a_client_that_hides_its_rate_weigh_what_the_site_states(place: Place) -> None:
    events = [{"type": "user_interaction", "data": {"type": "click"}}, {"type": "js_error", "data": {"message": "x"}}]
    assert post(place.port, RUM, {"events": events}, f"x-api-key: {SHOP}").status == 204
    found = [b for _, b in await beacons_in(place.kafka, place.generation, LANES)]
    assert {b.events[0].kind: b.weight for b in found} == {"action": 10_000, "error": 1_000}
    assert len({b.beacon_id for b in found}) == 2


SECRETS = {
    "e-mail": "jane.doe@mail.example",
    "token": "Bearer abcdef0123456789abcdef",
    "JWT": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
    "card": "4111 1111 1111 1111",
    "user": "jane-the-user-17",
}
TRACES = ("jane", "abcdef0123456789abcdef", "dozjgNryP4J3jVmNHl0w5N", "4111", "1111 1111")


async def test_what_must_not_be_stored_is_nowhere(place: Place) -> None:  # F41
    for what, secret in SECRETS.items():
        text = "" if what == "user" else f"before {secret} after"
        told = batch(f"b {text}", f"s {text}", now_ms(), 2, release=text, environment=text, user_id=secret)
        told["dropped"] = {text or "none": 1}
        told["views"] = [
            {
                **{"view_id": f"v {text}", "url": f"https://shop.example/{text}?q={secret}&page={text}#{secret}"},
                **{"route": f"/a/{text}", "referrer": f"https://x.example/?{secret}", "navigation_type": text},
            }
        ]
        error = {"t": 0, "k": "error", "n": f"E {text}", "v": None, "a": {"message": text, "stack": f"at {text}"}}
        good = {**error, "v": 1, "id": text, "a": {**error["a"], text or "none": 1}}  # type: ignore[dict-item]
        told["events"] += [error, good, {"t": 0, "k": text, "n": text}]
        assert post(place.port, RUM, told, f"x-api-key: {SHOP}", f"Idempotency-Key: {text}").status == 204, what
        broken = json.dumps({"note": text, "user_id": secret}).encode()[:-1]
        for body in (broken, json.dumps({"v": 2, "note": text, "user_id": secret}).encode()):
            assert post(place.port, f"{RUM}?{'a=' + what}", body, f"x-api-key: {SHOP}").status == 400
        plain = {"type": "user_interaction", "userId": secret, "sessionId": f"p {text}", "url": f"/x?{secret}"}
        plain_body = {"events": [{**plain, "data": {"type": text, "target": text}}, {**plain, "type": text}]}
        assert post(place.port, RUM, plain_body, f"x-api-key: {SHOP}").status == 204, what
        path = secret.replace(" ", "%20")
        exchange(place.port, f"GET /{path}?{path} HTTP/1.1\r\nHost: x\r\nUser-Agent: {secret}\r\n\r\n".encode())
    letters = 5 * len(SECRETS)
    await asyncio.to_thread(wait_until, lambda: place.dead_letters() >= letters, "the dead letters")
    stored = b""
    for topic in (topic_name(BEACONS, place.generation), topic_name(DEAD_LETTER, place.generation)):
        records = await committed_records(place.kafka, topic, LANES)
        stored += b"\n".join((r.key or b"") + r.value + str(r.headers).encode() for r in records)
    stored += b"".join(r.value or b"" for r in await committed_records(place.kafka, SALTS, 1))
    metrics = str(place.collector.counts())
    places = {"Kafka": stored.decode("utf-8", "replace"), "log": place.log.read_text("utf-8"), "metrics": metrics}
    assert "[email]" in places["Kafka"]
    assert "[card]" in places["Kafka"]
    assert "127.0.0.1" not in places["Kafka"]
    for trace in TRACES:
        for where, text in places.items():
            assert trace not in text, f"{trace} in {where}: …{text[max(text.find(trace) - 200, 0) :][:300]}"


def test_no_input_forges_a_line_of_the_log(place: Place) -> None:  # F40
    evil = "x\\r\\n\\u001b[31m2026-01-01 [error] forged"
    for body in (f'{{"v":1,"beacon_id":"{evil}"}}', f'{{"events":[{{"type":"{evil}"}}]}}', f'{{"{evil}'):
        assert post(place.port, RUM, body.encode(), f"x-api-key: {SHOP}").status == 400
    for raw in (b"GET /\x1b[31mforged\r\n\r\n", b"GET /%0d%0aforged HTTP/1.1\r\nHost: x\r\nX: \x1b[2Jforged\r\n\r\n"):
        assert exchange(place.port, raw).status in (400, 404)
    broken = FILE + '  "e\\r\\n\\e[31mforged": {keys: []}\n'
    place.rewrite(broken, "broken")  # the only input that is logged: the operator's own
    lines = place.log.read_text("utf-8").splitlines()
    assert len(lines) == sum(line.startswith("{") for line in lines)
    assert all(json.loads(line)["part"] == "collector" for line in lines)
    assert not any(c < " " and c != "\n" for c in place.log.read_text("utf-8"))


def test_answers_say_what_a_browser_may_do_with_them(place: Place) -> None:
    for answer in (
        send(place.port, SHOP),
        send(place.port, "rk_forged_key"),
        exchange(place.port, b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"),
        exchange(place.port, b"GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n"),
    ):
        assert answer.headers["x-content-type-options"] == "nosniff"
    refused = exchange(place.port, b"GET /<script>alert(1)</script> HTTP/1.1\r\nHost: x\r\n\r\n")
    assert refused.headers["content-type"] == "application/problem+json"


async def test_bots_are_refused_or_counted_as_the_operator_says(kafka: str, generation: int, tmp_path: Path) -> None:
    bot = "User-Agent: Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
    for setting, status in (("count", 204), ("refuse", 403)):
        with collecting(kafka, generation, LANES, tmp_path / setting, bots=setting) as collector:
            assert post(collector.port, RUM, batch(setting, "s", now_ms()), bot).status == status
            assert collector.counts()[f'rum_collector_bots_total{{outcome="{setting}"}}'] == 1
    assert [b.beacon_id for _, b in await beacons_in(kafka, generation, LANES)] == ["count"]


async def test_countries_and_addresses_come_from_trusted_proxies(kafka: str, generation: int, tmp_path: Path) -> None:
    file = tmp_path / "sites.yaml"
    file.write_text(FILE, "utf-8")
    countries = database(tmp_path / "country.mmdb", {"203.0.113.0/24": {"country": {"iso_code": "FR"}}})
    for number, (trusted, file_of_countries) in enumerate(
        (("127.0.0.1", ""), ("10.0.0.0/8", ""), ("127.0.0.1", countries))
    ):
        with collecting(
            *(kafka, generation, LANES, tmp_path / f"log{number}"),
            sites=file, trusted_proxies=trusted, geoip_database=file_of_countries,
        ) as collector:  # fmt: skip
            for client in ("203.0.113.7", "203.0.113.8", "203.0.113.7"):
                vital = {"metric": "lcp", "value": 1}
                headers = (f"x-api-key: {SHOP}", f"X-Forwarded-For: 6.6.6.6, {client}", "CF-IPCountry: DE")
                assert post(collector.port, "/api/v1/metrics", vital, *headers).status == 204
    found = [b for _, b in await beacons_in(kafka, generation, LANES)]
    visitors = {country: Counter(b.session_id for b in found if b.country == country) for country in ("DE", "FR", "")}
    assert sorted(visitors["DE"].values()) == [1, 2]
    assert visitors["FR"] == visitors["DE"]
    assert list(visitors[""].values()) == [3]  # the proxy is not believed: all of them are one


def test_a_file_that_cannot_be_used_ends_the_start_with_a_sentence(
    kafka: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "sites.yaml"
    for text, said in ((None, "no such file"), (FILE.replace("keys", "kyes", 1), "sites.yaml:3: sites.shop.kyes")):
        if text is not None:
            file.write_text(text, "utf-8")
        monkeypatch.setenv("RUMSTREAM_SITES", str(file))
        ended = rumstream(kafka, 1, LANES, "collect")
        assert ended.returncode == 78
        assert said in ended.stderr
        assert "Traceback" not in ended.stderr
    monkeypatch.delenv("RUMSTREAM_SITES")
    monkeypatch.setenv("RUMSTREAM_GEOIP_DATABASE", str(tmp_path / "missing.mmdb"))
    ended = rumstream(kafka, 1, LANES, "collect")
    assert (ended.returncode, "RUMSTREAM_GEOIP_DATABASE" in ended.stderr) == (78, True)


async def test_each_line_of_kafka_names_the_site_by_its_id_never_by_a_key(place: Place) -> None:
    for key in (SHOP, BLOG):
        assert send(place.port, key).status == 204
    records = await committed_records(place.kafka, topic_name(BEACONS, place.generation), LANES)
    lines = [line for record in records for line in split_lines(record.value)]
    assert {decode_beacon(line).site for line in lines} == {"shop", "blog"}
    assert not any(b"rk_" in line for line in lines)
