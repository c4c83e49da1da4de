"""Kafka's jars: fetched once by Maven coordinates, checked against pinned SHA-256 sums, offline afterwards."""

import fcntl
import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Final

from jgo.maven import MavenContext, PythonResolver
from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_exponential

from embedded.kafka.progress import FetchProgress

PINNED: Final = "jars.txt"
_PARALLEL: Final = 8


class FetchError(Exception):
    """A jar could not be had, or is not what it should be; the message says which and what to do."""


@dataclass(frozen=True)
class Jar:
    """One pinned artifact: Maven coordinate ``group:artifact:version``, SHA-256 in hex, size in bytes."""

    coordinate: str
    sha256: str
    size: int

    def path(self, repository: Path) -> Path:
        """Where the jar lies in a local Maven repository."""
        group, artifact, version = self.coordinate.split(":")
        return repository / group.replace(".", "/") / artifact / version / f"{artifact}-{version}.jar"


def pinned_jars() -> list[Jar]:
    """The class path of the pinned Kafka version, as `embedded.kafka.pin` wrote it."""
    lines = files("embedded.kafka").joinpath(PINNED).read_text("utf-8").splitlines()
    rows = (line.split() for line in lines if line and not line.startswith("#"))
    return [Jar(coordinate, sha256, int(size)) for coordinate, sha256, size in rows]


def obtain(cache: Path, jars: list[Jar]) -> list[Path]:
    """The jars' paths under ``cache``, fetching those that are missing or damaged. Cost: one SHA-256 of every jar.

    Raises:
        FetchError: a jar could not be fetched, or what came has another checksum; what has been fetched is kept.
    """
    repository = cache / "maven"
    repository.mkdir(parents=True, exist_ok=True)
    with _only_one(cache / "maven.lock"):
        missing = [jar for jar in jars if not _is_whole(jar, repository)]
        if missing:
            _fetch_all(missing, repository)
    return [jar.path(repository) for jar in jars]


@contextmanager
def _only_one(path: Path) -> Iterator[None]:
    """Two starts at once must not write the same file; the second waits and finds the jars there."""
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _is_whole(jar: Jar, repository: Path) -> bool:
    path = jar.path(repository)
    if not path.is_file() or path.stat().st_size != jar.size:
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == jar.sha256


def _fetch_all(jars: list[Jar], repository: Path) -> None:
    with FetchProgress("Fetching Apache Kafka", sum(jar.size for jar in jars), len(jars)) as progress:
        context = MavenContext(
            repo_cache=repository, resolver=PythonResolver(progress_callback=progress.file), timeout=30
        )
        with ThreadPoolExecutor(_PARALLEL) as pool:
            waiting = [pool.submit(_fetch, jar, repository, context, progress) for jar in jars]
            try:
                for future in waiting:
                    future.result()
            except FetchError:
                pool.shutdown(cancel_futures=True)
                raise


def _fetch(jar: Jar, repository: Path, context: MavenContext, progress: FetchProgress) -> None:
    path = jar.path(repository)
    try:
        _download(jar, path, context)
    except (OSError, RuntimeError) as error:
        raise FetchError(f"could not fetch {jar.coordinate} into {repository}: {error}") from error
    if not _is_whole(jar, repository):
        path.unlink()
        raise FetchError(f"what was fetched as {jar.coordinate} has not the pinned SHA-256 {jar.sha256}: not used")
    progress.arrived(jar.size)


@retry(
    retry=retry_if_exception_type(OSError),  # that is what requests raises, too
    stop=stop_after_attempt(3),
    wait=wait_exponential(multiplier=0.5, max=4),
    reraise=True,
)
def _download(jar: Jar, path: Path, context: MavenContext) -> None:
    path.unlink(missing_ok=True)  # damaged, or cut off by an earlier end of this process
    group, artifact, version = jar.coordinate.split(":")
    context.project(group, artifact).at_version(version).artifact().resolve()
