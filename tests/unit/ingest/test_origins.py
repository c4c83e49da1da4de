"""An allow-list lets in what it names, and nothing that only looks like it (F31)."""

import string
from urllib.parse import urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ingest.origins import Origins, canonical, pattern_of

LIST = Origins(["https://shop.example", "https://*.example.com", "http://localhost:5173", "https://pay.example:8443"])

LOOK_ALIKES = [
    "https://evil-example.com",
    "https://evilexample.com",
    "https://example.com.evil.net",
    "https://a.example.com.evil.net",
    "https://example.com",  # not below itself
    "https://.example.com",
    "https://a..example.com",
    "https://-.example.com",
    "https://*.example.com",
    "http://a.example.com",
    "https://a.example.com:8443",
    "https://a.example.com.",
    "https://a.example.com/",
    "https://a.example.com@evil.net",
    "https://evil.net#.example.com",
    "https://evil.net/.example.com",
    "https://evil.net?.example.com",
    "https://evil.net\\.example.com",
    "https://evil.net\x00.example.com",
    "https://evil.net\n.example.com",
    "https://evil.net .example.com",
    "https://a.example.com\n",
    " https://a.example.com",
    "https://a.example.com, https://evil.net",
    "https://a.example.com https://evil.net",
    "https://shop.example.evil.net",
    "https://shop-example",
    "https://shop.example:444",
    "https://shop.example:0443",
    "https://shop.example:",
    "https://xshop.example",
    "https://www.shop.example",
    "http://shop.example",
    "http://shop.example:443",
    "https:shop.example",
    "https:///shop.example",
    "//shop.example",
    "shop.example",
    "https://pay.example",
    "https://pay.example:443",
    "http://localhost",
    "http://localhost:5174",
    "https://ѕhop.example",  # Cyrillic
    "https://a.examp\u212ae.com",  # the Kelvin sign, a small k in lower case
    "null",
    "NULL",
    "",
    "*",
    "https://",
    "https://" + "a." * 200 + "example.com",
]


@pytest.mark.parametrize("origin", LOOK_ALIKES)
def test_no_look_alike_passes(origin: str) -> None:
    assert not LIST.allows(origin)
    assert not LIST.allows(origin)  # nor when asked again


@pytest.mark.parametrize(
    "origin",
    [
        "https://shop.example",
        "HTTPS://Shop.Example",
        "https://shop.example:443",
        "https://a.example.com",
        "https://a.b-c.example.com",
        "https://xn--bcher-kva.example.com:443",
        "http://localhost:5173",
        "https://pay.example:8443",
    ],
)
def test_what_is_named_passes_in_any_case_and_with_its_own_port(origin: str) -> None:
    assert LIST.allows(origin)
    assert LIST.allows(origin)


text = st.text(string.ascii_letters + string.digits + ".-_:/@#?\\%*[] \t\r\n\x00\u212aä", max_size=40)


@given(
    st.one_of(
        st.builds(
            "{}://{}{}{}".format, st.sampled_from(["https", "http", "HTTPS"]), text, st.just("example.com"), text
        ),
        st.builds("https://{}.example.com{}".format, text, text),
        st.builds("{}https://shop.example{}".format, text, text),
        st.text(),
    )
)
@example("https://a.example.com")
def test_what_passes_is_what_a_browser_would_call_by_that_name(origin: str) -> None:
    if not LIST.allows(origin):
        return
    parts = urlsplit(origin)  # another reader of urls
    assert (parts.path, parts.query, parts.fragment, parts.username, parts.password) == ("", "", "", None, None)
    host, port = parts.hostname or "", parts.port
    if parts.scheme == "https" and port in (None, 443):
        assert host == "shop.example" or (host.endswith(".example.com") and all(host.split(".")))
    else:
        assert (parts.scheme, host, port) in {("http", "localhost", 5173), ("https", "pay.example", 8443)}


@given(st.from_regex(r"[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?(\.[a-z0-9]{1,10}){0,3}", fullmatch=True))
def test_every_host_below_a_wildcard_passes(host: str) -> None:
    assert LIST.allows(f"https://{host}.example.com")
    assert not LIST.allows(f"https://{host}example.com") or host.endswith(".")
    assert not LIST.allows(f"https://{host}.example.com.{host}")


def test_nobody_in_particular_passes_only_where_it_is_said() -> None:
    assert not LIST.allows("null")
    assert Origins(["null"]).allows("null")
    assert not Origins(["null"]).allows("https://null")


@pytest.mark.parametrize(
    "told",
    [
        *(
            "*",
            "https://*",
            "https://*.com",
            "https://a.*.com",
            "https://*.a.com/x",
            "https://**.a.com",
            "ftp://*.a.com",
        ),
        *("shop.example", "https://shop.example/", "https://bücher.example", "*://shop.example", ""),
    ],
)
def test_what_is_no_origin_is_no_entry_of_a_list(told: str) -> None:
    with pytest.raises(ValueError, match=r"no origin|top-level"):
        pattern_of(told)


@pytest.mark.parametrize(
    ("told", "compared"),
    [
        ("HTTP://Shop.Example:80", "http://shop.example"),
        ("http://shop.example:443", "http://shop.example:443"),
        ("http://[::1]:80", "http://[::1]"),
        ("https://shop.example:65536000", None),
    ],
)
def test_origins_have_one_form(told: str, compared: str | None) -> None:
    assert canonical(told) == compared


def test_only_so_many_origins_are_remembered() -> None:
    origins = Origins(["https://*.example.com"])
    assert all(origins.allows(f"https://a{n}.example.com") for n in range(1_000))
    assert len(origins._known) <= 128
