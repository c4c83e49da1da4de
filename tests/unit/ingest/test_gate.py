"""Who may pass: key, origin, tracking signals, bots, quota, in this order; and what is known of who passed."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.draft import Request
from ingest.forwarded import Proxies, networks
from ingest.gate import Bots, Gate, is_bot, key_in_body, key_in_head
from ingest.refusal import Refusal
from ingest.site_rules import sites_of
from ingest.sites import Site, open_to_this_machine
from ingest.sites_file import parse_sites

FILE = """\
sites:
  shop: {keys: [rk_shop_new, rk_shop_old], origins: [https://shop.example], quota: {beacons_per_s: 1, beacons_burst: 2}}
  blog: {keys: [rk_blog_key], origins: ["https://*.blog.example"], tracking_signals: drop}
  news: {keys: [rk_news_key], origins: ["https://news.example"], tracking_signals: anonymous}
  server: {keys: [rk_back_end]}
"""
CHROME = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36"
HEADLESS = CHROME.replace("Chrome/", "HeadlessChrome/")
GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


def gate(**more: object) -> Gate:
    return Gate(sites_of(parse_sites(FILE, "sites.yaml"), 1, 0), **more)  # type: ignore[arg-type]


def admit(at: Gate, key: str, peer: str = "192.0.2.1", **headers: str) -> Request:
    pairs = [(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in headers.items()]
    return at.admit(key, dict(pairs), pairs, peer, 1_000, 0)


def reason(at: Gate, key: str, peer: str = "192.0.2.1", **headers: str) -> str:
    """Why it may not; empty: it may."""
    try:
        admit(at, key, peer, **headers)
    except Refusal as refusal:
        return refusal.reason.value
    return ""


def test_every_key_of_a_site_is_good_and_no_other() -> None:
    at = gate()
    assert [admit(at, key).site.id for key in ("rk_shop_new", "rk_shop_old")] == ["shop", "shop"]
    for forged in ("", "rk_shop", "rk_shop_new ", "RK_SHOP_NEW", "shop", "rk_shop_new\x00"):
        assert reason(at, forged) == "unknown_key"


def test_an_origin_must_be_the_sites_own() -> None:
    at = gate()
    assert reason(at, "rk_shop_new", origin="https://shop.example") == ""
    for other in ("https://a.blog.example", "https://shop.example.evil.net", "null", ""):
        assert reason(at, "rk_shop_new", origin=other) == "origin"
    assert reason(at, "rk_blog_key", origin="https://a.blog.example") == ""


def test_who_has_no_origin_needs_none_and_a_site_without_origins_takes_no_pages() -> None:
    at = gate()
    assert reason(at, "rk_back_end") == ""
    assert reason(at, "rk_back_end", origin="https://shop.example") == "origin"


def test_what_is_refused_uses_up_no_quota() -> None:
    at = gate()
    for _ in range(10):
        assert reason(at, "rk_shop_new", origin="https://evil.net") == "origin"
    passed = [reason(at, "rk_shop_old"), reason(at, "rk_shop_new"), reason(at, "rk_shop_old")]
    assert passed == ["", "", "quota"]


def test_an_error_shows_input_only_as_a_bounded_repr() -> None:
    with pytest.raises(Refusal) as refused:
        admit(gate(), "rk_shop_new", origin="https://evil\r\n\x1b[31m" + "x" * 1_000)
    assert refused.value.detail.isprintable()
    assert len(refused.value.detail) < 300
    assert refused.value.site == "shop"
    with pytest.raises(Refusal) as unknown:
        admit(gate(), "rk_forged_key")
    assert "forged" not in unknown.value.detail


@pytest.mark.parametrize("signal", ["dnt", "sec_gpc"])
def test_who_asks_not_to_be_tracked_is_treated_as_the_site_says(signal: str) -> None:
    at = gate()
    assert not admit(at, "rk_shop_new", **{signal: "1"}).anonymous
    assert reason(at, "rk_blog_key", **{signal: "1"}) == "tracking_signal"
    assert admit(at, "rk_news_key", **{signal: "1"}).anonymous
    for no in ("0", "", "true"):
        assert reason(at, "rk_blog_key", **{signal: no}) == ""
        assert not admit(at, "rk_news_key", **{signal: no}).anonymous


@pytest.mark.parametrize(("bots", "refused"), [("off", ""), ("count", ""), ("refuse", "bot")])
def test_bots_are_treated_as_the_operator_says(bots: Bots, refused: str) -> None:
    at = gate(bots=bots)
    assert reason(at, "rk_back_end", user_agent=GOOGLEBOT) == refused
    assert reason(at, "rk_back_end", user_agent=HEADLESS) == refused
    assert reason(at, "rk_back_end", user_agent=CHROME) == ""
    assert reason(at, "rk_back_end") == ""


def test_a_bot_is_told_by_its_user_agent() -> None:
    assert [is_bot(agent) for agent in (GOOGLEBOT, HEADLESS, CHROME, "")] == [True, True, False, False]


def test_the_embedded_default_is_open_to_this_machine_only() -> None:
    at = Gate(open_to_this_machine(Site("default")))
    for peer in ("127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"):
        assert reason(at, "anything", peer, origin="https://shop.example") == ""
    for peer in ("192.168.0.2", "10.0.0.1", "203.0.113.7", "::2", "", "localhost"):
        assert reason(at, "anything", peer) == "unknown_key"
    for header in ("x_forwarded_for", "forwarded", "x_real_ip"):  # somebody's proxy runs here
        assert reason(at, "", "127.0.0.1", **{header: "127.0.0.1"}) == "unknown_key"
    with pytest.raises(Refusal, match="rumstream site add"):
        admit(at, "", "192.168.0.2")


def test_behind_a_trusted_proxy_the_embedded_default_asks_who_the_client_is() -> None:
    at = Gate(open_to_this_machine(Site("default")), Proxies(networks("127.0.0.1")))
    assert reason(at, "", "127.0.0.1", x_forwarded_for="203.0.113.7") == "unknown_key"
    assert reason(at, "", "127.0.0.1", x_forwarded_for="127.0.0.1") == ""
    another = Gate(open_to_this_machine(Site("default")), Proxies(networks("10.0.0.0/8")))
    assert reason(another, "", "127.0.0.1", x_forwarded_for="203.0.113.7") == "unknown_key"
    assert reason(another, "", "127.0.0.1") == ""


def test_an_answer_is_shown_to_pages_that_some_site_lets_send() -> None:
    at = gate()
    assert at.shows(b"https://shop.example")
    assert at.shows(b"https://x.blog.example")
    for other in (b"", b"null", b"https://evil.net", b"https://shop.example.evil.net", b"https://\xff.blog.example"):
        assert not at.shows(other)
    assert Gate(open_to_this_machine(Site("default"))).shows(b"https://any.example")


def test_a_proxys_word_on_the_country_is_taken_from_trusted_ones_only() -> None:
    at = gate(proxies=Proxies(networks("10.0.0.0/8")), country_header="cf-ipcountry")
    assert admit(at, "rk_back_end", "10.0.0.1", cf_ipcountry="de").country == "DE"
    assert admit(at, "rk_back_end", "192.0.2.1", cf_ipcountry="de").country == ""
    for nonsense in ("XX", "T1", "", "DEU", "\xdf\xdf", "d\x1b"):
        assert admit(at, "rk_back_end", "10.0.0.1", cf_ipcountry=nonsense).country == ""


@pytest.mark.parametrize(
    ("headers", "query", "key"),
    [
        ({b"x-api-key": b"head"}, b"key=query", "head"),
        ({}, b"key=query", "query"),
        ({}, b"a=b&key=qu%65ry&key=second", "query"),
        ({}, b"monkey=no&a=key=no", ""),
        ({}, b"key=", ""),
        ({b"x-api-key": b""}, b"key=query", ""),
        ({}, b"", ""),
    ],
)
def test_the_key_stands_in_the_header_or_the_query(headers: dict[bytes, bytes], query: bytes, key: str) -> None:
    assert key_in_head(headers, query) == key


@pytest.mark.parametrize(
    ("body", "key"),
    [
        (b'{"v":1,"key":"rk_1","beacon_id":"b"}', "rk_1"),
        (b'{"beacon_id":"b", "key" : "rk_1"}', "rk_1"),
        (b'{"v":1,"key":"r\\u006b_1"}', "rk_1"),
        (b'{"events":[{"a":{"key":"inner"}}]}', ""),
        (b'[{"key":"rk_1"}]', ""),
        (b'{"key":5}', ""),
        (b'{"key":"rk_1"', ""),
        (b"", ""),
        (b"\xff", ""),
    ],
)
def test_the_key_stands_in_the_batch(body: bytes, key: str) -> None:
    assert key_in_body(body) == key


@given(st.binary() | st.text().map(str.encode) | st.text().map(lambda k: json.dumps({"v": 1, "key": k}).encode()))
def test_no_body_breaks_the_search_for_a_key(body: bytes) -> None:
    assert len(key_in_body(body)) <= 129
    assert len(key_in_head({}, body)) <= 129
