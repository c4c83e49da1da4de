"""What runs is what was pinned: fetched once, checked always."""

import hashlib
import io
from pathlib import Path
from typing import Final

import pytest
import requests
from jgo.util import http

from embedded.kafka.jars import FetchError, Jar, obtain, pinned_jars

CONTENT: Final = {"a": b"first jar", "b": b"second jar"}
JARS: Final = [
    Jar(f"org.example:{name}:1.0", hashlib.sha256(content).hexdigest(), len(content))
    for name, content in CONTENT.items()
]


class Repository:
    """Answers jgo's requests from memory; ``asked`` are the files that were fetched."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.content = dict(CONTENT)
        self.down = False

    def get(self, url: str, **_: object) -> requests.Response:
        if self.down:
            raise requests.ConnectionError("no network here")
        answer = requests.Response()
        name = url.rsplit("/", 1)[1].split("-")[0]
        answer.status_code = 200 if url.endswith(".jar") and name in self.content else 404
        if answer.status_code == 200:
            self.asked.append(name)
            answer.raw = io.BytesIO(self.content[name])
            answer.headers["content-length"] = str(len(self.content[name]))
        return answer


@pytest.fixture
def repository(monkeypatch: pytest.MonkeyPatch) -> Repository:
    there = Repository()
    monkeypatch.setattr(http, "get", there.get)
    monkeypatch.setattr("tenacity.nap.time.sleep", lambda _seconds: None)
    return there


def test_the_class_path_holds_one_version_of_kafka_and_its_logging() -> None:
    jars = {jar.coordinate.rsplit(":", 1)[0]: jar.coordinate.rsplit(":", 1)[1] for jar in pinned_jars()}
    assert len(jars) == len(pinned_jars())
    kafka = {version for name, version in jars.items() if name.startswith("org.apache.kafka:")}
    assert kafka == {"4.3.1"}
    assert jars["org.apache.logging.log4j:log4j-slf4j-impl"] == jars["org.apache.logging.log4j:log4j-core"]


def test_every_pin_is_a_whole_sha256() -> None:
    assert all(len(bytes.fromhex(jar.sha256)) == 32 and jar.size > 0 for jar in pinned_jars())


def test_jars_are_fetched_once_and_then_need_no_network(repository: Repository, tmp_path: Path) -> None:
    paths = obtain(tmp_path, JARS)
    assert [path.read_bytes() for path in paths] == list(CONTENT.values())
    repository.down = True
    assert obtain(tmp_path, JARS) == paths
    assert sorted(repository.asked) == ["a", "b"]


def test_a_damaged_jar_is_fetched_again(repository: Repository, tmp_path: Path) -> None:
    path, _ = obtain(tmp_path, JARS)
    path.write_bytes(b"first jaR")  # the same length
    assert obtain(tmp_path, JARS)[0].read_bytes() == CONTENT["a"]
    assert sorted(repository.asked) == ["a", "a", "b"]


def test_a_jar_cut_off_in_the_middle_is_fetched_again(repository: Repository, tmp_path: Path) -> None:
    path, _ = obtain(tmp_path, JARS)
    path.write_bytes(CONTENT["a"][:3])
    assert obtain(tmp_path, JARS)[0].read_bytes() == CONTENT["a"]


def test_a_jar_with_another_checksum_is_refused_and_not_kept(repository: Repository, tmp_path: Path) -> None:
    repository.content["b"] = b"something!"
    with pytest.raises(FetchError, match=r"org\.example:b:1\.0.*SHA-256"):
        obtain(tmp_path, JARS)
    assert not JARS[1].path(tmp_path / "maven").exists()
    assert JARS[0].path(tmp_path / "maven").exists()


def test_no_network_says_what_could_not_be_had(repository: Repository, tmp_path: Path) -> None:
    repository.down = True
    with pytest.raises(FetchError, match=r"org\.example:a:1\.0.*no network here"):
        obtain(tmp_path, JARS)


def test_a_jar_that_is_nowhere_says_so(repository: Repository, tmp_path: Path) -> None:
    del repository.content["a"]
    with pytest.raises(FetchError, match=r"org\.example:a:1\.0.*not found"):
        obtain(tmp_path, JARS)
