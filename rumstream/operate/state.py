"""`rumstream state inspect`."""

import asyncio
from collections.abc import Iterable
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any, Final

import orjson
import typer

from rumstream.command import KAFKA_AT, said_clearly, settings_for
from schemas.lanes import lane_of

if TYPE_CHECKING:
    from processors.inspect import LaneState

state: Final = typer.Typer(no_args_is_help=True, help="What the lanes remember.")


class QuestionError(Exception):
    """The options do not go together; the message says which."""


@state.command("inspect")
def inspect(
    lane: Annotated[int | None, typer.Option(min=0, help="The lane; not needed with --session.")] = None,
    site: Annotated[str | None, typer.Option(help="Of the session; or only windows of this site.")] = None,
    session: Annotated[str | None, typer.Option(help="Show what is known under this session id of --site.")] = None,
    key: Annotated[str | None, typer.Option(help="Show the record under this key (hex).")] = None,
    windows: Annotated[bool, typer.Option("--windows", help="Show windows, one a line, oldest first.")] = False,
    metric: Annotated[str | None, typer.Option(help="Only windows of this metric.")] = None,
    route: Annotated[str | None, typer.Option(help="Only windows of this route.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1_000_000, help="At most so many windows.")] = 100,
) -> None:
    """Show as JSON, as of the last checkpoint: a lane's own record and how much it holds; or a visit, or windows.

    Reads the lane's whole partition of rum.state. The worker that owns the lane notices nothing.
    """
    settings = settings_for("state")
    from aiokafka.errors import KafkaError

    from processors.core.records import StateVersionError
    from processors.inspect import lane_state
    from processors.partitions import NotThereError

    def shown(found: "LaneState") -> Iterable[dict[str, Any]]:
        if site is not None and session is not None:
            return [found.visit(site, session)]
        if key is not None:
            return [found.record(bytes.fromhex(key))]
        if windows:
            return islice(found.windows(site=site, metric=metric, route=route), limit)
        return [found.lane()]

    async def look(partition: int) -> None:
        async with lane_state(settings.bootstrap, settings.generation, partition) as found:
            for record in shown(found):
                typer.echo(orjson.dumps(record, option=0 if windows else orjson.OPT_INDENT_2))

    with said_clearly(QuestionError), said_clearly(NotThereError, code=1), said_clearly(StateVersionError):
        check(session, site, key, windows=windows)
        with said_clearly(KafkaError, hint=KAFKA_AT, code=1):
            asyncio.run(look(lane_asked(settings.lanes, lane, site, session)))


def check(session: str | None, site: str | None, key: str | None, *, windows: bool) -> None:
    """Refuse options that do not go together.

    Raises:
        QuestionError: they do not, or the key is not hex.
    """
    if (session is not None) + (key is not None) + windows > 1:
        raise QuestionError("one of --session, --key and --windows")
    if session is not None and site is None:
        raise QuestionError("a session id means something within its site only: --site")
    if key is not None:
        try:
            bytes.fromhex(key)
        except ValueError:
            raise QuestionError(f"--key {key}: not hex") from None


def lane_asked(lanes: int, lane: int | None, site: str | None, session: str | None) -> int:
    """The lane to look into: the one told, or the session's.

    Raises:
        QuestionError: neither is told, or they differ.
    """
    own = None if site is None or session is None else lane_of(site, session, lanes)
    if lane is None and own is None:
        raise QuestionError("which lane: --lane, or --site and --session")
    if lane is not None and own is not None and lane != own:
        raise QuestionError(f"with {lanes} lanes that session lives in lane {own}, not {lane}")
    return own if lane is None and own is not None else lane or 0
