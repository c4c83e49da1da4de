"""Collectors agree on the salts, also after compaction; a day's salt is destroyed."""

import random
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.salts import SALT_BYTES, Record, SaltBook, day_key, site_key
from ingest.visitors import DAY_MS

DAY = 20_000
NOON = DAY * DAY_MS + DAY_MS // 2


class Topic:
    """`rum.salts` as Kafka keeps it: in order, and compacted when asked."""

    def __init__(self) -> None:
        self.records: list[Record] = []

    def compact(self) -> None:
        last = {key: place for place, (key, _) in enumerate(self.records)}
        self.records = [(k, v) for place, (k, v) in enumerate(self.records) if last[k] == place]


class Follower:
    """A collector's book with its place in the topic."""

    def __init__(self, topic: Topic, seed: int) -> None:
        self.book, self.topic, self.place = SaltBook(["shop"]), topic, 0
        self.fresh: Callable[[], bytes] = lambda: random.Random(seed).randbytes(SALT_BYTES)

    def read(self) -> None:
        for key, value in self.topic.records[self.place :]:
            self.book.read(key, value)
        self.place = len(self.topic.records)

    def write(self, now_ms: int) -> list[Record]:
        written = self.book.to_publish(now_ms, self.fresh)
        self.topic.records += written
        return written


def settle(followers: list[Follower], now_ms: int) -> None:
    for _ in range(10):
        for follower in followers:
            follower.read()
        if not sum(len(f.write(now_ms)) for f in followers):
            return
    raise AssertionError("the collectors never agree")


@given(st.integers(1, 5), st.permutations(range(5)))
def test_collectors_that_start_at_once_agree_on_one_salt(number: int, order: list[int]) -> None:
    topic = Topic()
    followers = [Follower(topic, seed) for seed in order[:number]]
    for follower in followers:  # nobody has read anything: all write
        follower.write(NOON)
    settle(followers, NOON)
    assert len({f.book.of_day(DAY) for f in followers}) == 1
    assert len({f.book.of_site("shop") for f in followers}) == 1
    topic.compact()
    late = Follower(topic, 99)
    settle([late], NOON)
    assert late.book.of_day(DAY) == followers[0].book.of_day(DAY)
    assert late.book.of_site("shop") == followers[0].book.of_site("shop")


def test_a_second_collector_writes_nothing() -> None:
    topic = Topic()
    first = Follower(topic, 1)
    settle([first], NOON)
    second = Follower(topic, 2)
    second.read()
    assert second.write(NOON) == []


def test_a_salt_is_used_once_it_is_in_the_topic() -> None:
    follower = Follower(Topic(), 1)
    written = dict(follower.write(NOON))
    assert follower.book.of_day(DAY) is None
    assert not follower.book.is_complete(NOON)
    follower.read()
    assert follower.book.of_day(DAY) == written[day_key(DAY)]
    assert follower.book.is_complete(NOON)


@pytest.mark.parametrize(("before_midnight", "made"), [(3_600_001, False), (3_600_000, True)])
def test_the_next_days_salt_is_made_an_hour_before(before_midnight: int, made: bool) -> None:
    follower = Follower(Topic(), 1)
    settle([follower], (DAY + 1) * DAY_MS - before_midnight)
    assert (follower.book.of_day(DAY + 1) is not None) is made


def test_a_days_salt_serves_the_next_day_and_is_then_destroyed() -> None:
    topic = Topic()
    follower = Follower(topic, 1)
    settle([follower], NOON)
    salt = follower.book.of_day(DAY)
    settle([follower], (DAY + 2) * DAY_MS - 1)
    assert follower.book.of_day(DAY) == salt is not None
    settle([follower], (DAY + 2) * DAY_MS)
    assert follower.book.of_day(DAY) is None
    topic.compact()
    assert dict(topic.records)[day_key(DAY)] is None
    assert dict(topic.records)[site_key("shop")] is not None
    newcomer = Follower(topic, 2)
    newcomer.read()
    assert newcomer.write((DAY + 2) * DAY_MS) == []


def test_a_collector_with_a_wrong_clock_destroys_nothing_for_good() -> None:
    topic = Topic()
    right, wrong = Follower(topic, 1), Follower(topic, 2)
    settle([right], NOON)
    salt = right.book.of_day(DAY)
    wrong.read()
    wrong.write(NOON + 5 * DAY_MS)
    right.read()
    right.write(NOON)
    topic.compact()
    assert dict(topic.records)[day_key(DAY)] == salt == right.book.of_day(DAY)


def test_a_site_to_come_has_its_salt_before_it_is_served() -> None:
    follower = Follower(Topic(), 1)
    settle([follower], NOON)
    assert not follower.book.prepare(["shop", "blog"])
    assert follower.book.is_preparing()
    assert follower.book.is_complete(NOON)  # those of now are not held up
    settle([follower], NOON)
    assert follower.book.prepare(["shop", "blog"])
    assert not follower.book.is_preparing()
    assert follower.book.of_site("blog") is not None
    follower.book.serve(["blog"])
    assert follower.book.is_complete(NOON)


@pytest.mark.parametrize("value", [b"", b"x" * (SALT_BYTES - 1), b"x" * (SALT_BYTES + 1)])
def test_what_is_no_salt_is_not_taken(value: bytes) -> None:
    book = SaltBook([])
    book.read(day_key(DAY), value)
    assert book.of_day(DAY) is None
