"""`python -m embedded.kafka --data DIR --port N`: Kafka in the foreground."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from embedded.kafka.config import KafkaConfig
from embedded.kafka.jars import FetchError
from embedded.kafka.server import StartError, serve


def main(
    data: Annotated[Path, typer.Option(help="Folder of everything Kafka writes.")],
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1.")] = 9092,
    cache: Annotated[Path, typer.Option(help="Folder of the fetched jars.", envvar="RUMSTREAM_CACHE")] = Path(
        "~/.cache/rumstream"
    ),
    heap: Annotated[str, typer.Option(help="The JVM's -Xmx.")] = "512m",
) -> None:
    """Run Apache Kafka on 127.0.0.1 until SIGTERM or Ctrl-C."""
    try:
        serve(KafkaConfig(data=data, cache=cache.expanduser(), port=port, heap=heap))
    except (FetchError, StartError) as error:
        typer.echo(f"Kafka: {error}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    typer.run(main)
