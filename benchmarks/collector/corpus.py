"""The requests that every subject is sent: 10,000 different beacons of the SDK, ready as bytes."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

KEY: Final = "rk_bench_key_0123456789"
ORIGIN: Final = "https://www.shop.example"
SITES_FILE: Final = f"""\
sites:
  shop:
    keys: [{KEY}]
    origins: ["https://shop.example", "https://*.shop.example"]
    quota: {{beacons_per_s: 1000000, events_per_s: 10000000}}
    query_parameters: [page]
    releases: ["2026.*"]
"""
_ENCODE: Final = msgspec.json.Encoder().encode
_SYSTEMS: Final = (
    "Windows NT 10.0; Win64; x64",
    "Macintosh; Intel Mac OS X 10_15_7",
    "X11; Linux x86_64",
    "Linux; Android 10; K",
)
_BAD_EVERY: Final = 100


@dataclass(frozen=True)
class Corpus:
    """How many of what; one beacon in a hundred is bad: no JSON, or one of its events is refused."""

    beacons: int = 10_000
    agents: int = 200
    urls: int = 5_000
    seed: int = 1


def bodies(corpus: Corpus, now_ms: int) -> Iterator[tuple[bytes, str]]:
    """(body, user agent) of every beacon; about 3.5 KB with 10 events."""
    draw = random.Random(corpus.seed)
    agents, urls = [_agent(n) for n in range(corpus.agents)], [_url(draw, n) for n in range(corpus.urls)]
    pages, files = urls[: corpus.urls * 2 // 5], urls[corpus.urls * 2 // 5 :]
    for number in range(corpus.beacons):
        batch = _batch(draw, number, pages[number % len(pages)], files, now_ms)
        agent = agents[draw.randrange(corpus.agents)]
        if number % _BAD_EVERY:
            yield _ENCODE(batch), agent
        elif number % (2 * _BAD_EVERY):
            yield _ENCODE(batch)[:-1], agent
        else:
            batch["events"][3]["v"] = -1
            yield _ENCODE(batch), agent


def requests(corpus: Corpus, now_ms: int, kind: str = "text/plain;charset=UTF-8") -> Iterator[bytes]:
    """Every beacon as the bytes of a POST, as a browser sends it."""
    for body, agent in bodies(corpus, now_ms):
        yield _post("/api/v1/rum", agent, kind, body)


def otlp_requests(corpus: Corpus, now_ms: int) -> Iterator[bytes]:
    """The same as OTLP logs in protobuf, a record an event; what is no JSON is no protobuf either."""
    for body, agent in bodies(corpus, now_ms):
        try:
            sent = _otlp(msgspec.json.decode(body))
        except msgspec.DecodeError:
            sent = body
        yield _post("/v1/logs", agent, "application/x-protobuf", sent)


def _post(path: str, agent: str, kind: str, body: bytes) -> bytes:
    head = (
        f"POST {path} HTTP/1.1\r\nHost: rum.shop.example\r\nContent-Length: {len(body)}\r\nUser-Agent: {agent}\r\n"
        f'Content-Type: {kind}\r\nAccept: */*\r\nOrigin: {ORIGIN}\r\nsec-ch-ua-platform: "Windows"\r\n'
        f"Sec-Fetch-Site: same-site\r\nSec-Fetch-Mode: no-cors\r\nSec-Fetch-Dest: empty\r\nReferer: {ORIGIN}/\r\n"
        "Accept-Encoding: gzip, deflate, br, zstd\r\nAccept-Language: de-DE,de;q=0.9,en;q=0.8\r\n\r\n"
    )
    return head.encode() + body


def _agent(number: int) -> str:
    system, version = _SYSTEMS[number % len(_SYSTEMS)], 90 + number // len(_SYSTEMS)
    mobile = " Mobile" if "Android" in system else ""
    if number % 5 == 0 and not mobile:
        return f"Mozilla/5.0 ({system}; rv:{version}.0) Gecko/20100101 Firefox/{version}.0"
    return f"Mozilla/5.0 ({system}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{version}.0.0.0{mobile} Safari/537.36"


def _url(draw: random.Random, number: int) -> str:
    shelf = ("product", "category", "article", "cart", "search")[number % 5]
    return f"{ORIGIN}/{shelf}/{number}/{draw.choice(('reviews', 'details', 'images'))}?page={number % 9}&q=shoes#top"


def _hex(draw: random.Random, digits: int) -> str:
    return f"{draw.getrandbits(4 * digits):0{digits}x}"


def _batch(draw: random.Random, number: int, url: str, files: list[str], now: int) -> dict[str, Any]:
    view: dict[str, Any] = {
        "view_id": _hex(draw, 16),
        "url": url,
        "referrer": f"{ORIGIN}/category/{number % 50}?sort=price",
    }
    view |= {"navigation_type": "navigate", "started_at": now - 4_000}
    return {
        "v": 1,
        "key": KEY,
        "beacon_id": f"{_hex(draw, 8)}-{_hex(draw, 4)}-4{_hex(draw, 3)}-9{_hex(draw, 3)}-{_hex(draw, 12)}",
        "seq": number % 7,
        "sent_at": now,
        "session_id": f"{_hex(draw, 8)}-{_hex(draw, 4)}-4{_hex(draw, 3)}-9{_hex(draw, 3)}-{_hex(draw, 12)}",
        "session_start": now - 60_000,
        "sample_rate": 1,
        "dropped": {},
        "release": f"2026.{number % 12}.1",
        "environment": "production",
        "views": [view],
        "events": _events(draw, files, now),
    }


def _events(draw: random.Random, files: list[str], now: int) -> list[dict[str, Any]]:
    def vital(name: str, value: float, before: int, **attrs: Any) -> dict[str, Any]:
        told = {"t": now - before, "k": "vital", "n": name, "v": value, "id": f"v6-{now - 4_000}-{_hex(draw, 12)}"}
        where = f"html>body>div#app>main.content>section:nth-of-type({draw.randrange(40)})>div.tile"
        return {**told, "view": 0, "a": {"rating": "good", "delta": value, "element": where, **attrs}}

    def resource(kind: str, before: int) -> dict[str, Any]:
        took = round(draw.lognormvariate(4.2, 0.8), 1)
        told = {"url": draw.choice(files), "size": draw.randrange(900_000)}
        told |= {"status": 200, "protocol": "h2", "start": round(draw.uniform(50, 900), 1), "cached": False}
        told |= {"dns": 0, "connect": 0, "tls": 0, "request": round(took / 3, 1), "response": round(took / 5, 1)}
        told |= {
            "host": "cdn.shop.example",
            "priority": "high",
            "delivery": "cache",
            "decoded": draw.randrange(900_000),
        }
        return {"t": now - before, "k": "resource", "n": kind, "v": took, "view": 0, "a": told}

    product = draw.randrange(1_000)
    page = {"title": f"Shoe {product}, new", "viewport": "1440x900", "language": "de-DE", "zone": "Europe/Berlin"}
    shift = 0 if draw.random() < 0.5 else round(draw.expovariate(25), 4)
    made = [
        {"t": now - 3_990, "k": "view", "n": "page_view", "view": 0, "a": dict(page)},
        vital("TTFB", round(draw.lognormvariate(5.7, 0.6), 1), 3_700, waiting=12.5, cache=0.3, dns=9.1),
        vital("FCP", round(draw.lognormvariate(6.8, 0.45), 1), 3_200, firstByteToFCP=311.2, loadState="complete"),
        vital("LCP", round(draw.lognormvariate(7.1, 0.5), 1), 2_800, target=f"#main>div.hero>img.p-{product}"),
        vital("CLS", shift, 900, largestShiftTarget="body>main>section.related:nth-child(3)>ul.cards"),
        vital("INP", round(draw.lognormvariate(4.4, 0.6), 1), 300, interactionTarget="button.buy", type="pointer"),
        resource("img", 3_000),
        resource("script", 3_300),
        resource("fetch", 2_000),
        {"t": now - 1_500, "k": "request", "n": f"/api/cart/{product}/items", "v": 87.5, "view": 0},
    ]
    made[-1]["a"] = {
        "url": f"{ORIGIN}/api/cart/{product}/items?token={_hex(draw, 16)}",
        "status": 200,
        "method": "POST",
    }
    if draw.random() < 0.05:
        stack = "\n".join(f"    at f{n} (https://cdn.shop.example/static/js/main.js:1:{product + n})" for n in range(8))
        told = {"message": f"order {product} of jane.doe{product}@mail.example failed", "stack": stack}
        made[-2] = {"t": now - 1_000, "k": "error", "n": "TypeError", "view": 0, "a": told}
    return made


def _otlp(batch: dict[str, Any]) -> bytes:
    told = ExportLogsServiceRequest()
    of_all = told.resource_logs.add()
    for name in ("key", "beacon_id", "session_id", "release", "environment"):
        of_all.resource.attributes.add(key=name).value.string_value = batch[name]
    for name, told_name in (("view_id", "view_id"), ("url", "url.full"), ("referrer", "referrer")):
        of_all.resource.attributes.add(key=told_name).value.string_value = batch["views"][0][name]
    records = of_all.scope_logs.add()
    for event in batch["events"]:
        record = records.log_records.add(time_unix_nano=int(event["t"]) * 10**6, event_name=event["k"])
        flat = {"name": event["n"], "value": event.get("v"), "id": event.get("id"), **event.get("a", {})}
        for key, value in flat.items():
            if isinstance(value, str):
                record.attributes.add(key=key).value.string_value = value
            elif isinstance(value, bool):
                record.attributes.add(key=key).value.bool_value = value
            elif value is not None:
                record.attributes.add(key=key).value.double_value = value
    return bytes(told.SerializeToString())
