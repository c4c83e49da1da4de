"""The collector's process and a real Kafka: what is answered 2xx is there; what is wrong is said exactly."""

import asyncio
import gzip
import json
import select
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from backports import zstd

from schemas.block import header
from schemas.dead_letter import DeadLetter, decode_dead_letter
from schemas.lanes import lane_of
from schemas.limits import BODY_INFLATED_BYTES, BODY_WIRE_BYTES
from schemas.topics import BEACONS, DEAD_LETTER, topic_name
from tests.lab.collector import Answer, Collector, batch, beacons_in, collecting, exchange, post, post_bytes
from tests.lab.servers import create_topics
from tests.lab.topic_contents import committed_records

pytestmark = pytest.mark.integration

LANES = 2
QUERY_BYTES = 32 * 1024
SHARED_GENERATION = 900
RUM, VITALS, FARO, TRACES = "/api/v1/rum", "/api/v1/vitals", "/collect", "/v1/traces"
BOOMERANG = "/boomerang"
GAUGE = {"name": "x", "gauge": {"dataPoints": [{"asInt": "1"}]}}


@pytest.fixture
def collector(kafka: str, generation: int, tmp_path: Path) -> Iterator[Collector]:
    with collecting(kafka, generation, LANES, tmp_path / "log") as running:
        yield running


@pytest.fixture(scope="module")
def shared(kafka: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Collector]:
    """For tests that do not look into Kafka."""
    asyncio.run(create_topics(kafka, SHARED_GENERATION, LANES))
    with collecting(kafka, SHARED_GENERATION, LANES, tmp_path_factory.mktemp("collector") / "log") as running:
        yield running


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def padded(size: int) -> bytes:
    """A good beacon of exactly so many bytes."""
    told = json.dumps(batch("padded", "s", now_ms())).encode()
    return told + b" " * (size - len(told))


def chunked(body: bytes) -> bytes:
    head = post_bytes(RUM, b"", "Transfer-Encoding: chunked", length=False)
    return head + b"%x\r\n" % len(body) + body + b"\r\n0\r\n\r\n"


async def dead_letters(kafka: str, generation: int, number: int) -> list[DeadLetter]:
    """So many, once they are there, in the order they were refused."""
    letters: list[DeadLetter] = []
    while len(letters) < number:
        records = await committed_records(kafka, topic_name(DEAD_LETTER, generation), LANES)
        letters = sorted((decode_dead_letter(r.value) for r in records), key=lambda letter: letter.received_at)
    return letters


BODIES: dict[str, Any] = {
    RUM: batch("b-1", "s-1", 0),
    "/api/v1/metrics": {"metric": "lcp", "value": 1, "url": "http://shop.example/", "userAgent": "x"},
    "/api/v1/metrics/react": {"componentId": "Cart", "phase": "mount", "duration": 1},
    "/api/v1/alerts": {"type": "high_memory_usage", "data": {"usedMemoryMB": 1, "limitMB": 2}},
    VITALS: [{"name": "CLS", "value": 0, "id": "v6-1700000000000-1234567890123"}],
    BOOMERANG: b"pid=abcd1234&n=1&u=https%3A%2F%2Fshop.example%2Fproduct%2F9%3Fq%3D1&t_done=800&rt.si=a-b-1",
    f"{BOOMERANG}/": b"pid=abcd1234&n=1&u=https%3A%2F%2Fshop.example%2F&rt.quit=&et.inp=8&rt.si=a-b-1",
    FARO: {"meta": {"session": {"id": "s-1"}}, "events": [{"name": "session_start"}]},
    TRACES: {"resourceSpans": [{"scopeSpans": [{"spans": [{"name": "x"}]}]}]},
    "/v1/logs": {"resourceLogs": [{"scopeLogs": [{"logRecords": [{"eventName": "x"}]}]}]},
    "/v1/metrics": {"resourceMetrics": [{"scopeMetrics": [{"metrics": [GAUGE]}]}]},
}
ANSWERS: dict[str, tuple[int, bytes]] = {
    FARO: (202, b""),
    **dict.fromkeys((TRACES, "/v1/logs", "/v1/metrics"), (200, b"{}")),
}
"""Status and body of a good answer, where it is not 204."""


