"""The same bug has the same fingerprint in every browser, visit and build; another bug has another."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.core.fingerprints import fingerprint, frames, normalised
from schemas.event import Event
from schemas.sample import decode_sample
from tests.lab.lane import NOW, Lab, beacon, block

CHROME = """TypeError: Cannot read properties of undefined (reading 'price')
    at total (https://shop.example/assets/cart.4f3a9b21.js:12:34)
    at async render (https://shop.example/assets/cart.4f3a9b21.js:99:1)
    at commit (https://shop.example/node_modules/react-dom/index.js:1:2)"""
FIREFOX = """total@https://shop.example/assets/cart.77aa01bc.js:14:3
render@https://shop.example/assets/cart.77aa01bc.js:101:9
commit@https://shop.example/node_modules/react-dom/index.js:4:4"""


def error(message: str, stack: str = "", name: str = "TypeError") -> Event:
    return Event(ts=NOW, kind="error", name=name, attrs={"message": message, "stack": stack})


def test_chrome_and_firefox_and_two_builds_show_the_same_frames() -> None:
    assert frames(CHROME) == frames(FIREFOX) == ["total /assets/cart.js", "render /assets/cart.js"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Cart 17 is empty", "Cart 4 is empty"),
        ("no user 'ann'", "no user 'bob'"),
        ("GET https://a.example/x?y=1 failed", "GET https://b.example/z failed"),
        ("object 550e8400-e29b-41d4-a716-446655440000 gone", "object 6ba7b810-9dad-11d1-80b4-00c04fd430c8 gone"),
    ],
)
def test_what_varies_from_visit_to_visit_does_not_part_a_group(one: str, other: str) -> None:
    assert normalised(one) == normalised(other)
    assert fingerprint(error(one, CHROME)) == fingerprint(error(other, FIREFOX))


def test_type_message_and_place_each_part_groups() -> None:
    base = error("Cart is empty", CHROME)
    others = [
        error("Cart is full", CHROME),
        error("Cart is empty", CHROME.replace("total", "sum")),
        error("Cart is empty", CHROME, "RangeError"),
    ]
    assert len({fingerprint(e) for e in (base, *others)}) == 4


@given(st.text(), st.text())
def test_any_text_has_a_fingerprint(message: str, stack: str) -> None:
    assert len(fingerprint(error(message, stack))) == 16


def test_an_error_is_kept_raw_with_its_fingerprint() -> None:
    lab = Lab()
    told = error("Cart 17 is empty", CHROME)
    lab.feed(block(0, beacon([msgspec.structs.replace(told)])))
    lab.checkpoint()
    (line,) = lab.samples
    (kept,) = decode_sample(line).beacon.events
    assert kept.attrs["fingerprint"] == fingerprint(told)
