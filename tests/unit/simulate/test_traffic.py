"""The generator: the same seed makes the same bytes, and every beacon is one that a real client could send."""

import itertools
from collections import Counter
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rumstream.simulate.config import SimulateConfig
from rumstream.simulate.request import Request
from rumstream.simulate.traffic import traffic
from schemas.limits import BODY_WIRE_BYTES, EVENTS_PER_BEACON
from schemas.measures import VITALS

START = 1_700_000_000_000
TIMES = {"t", "sent_at", "session_start", "started_at", "timestamp"}


def beacons(seed: int, count: int = 200, start: int = START, **config: Any) -> list[Request]:
    return list(itertools.islice(traffic(SimulateConfig(rate=50, minutes=60, **config), seed, start), count))


def without_times(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: without_times(v) for k, v in value.items() if k not in TIMES}
    if isinstance(value, list):
        return [without_times(v) for v in value]
    if isinstance(value, str) and value.startswith("v6-"):
        return value.rsplit("-", 1)[1]
    return value


def vitals(request: Request) -> list[tuple[str, float]]:
    body = orjson.loads(request.body)
    if request.path == "/api/v1/metrics":
        return [(body["metric"].upper(), body["value"])]
    if request.path == "/api/v1/vitals":
        return [(m["name"], m["value"]) for m in (body if isinstance(body, list) else [body])]
    if request.path == "/api/v1/rum" and "v" in body:
        return [(e["n"], e["v"]) for e in body["events"] if e["k"] == "vital"]
    return []


@given(seed=st.integers(0, 2**32))
@settings(max_examples=20, deadline=None)
def test_the_same_seed_makes_the_same_bytes(seed: int) -> None:
    assert beacons(seed) == beacons(seed)


def test_another_seed_makes_other_bytes() -> None:
    assert not {r.body for r in beacons(1)} & {r.body for r in beacons(2)}


@given(seed=st.integers(0, 2**32), later=st.integers(1, 10**9))
@settings(max_examples=20, deadline=None)
def test_another_start_changes_times_only(seed: int, later: int) -> None:
    for a, b in zip(beacons(seed), beacons(seed, start=START + later), strict=True):
        assert b.due_ms - a.due_ms == later
        assert (a.path, a.content_type, a.user_agent) == (b.path, b.content_type, b.user_agent)
        assert without_times(orjson.loads(a.body)) == without_times(orjson.loads(b.body))


@given(seed=st.integers(0, 2**32), visitors=st.integers(1, 50))
@settings(max_examples=20, deadline=None)
def test_every_beacon_is_small_enough_and_measures_what_can_be_believed(seed: int, visitors: int) -> None:
    for request in beacons(seed, visitors=visitors):
        assert len(request.body) <= BODY_WIRE_BYTES
        body = orjson.loads(request.body)
        assert len(body.get("events", ()) if isinstance(body, dict) else body) <= EVENTS_PER_BEACON
        for name, value in vitals(request):
            assert 0 <= value <= VITALS[name].cap


@given(seed=st.integers(0, 2**32))
@settings(max_examples=10, deadline=None)
def test_a_beacon_id_is_never_used_twice_and_a_session_counts_its_beacons(seed: int) -> None:
    batches = [orjson.loads(r.body) for r in beacons(seed, 400, visitors=5) if r.path == "/api/v1/rum"]
    sdk = [b for b in batches if b.get("v") == 1]
    ids = [b["beacon_id"] for b in sdk]
    assert len(ids) == len(set(ids))
    for session in {b["session_id"] for b in sdk}:
        numbers = [b["seq"] for b in sdk if b["session_id"] == session]
        assert numbers == list(range(len(numbers)))


def test_all_accepted_shapes_are_there_and_the_sdk_most_of_all() -> None:
    paths = Counter(r.path for r in beacons(7, 6_000, visitors=400))
    assert set(paths) == {
        "/api/v1/rum",
        "/api/v1/vitals",
        "/api/v1/metrics",
        "/api/v1/metrics/react",
        "/api/v1/alerts",
    }
    assert paths["/api/v1/rum"] > sum(paths.values()) / 2


def test_some_vitals_are_poor_and_most_are_not() -> None:
    lcp = [value for r in beacons(7, 6_000, visitors=400) for name, value in vitals(r) if name == "LCP"]
    poor = sum(value > 4000 for value in lcp) / len(lcp)
    assert 0.02 < poor < 0.3


def test_beacons_are_due_evenly_and_as_many_as_asked() -> None:
    config = SimulateConfig(rate=8, minutes=0.5)
    due = [r.due_ms for r in traffic(config, 3, START)]
    assert len(due) == config.beacons == 240
    assert due == [START + 125 * n for n in range(240)]


@pytest.mark.parametrize("name", ["visitors", "rate", "minutes", "concurrency", "attempts", "timeout_s"])
def test_a_number_that_is_not_positive_is_refused_by_name(name: str) -> None:
    with pytest.raises(ValueError, match=name):
        SimulateConfig(**{name: 0})  # type: ignore[arg-type]
