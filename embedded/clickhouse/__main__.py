"""`python -m embedded.clickhouse --data DIR --port N`: ClickHouse in the foreground."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from embedded.clickhouse.config import ClickHouseConfig
from embedded.clickhouse.lock import StartError
from embedded.clickhouse.server import serve


def main(
    data: Annotated[Path, typer.Option(help="Folder of everything ClickHouse writes.")],
    port: Annotated[int, typer.Option(help="Port of the HTTP interface.")] = 8123,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
) -> None:
    """Run ClickHouse until SIGTERM or Ctrl-C."""
    try:
        serve(ClickHouseConfig(data=data, host=host, port=port))
    except StartError as error:
        typer.echo(f"ClickHouse: {error}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    typer.run(main)
