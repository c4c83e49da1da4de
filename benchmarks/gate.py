"""What the gate costs a beacon: key, origin and quota alone, and all it does. `python -m benchmarks.gate`."""

import time
import timeit
from collections.abc import Callable
from typing import Final

from ingest.gate import Gate, key_in_body, key_in_head
from ingest.site_rules import sites_of
from ingest.sites_file import parse_sites

SITES: Final = 1_000
ROUNDS: Final = 50_000
CHROME: Final = b"Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36"
PAIRS: Final = [
    *((b"host", b"rum.example"), (b"user-agent", CHROME), (b"content-length", b"3500"), (b"x-api-key", b"rk_key_7")),
    *((b"content-type", b"text/plain;charset=UTF-8"), (b"origin", b"https://www.s7.example"), (b"accept", b"*/*")),
]


def _site(number: int) -> str:
    origins = f'["https://s{number}.example", "https://*.s{number}.example"]'
    quota = "{beacons_per_s: 100000000, events_per_s: 100000000}"
    return f"  s{number}: {{keys: [rk_key_{number}], origins: {origins}, quota: {quota}}}\n"


def main() -> None:
    """Print microseconds of CPU a beacon, the best of five rounds."""
    text = "sites:\n" + "".join(_site(number) for number in range(SITES))
    begun = time.perf_counter()
    rules = parse_sites(text, "sites.yaml")
    print(f"{SITES} sites read in {time.perf_counter() - begun:.2f} s")
    gate, headers = Gate(sites_of(rules, 1, 0)), dict(PAIRS)
    site = gate.sites.by_key["rk_key_7"]
    clock = time.monotonic

    def key_origin_quota() -> None:
        found = gate.sites.by_key[key_in_head(headers, b"")]
        assert found.origins is not None  # noqa: S101
        assert found.quota is not None  # noqa: S101
        assert found.origins.allows(headers[b"origin"].decode("latin-1"))  # noqa: S101
        found.quota.take_beacon(clock(), found.id)

    def admit() -> None:
        gate.admit(key_in_head(headers, b""), headers, PAIRS, "203.0.113.7", 1_700_000_000_000, clock())

    def events() -> None:
        assert site.quota is not None  # noqa: S101
        site.quota.take_events(10, clock(), site.id)

    body = b'{"v":1,"key":"rk_key_7","beacon_id":"5f0c","events":[' + b" " * 3_400 + b"]}"
    steps: list[tuple[str, Callable[[], object]]] = [
        ("key, origin, quota", key_origin_quota),
        ("all of admit", admit),
        ("events' quota", events),
        ("may its page read the answer", lambda: gate.shows(b"https://www.s7.example")),
        ("key in the SDK's batch", lambda: key_in_body(body)),
        ("key elsewhere in 3.5 KB", lambda: key_in_body(body.replace(b'"v":1,', b'"v": 1,', 1))),
    ]
    for name, step in steps:
        rounds = timeit.repeat(step, timer=time.process_time, number=ROUNDS, repeat=5)
        print(f"{name:30} {min(rounds) / ROUNDS * 1e6:6.2f} µs")


if __name__ == "__main__":
    main()