async def test_a_2xx_is_in_kafka_in_the_lane_of_its_session(collector: Collector, kafka: str, generation: int) -> None:
    for number in range(20):
        assert post(collector.port, RUM, batch(f"b-{number}", f"s-{number}", now_ms(), 2)).status == 204
    found = await beacons_in(kafka, generation, LANES)
    assert sorted(b.beacon_id for _, b in found) == sorted(f"b-{number}" for number in range(20))
    assert all(lane == lane_of("default", b.session_id, LANES) and len(b.events) == 2 for lane, b in found)
    assert len({lane for lane, _ in found}) == LANES


@pytest.mark.parametrize("path", BODIES)
async def test_each_route_takes_its_body_whatever_its_type_says(
    collector: Collector, kafka: str, generation: int, path: str
) -> None:
    good = ANSWERS.get(path, (204, b""))
    for told in ("application/json", "text/plain;charset=UTF-8", "image/png", "application/x-protobuf", ""):
        headers = (f"Content-Type: {told}",) if told else ()
        answer = post(collector.port, path, BODIES[path], *headers)
        assert (answer.status, answer.body) == (good if told != "application/x-protobuf" else (good[0], b""))
    assert len(await beacons_in(kafka, generation, LANES)) == 5


async def test_faros_path_may_end_in_a_slash_or_name_a_key_and_its_key_names_the_beacon(
    collector: Collector, kafka: str, generation: int
) -> None:
    for number, path in enumerate((FARO, f"{FARO}/", f"{FARO}/a-key", f"{FARO}/a-key/")):
        assert post(collector.port, path, BODIES[FARO], f"Idempotency-Key: key-{number}").status == 202
    assert post(collector.port, f"{FARO}/a/b", BODIES[FARO]).status == 404
    found = await beacons_in(kafka, generation, LANES)
    assert {(b.beacon_id, b.session_id) for _, b in found} == {(f"key-{number}", "s-1") for number in range(4)}


