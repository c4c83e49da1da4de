"""Who the client is behind proxies: nobody can make himself another."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.forwarded import Proxies, networks

TRUSTED = Proxies(networks("10.0.0.0/8, 2001:db8:1::/48"))
RFC7239 = Proxies(networks("10.0.0.0/8"), "forwarded")


def client(proxies: Proxies, peer: str, *lines: str, name: str = "x-forwarded-for") -> str:
    return proxies.client_of(peer, [(b"host", b"x"), *((name.encode(), line.encode("latin-1")) for line in lines)])


@pytest.mark.parametrize(
    ("peer", "lines", "found"),
    [
        ("192.0.2.9", ["203.0.113.7"], "192.0.2.9"),  # not a proxy of ours: a claim
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", ["203.0.113.7"], "203.0.113.7"),
        ("10.0.0.1", ["6.6.6.6, 203.0.113.7"], "203.0.113.7"),  # the left one is the client's own claim
        ("10.0.0.1", ["6.6.6.6, 203.0.113.7, 10.0.0.2"], "203.0.113.7"),
        ("10.0.0.1", ["6.6.6.6", "203.0.113.7", "10.0.0.2"], "203.0.113.7"),  # header lines in their order
        ("10.0.0.1", ["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
        ("10.0.0.1", ["203.0.113.7, unknown"], "10.0.0.1"),
        ("10.0.0.1", ["203.0.113.7, unknown, 10.0.0.2"], "10.0.0.2"),
        ("10.0.0.1", ["203.0.113.7:4711"], "203.0.113.7"),
        ("10.0.0.1", ["[2001:db8:2::1]:4711"], "2001:db8:2::1"),
        ("2001:db8:1::5", ["2001:DB8:2::1"], "2001:db8:2::1"),
        ("::ffff:10.0.0.1", ["203.0.113.7"], "203.0.113.7"),
        ("10.0.0.1", ["jane@mail.example"], "10.0.0.1"),
        ("10.0.0.1", ["", ",", " , "], "10.0.0.1"),
        ("", ["203.0.113.7"], ""),
    ],
)
def test_the_walk_ends_at_the_first_hop_that_is_not_ours(peer: str, lines: list[str], found: str) -> None:
    assert client(TRUSTED, peer, *lines) == found


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("for=203.0.113.7", "203.0.113.7"),
        ('for=6.6.6.6, for="[2001:db8:2::1]:47";proto=https;by=10.0.0.1', "2001:db8:2::1"),
        ("proto=https;FOR=203.0.113.7, for=10.0.0.2", "203.0.113.7"),
        ("for=_hidden", "10.0.0.1"),
        ("203.0.113.7", "10.0.0.1"),
    ],
)
def test_the_standard_header_is_read_where_it_is_the_one_chosen(line: str, found: str) -> None:
    assert client(RFC7239, "10.0.0.1", line, name="forwarded") == found
    assert client(TRUSTED, "10.0.0.1", line, name="forwarded") == "10.0.0.1"
    assert client(RFC7239, "10.0.0.1", "203.0.113.7") == "10.0.0.1"


@given(st.lists(st.text(st.characters(max_codepoint=255, exclude_characters="\r\n"), max_size=60), max_size=5))
def test_whatever_stands_left_of_the_client_changes_nothing(claims: list[str]) -> None:
    assert client(TRUSTED, "10.0.0.1", *claims, "203.0.113.7") == "203.0.113.7"
    assert client(TRUSTED, "10.0.0.1", ",".join([*claims, "203.0.113.7", "10.0.0.2"])) == "203.0.113.7"
    assert client(Proxies(), "192.0.2.1", *claims) == "192.0.2.1"


def test_a_chain_without_end_is_not_walked_without_end() -> None:
    assert client(TRUSTED, "10.0.0.1", "203.0.113.7," + "10.0.0.2," * 10_000 + "10.0.0.3") == "10.0.0.2"


@pytest.mark.parametrize("told", ["10.0.0.0/33", "proxy", "10.0.0.1/8", "10.0.0.0/8;::1"])
def test_what_is_no_network_is_refused(told: str) -> None:
    with pytest.raises(ValueError):
        networks(told)
