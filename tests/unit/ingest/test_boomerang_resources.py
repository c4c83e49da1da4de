"""`restiming` as boomerang's plugin writes it; the writer here follows plugins/restiming.js line by line."""

from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.formats.boomerang_resources import Resource, resources
from ingest.refusal import Refusal
from schemas.drop_reasons import DropReason
from schemas.limits import EVENTS_PER_BEACON, URL_LENGTH

DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def coded(number: int) -> str:
    """toBase36: 0 is the empty text."""
    if number < 0:
        return "-" + coded(-number)
    text = ""
    while number:
        number, digit = divmod(number, 36)
        text = DIGITS[digit] + text
    return text


def trie_of(entries: dict[str, str]) -> Any:
    """convertToTrie at every letter, then optimizeTrie."""
    top: Any = {}
    for url, value in entries.items():
        broken = url.replace("href", "h\nref").replace("src", "s\nrc").replace("action", "a\nction")
        here: Any = top
        for place, letter in enumerate(broken):
            node = here.get(letter)
            if node is None:
                node = here[letter] = value if place == len(broken) - 1 else {}
            elif isinstance(node, str):
                node = here[letter] = {"|": node}
            elif place == len(broken) - 1:
                node["|"] = value
            here = node
    return joined(top, True)["value"]


def joined(node: dict[str, Any], top: bool) -> Any:
    number, name = 0, ""
    for key in list(node):
        name = key
        if isinstance(node[key], dict):
            short = joined(node[key], False)
            if short:
                del node[key]
                name = short["name"] if key == "\n" else key + short["name"]
                number += key == "\n"
                node[name] = short["value"]
        number += 1
    if top:
        return {"value": node}
    return {"name": name, "value": node[name]} if number == 1 else None


def leaf(resource: Resource) -> str:
    times = ",".join([coded(resource.start), coded(resource.duration), coded(resource.first_byte)]).rstrip(",")
    text = ("1" if resource.initiator == "img" else "3") + times
    if resource.transferred is not None:
        text += f"*1{coded(9)},{coded(resource.transferred - 9) if resource.transferred else '_'}".rstrip(",")
    return text + (f"*7{resource.protocol}" if resource.protocol else "")


urls = st.builds(
    "https://{}/{}".format, st.sampled_from(["a.example", "b.example"]), st.text("hrefsactionx/.?=", max_size=12)
)
loads = st.builds(
    Resource,
    url=urls,
    initiator=st.sampled_from(["img", "script"]),
    start=st.integers(0, 100_000),
    duration=st.integers(0, 60_000),
    first_byte=st.integers(0, 60_000),
    transferred=st.none() | st.integers(0, 10**7),
    protocol=st.sampled_from(["", "h2", "h1.1"]),
)


@given(wanted=st.lists(loads, max_size=12))
def test_every_load_of_the_page_is_read_back(wanted: list[Resource]) -> None:
    entries: dict[str, str] = {}
    for load in wanted:
        entries[load.url] = f"{entries[load.url]}|{leaf(load)}" if load.url in entries else leaf(load)
    found = list(resources(trie_of(entries)))
    assert not any(isinstance(load, Refusal) for load in found)
    assert sorted(map(repr, found)) == sorted(map(repr, wanted))


def test_the_example_of_the_plugin() -> None:
    trie = {
        "http://abc.com/": {"|": "60,2", "js/foo.js": "3a,1", "css/": {"foo.css": "2b,2", "foo.png": "*01,2|1c,3|1d,a"}}
    }
    assert list(resources(trie)) == [
        Resource("http://abc.com/", "html", 0, 2),
        Resource("http://abc.com/js/foo.js", "script", 10, 1),
        Resource("http://abc.com/css/foo.css", "link", 11, 2),
        Resource("http://abc.com/css/foo.png", "img", 12, 3),
        Resource("http://abc.com/css/foo.png", "img", 13, 10),
    ]


@pytest.mark.parametrize(
    ("sizes", "transferred"), [("rs", 1000), ("rs,a", 1010), ("rs,_,5", 0), (",5k", 200), ("", 0), ("x!,1", None)]
)
def test_sizes(sizes: str, transferred: int | None) -> None:
    (found,) = resources({"u": f"1a,b*1{sizes}"})
    assert isinstance(found, Resource)
    assert found.transferred == transferred


@pytest.mark.parametrize("told", ["", "1!", "1a,é", "1a,,zzzzzzzzzzzz", "1" + "z" * 11, 7, None, [], ["1a,b"]])
def test_what_is_no_timing_is_told(told: Any) -> None:
    found = list(resources({"good": "1a,b", "bad": told}))
    assert isinstance(found[0], Resource)
    assert [f.reason for f in found[1:] if isinstance(f, Refusal)] == [DropReason.EVENT_MALFORMED]


def test_loads_beyond_the_limit_are_refused_once() -> None:
    found = list(resources({"u": "|".join(["1a,b"] * (EVENTS_PER_BEACON + 5))}))
    assert len(found) == EVENTS_PER_BEACON + 1
    assert isinstance(found[-1], Refusal)


def test_a_deep_trie_costs_no_more_than_its_size() -> None:
    trie: Any = "1a,b"
    for _ in range(5_000):
        trie = {"k" * 100: trie}
    (found,) = resources(trie)
    assert isinstance(found, Resource)
    assert len(found.url) == 2 * URL_LENGTH
    assert urlsplit(found.url).path
