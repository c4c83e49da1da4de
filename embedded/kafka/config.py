"""What the embedded Kafka needs to know."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class KafkaConfig:
    """One KRaft node on 127.0.0.1.

    ``data`` holds everything Kafka writes (records, metadata, logs); ``cache`` holds the fetched jars and can be shared
    by many data folders. ``heap`` is the JVM's -Xmx. ``message_bytes`` is the largest record batch the broker takes.
    """

    data: Path
    cache: Path
    port: int
    heap: str = "512m"
    message_bytes: int = 2 * 1024 * 1024
