"""The decoders beside the plugins that write: boomerang's own code compresses thousands of structures in Node."""

import json
import subprocess
from random import Random
from typing import Any

import pytest

from ingest.formats.boomerang_resources import Resource, resources
from ingest.formats.jsurl import structure
from tests.browser.conftest import HERE
from tests.lab.node import node

pytestmark = pytest.mark.browser

SEED = 20_260_101
LETTERS = "ab/.-?=&hrefsrcaction~'()*!$%é😀 \\\""


def compressed(**told: list[Any]) -> dict[str, list[str]]:
    """What the plugins make of it."""
    given = {"entries": [], "sizes": [], "values": [], **told}
    command = [node(), str(HERE / "clients" / "compress.mjs")]
    done = subprocess.run(command, input=json.dumps(given), capture_output=True, text=True, timeout=90)
    assert done.returncode == 0, done.stderr
    made: dict[str, list[str]] = json.loads(done.stdout)
    return made


def text(random: Random, most: int) -> str:
    return "".join(random.choices(LETTERS, k=random.randrange(most)))


def value(random: Random, depth: int) -> Any:
    scalars = [None, True, False, random.randrange(-(10**9), 10**9), random.uniform(-1e6, 1e6), text(random, 12)]
    if not depth or random.random() < 0.4:
        return random.choice(scalars)
    if random.random() < 0.5:
        return [value(random, depth - 1) for _ in range(random.randrange(4))]
    return {f"k{text(random, 5)}": value(random, depth - 1) for _ in range(random.randrange(4))}


def test_every_trie_is_read_back(clients: None) -> None:
    random = Random(SEED)
    sets = []
    for _ in range(500):
        urls = {f"https://{random.choice('ab')}.example/{text(random, 14)}" for _ in range(random.randrange(1, 12))}
        sets.append({url: f"{random.choice('0139a')}{random.randrange(1, 9)},{n + 1}" for n, url in enumerate(urls)})
    tries = compressed(entries=sets)["tries"]
    assert len(tries) == 2 * len(sets)
    for place, trie in enumerate(tries):
        found = list(resources(json.loads(trie)))
        assert all(isinstance(load, Resource) for load in found)
        read = {load.url: load.duration for load in found if isinstance(load, Resource)}
        assert read == {url: int(data.partition(",")[2], 36) for url, data in sets[place // 2].items()}


def test_every_size_is_read_back(clients: None) -> None:
    random = Random(SEED)
    sizes = [[random.choice([0, random.randrange(10**6)]) for _ in range(3)] for _ in range(2_000)]
    for (_, transferred, _), code in zip(sizes, compressed(sizes=sizes)["sizes"], strict=True):
        (load,) = resources({"u": f"11,1*1{code}"})
        assert isinstance(load, Resource)
        assert load.transferred == transferred


def test_every_structure_is_read_back(clients: None) -> None:
    random = Random(SEED)
    values = [value(random, 4) for _ in range(2_000)]
    for wanted, code in zip(values, compressed(values=values)["jsurls"], strict=True):
        assert structure(code) == wanted