async def test_otlp_tells_what_it_refused_and_keeps_the_rest(collector: Collector, kafka: str, generation: int) -> None:
    spans = [{"name": "good"}, {"name": "bad", "startTimeUnixNano": "soon by jane@mail.example"}]
    answer = post(collector.port, TRACES, {"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]})
    place = "resourceSpans[0].scopeSpans[0].spans[1]"
    told = {"partialSuccess": {"rejectedSpans": "1", "errorMessage": f"{place}: event_malformed"}}
    assert (answer.status, answer.headers["content-type"]) == (200, "application/json")
    assert json.loads(answer.body) == told
    ((_, beacon),) = await beacons_in(kafka, generation, LANES)
    assert [e.name for e in beacon.events] == ["good"]
    (letter,) = await dead_letters(kafka, generation, 1)
    assert (letter.reason, letter.protocol) == ("event_malformed", "otlp")
    assert letter.detail.startswith(place)
    assert "jane" not in letter.detail + letter.body


async def test_a_protobuf_that_is_none_is_refused_and_says_so(shared: Collector) -> None:
    answer = post(shared.port, TRACES, b"\xff\xff", "Content-Type: application/x-protobuf")
    assert (answer.status, answer.problem["code"]) == (400, "malformed")
    assert "ExportTraceServiceRequest" in answer.problem["detail"]


async def test_blocks_say_who_wrote_them_and_silent_lanes_get_ticks(
    collector: Collector, kafka: str, generation: int
) -> None:
    records = await committed_records(kafka, topic_name(BEACONS, generation), LANES)
    assert {r.partition for r in records} == set(range(LANES))  # at start all lanes are silent
    for record in records:
        assert record.value == b""
        assert header(record.headers, "collector") == "collector"
        assert header(record.headers, "schema") == "1"
        assert abs(int(header(record.headers, "tick") or 0) - now_ms()) < 60_000
        assert record.timestamp_type == 1  # LogAppendTime


async def test_the_good_events_are_kept_and_the_bad_are_dead_letters(
    collector: Collector, kafka: str, generation: int
) -> None:
    told = batch("b", "s", now_ms(), 2)
    told["events"][0].update(v=-1, a={"message": "by jane@mail.example"})
    assert post(collector.port, RUM, told).status == 204
    assert post(collector.port, RUM, b'{"who": "jane@mail.example"').status == 400
    ((_, beacon),) = await beacons_in(kafka, generation, LANES)
    assert [e.value for e in beacon.events] == [101]
    letters = await dead_letters(kafka, generation, 2)
    assert [letter.reason for letter in letters] == ["negative", "malformed"]
    assert letters[0].detail.startswith("events[0]: ")
    assert "jane" not in str(letters)
    assert all("[email]" in letter.body for letter in letters)


def image(query: bytes, *headers: str) -> bytes:
    """What `new Image().src = ...` sends: no Origin, no body, no length."""
    head = "\r\n".join([" HTTP/1.1", "Host: x", *headers, "", ""])
    return f"GET {BOOMERANG}?".encode() + query + head.encode()


async def test_an_image_of_four_kilobytes_is_a_beacon(collector: Collector, kafka: str, generation: int) -> None:
    query = BODIES[BOOMERANG] + b"&r=https%3A%2F%2Fa.example%2F%3F" + b"s" * 4_000
    answer = exchange(collector.port, image(query))
    assert (answer.status, answer.body, answer.headers["cache-control"]) == (204, b"", "no-store")
    assert "access-control-allow-origin" not in answer.headers
    ((_, beacon),) = await beacons_in(kafka, generation, LANES)
    assert (beacon.beacon_id, beacon.session_id, beacon.protocol) == ("abcd1234-1", "a-b", "boomerang")
    assert {e.kind for e in beacon.events} == {"view", "navigation"}
    assert {e.url for e in beacon.events} == {"https://shop.example/product/9"}


async def test_the_dead_letter_of_a_form_has_none_of_its_encoded_queries(
    collector: Collector, kafka: str, generation: int
) -> None:
    bad = b"u=https%3A%2F%2Fx.example%2F%3Fsecret%3D1&pid=p&n=1&t_done=secret&restiming=%7B%22https%3A%2F%2Fa%3Fsecret"
    assert post(collector.port, BOOMERANG, bad).status == 204
    assert post(collector.port, BOOMERANG, b"x=https%3A%2F%2Fx.example%2F%3Fsecret%3D1").status == 400
    letters: list[DeadLetter] = []
    while len(letters) < 3:
        records = await committed_records(kafka, topic_name(DEAD_LETTER, generation), LANES)
        letters = [decode_dead_letter(r.value) for r in records]
    assert "secret" not in str(letters)


GOOD = json.dumps(batch("b", "s", 0)).encode()

REFUSED: dict[str, tuple[bytes, int, str]] = {
    "broken JSON": (post_bytes(RUM, b'{"v":1,}'), 400, "malformed"),
    "no JSON": (post_bytes(RUM, b"\xff\xfe"), 400, "malformed"),
    "deep JSON": (post_bytes(RUM, b"[" * BODY_WIRE_BYTES), 400, "malformed"),
    "another version": (post_bytes(RUM, GOOD.replace(b'"v": 1', b'"v": 2', 1)), 400, "malformed"),
    "no good event": (post_bytes(VITALS, b'{"name":"XYZ","value":1}'), 400, "malformed"),
    "broken gzip": (post_bytes(RUM, b"gzip?", "Content-Encoding: gzip"), 400, "malformed"),
    "empty body": (post_bytes(RUM, b""), 400, "empty_body"),
    "unknown path": (post_bytes("/api/v1/nothing", GOOD), 404, "not_found"),
    "path with a slash": (post_bytes(RUM + "/", GOOD), 404, "not_found"),
    "GET": (f"GET {RUM} HTTP/1.1\r\nHost: x\r\n\r\n".encode(), 405, "method"),
    "an image without a query": (image(b""), 400, "empty_body"),
    "an image that is no beacon": (image(b"a=1"), 400, "malformed"),
    "an image one byte over": (image(b"a" * (QUERY_BYTES + 1)), 413, "too_large"),
    "an image at its cap": (image(b"a" * QUERY_BYTES), 400, "malformed"),
    "an image with large headers": (image(b"pid=1", "X-Large: " + "x" * 16_384), 431, "headers_too_large"),
    "PUT": (post_bytes(RUM, GOOD).replace(b"POST", b"PUT", 1), 405, "method"),
    "POST to healthz": (post_bytes("/healthz", GOOD), 405, "method"),
    "no length": (post_bytes(RUM, b"", length=False), 411, "length_required"),
    "one byte over, with length": (post_bytes(RUM, padded(BODY_WIRE_BYTES + 1)), 413, "too_large"),
    "one byte over, chunked": (chunked(padded(BODY_WIRE_BYTES + 1)), 413, "too_large"),
    "a declared flood": (post_bytes(RUM, b"x", "Content-Length: 999999999999", length=False), 413, "too_large"),
    "a bomb": (post_bytes(RUM, gzip.compress(b" " * 9_000_000), "Content-Encoding: gzip"), 413, "too_large"),
    "unknown encoding": (post_bytes(RUM, GOOD, "Content-Encoding: rot13"), 415, "unsupported_encoding"),
    "large headers": (post_bytes(RUM, GOOD, "X-Large: " + "x" * 16_384), 431, "headers_too_large"),
}


def test_what_is_wrong_is_said_with_its_status(shared: Collector) -> None:
    for case, (request, status, code) in REFUSED.items():
        before = shared.counts()
        answer = exchange(shared.port, request.replace(b"Host: x", b"Host: x\r\nOrigin: https://shop.example", 1))
        assert (answer.status, answer.problem["code"]) == (status, code), case
        assert answer.headers["access-control-allow-origin"] == "https://shop.example", case
        after = shared.counts()
        counted = f'rum_collector_rejected_total{{reason="{code}"}}'
        assert after[counted] == before.get(counted, 0) + 1, case
        assert after["rum_collector_received_total"] == before["rum_collector_received_total"] + 1, case
        assert _acked(after) == _acked(before), case


def _acked(counts: dict[str, float]) -> float:
    return sum(n for name, n in counts.items() if name.startswith("rum_collector_acked_total{"))


def test_at_its_caps_a_body_is_taken(shared: Collector) -> None:
    assert exchange(shared.port, post_bytes(RUM, padded(BODY_WIRE_BYTES))).status == 204
    assert exchange(shared.port, chunked(padded(BODY_WIRE_BYTES))).status == 204
    largest = gzip.compress(padded(BODY_INFLATED_BYTES))
    assert post(shared.port, RUM, largest, "Content-Encoding: gzip").status == 204
    assert post(shared.port, RUM, zstd.compress(padded(90_000)), "Content-Encoding: zstd").status == 204


@pytest.mark.parametrize("length", ["100", None])
def test_a_body_that_does_not_come_is_answered_408_within_five_seconds(shared: Collector, length: str | None) -> None:
    more = f"Content-Length: {length}" if length else "Transfer-Encoding: chunked"
    begun = time.monotonic()
    answer = exchange(shared.port, post_bytes(RUM, b"", more, length=False))
    assert (answer.status, answer.problem["code"]) == (408, "body_timeout")
    assert time.monotonic() - begun < 5


def test_a_slow_upload_leaves_kafka_its_whole_time(shared: Collector) -> None:
    request = post_bytes(RUM, padded(1_000))
    with socket.create_connection(("127.0.0.1", shared.port), timeout=15) as connection:
        connection.sendall(request[:-1])
        select.select([connection], [], [], 2.5)  # longer than the deadline for Kafka; nothing is said meanwhile
        connection.sendall(request[-1:])
        assert connection.recv(65_536).startswith(b"HTTP/1.1 204 ")


def test_a_client_that_hangs_up_harms_nobody(shared: Collector) -> None:
    with pytest.raises(AssertionError, match="closed without an answer"):
        exchange(shared.port, post_bytes(RUM, b"{", "Content-Length: 100", length=False), hang_up=True)
    assert post(shared.port, RUM, batch("b", "s", now_ms())).status == 204


@pytest.mark.parametrize("path", BODIES)
def test_a_preflight_of_any_client_is_answered(shared: Collector, path: str) -> None:
    asked = "content-type,content-encoding,idempotency-key,x-api-key,x-faro-session-id"
    answer = exchange(
        shared.port,
        f"OPTIONS {path} HTTP/1.1\r\nHost: x\r\nOrigin: https://shop.example\r\n"
        f"Access-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: {asked}\r\n\r\n".encode(),
    )
    assert answer.status == 204
    assert answer.headers["access-control-allow-origin"] == "https://shop.example"
    assert answer.headers["access-control-allow-credentials"] == "true"
    assert answer.headers["access-control-allow-headers"] == asked
    assert "POST" in answer.headers["access-control-allow-methods"]
    assert int(answer.headers["access-control-max-age"]) > 0
    assert answer.headers["vary"] == "Origin"


def get(collector: Collector, path: str) -> Answer:
    return exchange(collector.port, f"GET {path} HTTP/1.1\r\nHost: x\r\nOrigin: https://a.example\r\n\r\n".encode())


def test_health_readiness_and_metrics_answer(collector: Collector) -> None:
    assert post(collector.port, RUM, batch("b", "s", now_ms(), 3)).status == 204
    assert (get(collector, "/healthz").status, get(collector, "/readyz").status) == (200, 200)
    assert get(collector, "/metrics").headers["access-control-allow-origin"] == "https://a.example"
    counts = collector.counts()
    assert counts['rum_collector_acked_total{protocol="rum"}'] == 1
    assert counts['rum_collector_events_total{protocol="rum"}'] == 3
    assert counts["rum_collector_inflight_bytes"] == 0
    assert counts["rum_collector_ack_seconds_count"] == 1


def test_the_browser_files_are_served(kafka: str, generation: int, tmp_path: Path) -> None:
    (tmp_path / "demo").mkdir()
    (tmp_path / "rum.js").write_text("script", "utf-8")
    (tmp_path / "demo" / "index.html").write_text("demo", "utf-8")
    (tmp_path / "secret").write_text("secret", "utf-8")
    with collecting(kafka, generation, LANES, tmp_path / "log", ready=False, static=tmp_path) as collector:
        assert get(collector, "/rum.js").body == b"script"
        assert get(collector, "/rum.js?path=secret").body == b"script"
        assert get(collector, "/demo/").body == b"demo"
        assert get(collector, "/rum.js").headers["cache-control"] == "public, max-age=300"
        for missing in ("/rum.js.map", "/demo/nothing", "/demo/../secret", "/demo/%2e%2e/secret", "/secret"):
            assert get(collector, missing).problem["code"] == "not_found"


def test_a_script_of_one_build_may_be_kept_for_ever(kafka: str, generation: int, tmp_path: Path) -> None:
    folder = tmp_path / "v" / "1.0.0-abc"
    folder.mkdir(parents=True)
    (tmp_path / "secret").write_text("secret", "utf-8")
    (tmp_path / "rum.json").write_text("{}", "utf-8")
    (folder / "rum.js").write_text("script", "utf-8")
    (folder / "rum.js.gz").write_bytes(b"packed")
    with collecting(kafka, generation, LANES, tmp_path / "log", ready=False, static=tmp_path) as collector:
        plain = get(collector, "/v/1.0.0-abc/rum.js")
        assert (plain.body, plain.headers["cache-control"]) == (b"script", "public, max-age=31536000, immutable")
        head = "GET /v/1.0.0-abc/rum.js HTTP/1.1\r\nHost: x\r\nOrigin: https://a.example"
        packed = exchange(collector.port, f"{head}\r\nAccept-Encoding: gzip, br\r\n\r\n".encode())
        assert (packed.body, packed.headers["content-encoding"]) == (b"packed", "gzip")
        assert packed.headers["content-type"].startswith("text/javascript")
        assert packed.headers["sourcemap"] == "rum.js.map"
        assert packed.headers["access-control-allow-origin"] == "https://a.example"
        for missing in ("/v/1.0.0-abc/secret", "/v/../rum.json", "/v/%2e%2e/rum.js", "/v/2.0.0/rum.js", "/v/1.0.0-abc"):
            assert get(collector, missing).problem["code"] == "not_found"
