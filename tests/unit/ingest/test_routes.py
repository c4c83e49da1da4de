"""Paths to routes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.routes import route_of, template
from schemas.limits import TEXT_LENGTH


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/", "/"),
        ("", "/"),
        ("/product/123/reviews", "/product/:id/reviews"),
        ("/product/123/reviews/", "/product/:id/reviews"),
        ("//product//123", "/product/:id"),
        ("/user/550e8400-e29b-41d4-a716-446655440000", "/user/:id"),
        ("/commit/d4e14d4f", "/commit/:id"),
        ("/commit/9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "/commit/:id"),
        ("/facade/decade", "/facade/decade"),
        ("/defaced-cafe", "/defaced-cafe"),
        ("/cafebabe/acceded", "/cafebabe/acceded"),
        ("/orders/01ARZ3NDEKTSV4RRFFQ69G5FAV", "/orders/:id"),
        ("/s/dQw4w9WgXcQ_aB12-x", "/s/:id"),
        ("/blog/2026-01-31/title", "/blog/:date/title"),
        ("/blog/2026/01", "/blog/:id/:id"),
        ("/blog/20260131", "/blog/:date"),
        ("/item/red-shoes-123456", "/item/:id"),
        ("/item/red-shoes-1234", "/item/red-shoes-1234"),
        ("/v2/api", "/v2/api"),
        ("/a;jsessionid=AB12/b", "/a/b"),
        ("/u/[email]", "/u/:id"),
        ("/1,2,3/x", "/:id/x"),
        ("/über/straße", "/über/straße"),
    ],
)
def test_what_differs_from_visitor_to_visitor_is_a_placeholder(path: str, route: str) -> None:
    assert template(path) == route


@pytest.mark.parametrize(
    ("url", "route"),
    [
        ("https://shop.example/product/9?color=red#top", "/product/:id"),
        ("https://shop.example", "/"),
        ("/product/9?x", "/product/:id"),
        ("https://shop.example/u/jane@doe.example/x", "/u/:id/x"),
        ("https://shop.example/u/jane%40doe.example/x", "/u/:id/x"),
        ("data:text/html,<p>", ""),
        ("about:blank", ""),
        ("", ""),
        ("http://[::1", ""),
    ],
)
def test_the_route_of_a_url_is_that_of_its_path(url: str, route: str) -> None:
    assert route_of(url) == route


@given(st.text(max_size=2000))
def test_any_text_has_a_bounded_route(url: str) -> None:
    assert len(route_of(url)) <= TEXT_LENGTH


@given(st.lists(st.integers(min_value=0), min_size=1, max_size=5))
def test_a_number_never_stays(numbers: list[int]) -> None:
    assert template("/a/" + "/".join(map(str, numbers))) == "/a" + "".join(
        "/:date" if template(f"/{n}") == "/:date" else "/:id" for n in numbers
    )


def test_at_most_sixteen_segments_are_named() -> None:
    assert template("/a" * 16) == "/a" * 16
    assert template("/a" * 17) == "/a" * 16 + "/…"
