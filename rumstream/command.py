"""What all commands begin and end with: settings that can be used, and errors said in one sentence."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import typer
from pydantic import ValidationError

from rumstream.exits import CONFIGURATION
from rumstream.log_lines import configure_logs
from rumstream.settings import Settings, variable

KAFKA_AT: Final = f"Where Kafka is: {variable('kafka_bootstrap')}=host:port"


def settings_for(part: str) -> Settings:
    """The settings, or a message that names each variable that cannot be used."""
    try:
        settings = Settings()
    except ValidationError as error:
        for problem in error.errors():
            name = variable(str(problem["loc"][0]))
            typer.echo(f"{name}={problem['input']!s}: {problem['msg']} (see docs/settings.md)", err=True)
        sys.exit(CONFIGURATION)
    configure_logs(settings.log_level, settings.log_format, part)
    return settings


@contextmanager
def said_clearly(error: type[Exception], hint: str = "", code: int = CONFIGURATION) -> Iterator[None]:
    """Ends with the message instead of a traceback; the default exit code says that another try is useless."""
    try:
        yield
    except error as raised:
        typer.echo(f"{raised}\n{hint}".strip(), err=True)
        sys.exit(code)
