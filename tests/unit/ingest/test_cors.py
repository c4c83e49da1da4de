"""What a page of another origin may send and read."""

import pytest

from ingest.cors import answer_headers, preflight_headers


def test_the_very_origin_is_echoed_since_credentials_forbid_a_star() -> None:
    told = dict(answer_headers(b"https://shop.example"))
    assert told[b"access-control-allow-origin"] == b"https://shop.example"
    assert told[b"access-control-allow-credentials"] == b"true"
    assert b"retry-after" in told[b"access-control-expose-headers"]
    assert b"x-faro-session-status" in told[b"access-control-expose-headers"]
    assert told[b"vary"] == b"Origin"


def test_without_an_origin_there_is_nothing_to_allow() -> None:
    assert answer_headers(b"") == [(b"vary", b"Origin")]


@pytest.mark.parametrize("asked", [b"content-type", b"content-type, idempotency-key,x-api-key,traceparent"])
def test_a_preflight_allows_what_it_asks(asked: bytes) -> None:
    assert dict(preflight_headers(asked))[b"access-control-allow-headers"] == asked


@pytest.mark.parametrize("asked", [b"", b"a\r\nset-cookie: x", b"x" * 1_025, b"\xff"])
def test_what_is_no_list_of_headers_is_not_echoed(asked: bytes) -> None:
    allowed = dict(preflight_headers(asked))[b"access-control-allow-headers"]
    assert allowed != asked
    assert {b"content-type", b"content-encoding", b"idempotency-key", b"x-api-key", b"x-faro-session-id"} == set(
        allowed.split(b", ")
    )
