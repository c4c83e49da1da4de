"""Session ids for clients that have none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.visitors import DAY_MS, body_id, day_of, network_of, opaque, user_hash, visitor_id

SALT = b"s" * 32
TODAY = 20_000
NOON = TODAY * DAY_MS + DAY_MS // 2


def test_the_same_visitor_has_the_same_id_under_one_salt_only() -> None:
    known = visitor_id(SALT, "shop", "192.0.2.1", "agent")
    assert known == visitor_id(SALT, "shop", "192.0.2.1", "agent")
    others = [
        visitor_id(b"t" * 32, "shop", "192.0.2.1", "agent"),
        visitor_id(SALT, "blog", "192.0.2.1", "agent"),
        visitor_id(SALT, "shop", "192.0.2.2", "agent"),
        visitor_id(SALT, "shop", "192.0.2.1", "other"),
    ]
    assert len({known, *others}) == 5
    assert "192" not in known


@pytest.mark.parametrize(
    ("ip", "network"),
    [
        ("2001:db8:1:2:3:4:5:6", "20010db800010002"),
        ("2001:db8:1:2:ffff::9", "20010db800010002"),
        ("2001:db8:1:3::1", "20010db800010003"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("192.0.2.1", "192.0.2.1"),
        ("no address", "no address"),
        ("", ""),
    ],
)
def test_ipv6_counts_by_its_network(ip: str, network: str) -> None:
    assert network_of(ip) == network


@pytest.mark.parametrize(
    ("page_time", "day"),
    [
        (0, TODAY),
        (NOON, TODAY),
        (TODAY * DAY_MS - 1, TODAY - 1),
        ((TODAY - 1) * DAY_MS, TODAY - 1),
        ((TODAY - 1) * DAY_MS - 1, TODAY),
        ((TODAY + 1) * DAY_MS, TODAY),
    ],
)
def test_the_day_is_that_of_the_page_if_it_was_yesterday_at_the_earliest(page_time: int, day: int) -> None:
    assert day_of(page_time, NOON) == day


@given(st.text())
def test_an_id_stays_only_if_it_says_nothing_of_a_person(told: str) -> None:
    kept = opaque(SALT, told)
    assert len(kept) <= 256
    assert "@" not in kept
    assert kept == opaque(SALT, told)


@pytest.mark.parametrize(
    ("told", "stays"),
    [
        ("v6-1700000000000-1234567890123", True),
        ("550e8400-e29b-41d4-a716-446655440000", True),
        ("a" * 256, True),
        ("a" * 257, False),
        ("jane@x.io", False),
        ("eyJhbGciOiJIUzI1NiJ9.e.s", False),
        ("two words", False),
        ("", True),
    ],
)
def test_ids_that_could_be_more_are_hashed(told: str, stays: bool) -> None:
    assert (opaque(SALT, told) == told) is stays


def test_a_user_is_a_hash_under_the_sites_salt() -> None:
    assert user_hash(SALT, "jane") == user_hash(SALT, "jane") != user_hash(b"t" * 32, "jane")
    assert user_hash(SALT, "") == ""


def test_a_body_has_one_id_for_each_session() -> None:
    assert body_id("shop", "s", b"body") == body_id("shop", "s", b"body")
    assert len({body_id("shop", "s", b"body"), body_id("shop", "t", b"body"), body_id("shop", "s", b"bodies")}) == 3
    assert body_id("shop", "s", b"body").startswith("h:")
