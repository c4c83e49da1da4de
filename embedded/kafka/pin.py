"""Writes jars.txt anew: `python -m embedded.kafka.pin`, to be run when the Kafka version changes.

The logging binding is resolved in a call of its own: in the same call a log4j artifact drags kafka-clients down to
another version and Kafka does not start. It is kept at the version of the log4j-core that Kafka brings.
"""

import hashlib
import logging
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from jgo.maven import MavenContext, PythonResolver

from embedded.kafka.jars import PINNED

KAFKA: Final = "4.3.1"
LOG4J: Final = "2.25.4"
ROOTS: Final = (f"org.apache.kafka:kafka_2.13:{KAFKA}", f"org.apache.kafka:kafka-tools:{KAFKA}")
BINDING: Final = f"org.apache.logging.log4j:log4j-slf4j-impl:{LOG4J}"


class PinError(Exception):
    """A jar does not agree with the checksum its repository publishes."""


class _WarningIsError(logging.Handler):
    """jgo only warns of a jar that differs from the published SHA-1; here that ends the run."""

    def emit(self, record: logging.LogRecord) -> None:
        raise PinError(record.getMessage())


def pin(repository: Path) -> list[str]:
    """Lines ``coordinate sha256 size`` of everything Kafka needs, by a fresh resolution into an empty folder.

    Raises:
        PinError: a checksum differs from the published one.
    """
    logging.getLogger("jgo").addHandler(_WarningIsError(logging.WARNING))
    context = MavenContext(repo_cache=repository, resolver=PythonResolver(), timeout=30)
    roots = [context.create_dependency(root) for root in ROOTS]
    inputs, transitive = context.resolver.resolve(roots)
    artifacts = [dependency.artifact for dependency in (*inputs, *transitive)]
    artifacts.append(context.create_dependency(BINDING).artifact)
    lines = []
    for artifact in artifacts:
        content = artifact.resolve().read_bytes()
        coordinate = f"{artifact.groupId}:{artifact.artifactId}:{artifact.version}"
        lines.append(f"{coordinate} {hashlib.sha256(content).hexdigest()} {len(content)}")
    return sorted(set(lines))


def main() -> None:
    """Replace jars.txt beside this file."""
    with TemporaryDirectory() as folder:
        lines = pin(Path(folder))
    head = f"# Apache Kafka {KAFKA}: Maven coordinate, SHA-256, bytes. Written by `python -m embedded.kafka.pin`.\n"
    Path(__file__).with_name(PINNED).write_text(head + "\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main()
