"""`rumstream dead-letter list | show | replay`."""

import asyncio
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.console import Console

from rumstream.command import KAFKA_AT, said_clearly, settings_for
from rumstream.operate.letter_table import group_table, letter_lines, outcome_lines, unread_lines
from rumstream.operate.since import since as time_of
from schemas.drop_reasons import DropReason

if TYPE_CHECKING:
    from processors.dead_letters.desk import Desk
    from processors.dead_letters.scan import Wanted

dead_letter: Final = typer.Typer(no_args_is_help=True, help="What was refused: list it, show one, replay it.")

_WIDTH_IN_A_PIPE: Final = 200

Reason = Annotated[DropReason | None, typer.Option(help="Only of this reason.", metavar="REASON")]
Site = Annotated[str | None, typer.Option(help="Only of this site; '' is of those whose site is not known.")]
Since = Annotated[str | None, typer.Option(help="Only written since: 30m, 2h, 7d ago, or 2026-05-01T12:00Z.")]
Newest = Annotated[int, typer.Option(min=1, max=1_000_000, help="How many offsets of each lane to read, newest first.")]


@dead_letter.command("list")
def list_letters(reason: Reason = None, site: Site = None, since: Since = None, newest: Newest = 10_000) -> None:
    """Count dead letters by reason and site. The column "newest" names one for `dead-letter show`."""
    desk = _desk()
    wanted = _wanted(reason, site, since)
    with _kafka_errors_said():
        groups, read = asyncio.run(desk.count(wanted, newest))
    if groups:
        Console(width=None if sys.stdout.isatty() else _WIDTH_IN_A_PIPE).print(group_table(groups))
    else:
        typer.echo("no such dead letters")
    _say(unread_lines(read, newest))


@dead_letter.command("show")
def show_letter(
    lane: Annotated[int, typer.Argument(min=0, help="Lane: partition of rum.dead-letter.")],
    offset: Annotated[int, typer.Argument(min=0, help="Offset in it.")],
) -> None:
    """Show one dead letter: why it was refused, where it stood, and its text."""
    desk = _desk()
    with _kafka_errors_said():
        found = asyncio.run(desk.one(lane, offset))
    if found is None:
        typer.echo(f"no dead letter at lane {lane} offset {offset}: `rumstream dead-letter list` names some", err=True)
        sys.exit(1)
    _say(letter_lines(found))


@dead_letter.command("replay")
def replay_letters(
    reason: Annotated[DropReason, typer.Option(help="line_undecodable or schema_unknown.", metavar="REASON")],
    site: Site = None,
    since: Since = None,
    newest: Newest = 10_000,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Write lines that the processor refused to rum.beacons again, once the fault is repaired.

    Each goes to its session's lane and counts in the windows and sessions of its own time, or as late where these
    are closed (by default 4 h 10 min later). A line that this rumstream still refuses stays where it is; one that a
    worker refuses again becomes a new dead letter.

    Replaying twice counts once: a beacon id is known for as long as its session lives in the lane, by default
    4 h 10 min of event time after its last event. After that the line is late: no window counts it, but it is kept
    as raw events a second time.
    """
    desk = _desk()
    from processors.dead_letters.replay import Outcome

    wanted = _wanted(reason, site, since)
    with _kafka_errors_said():
        before, read = asyncio.run(desk.rehearse(wanted, newest))
    _say(outcome_lines(before, done=False) or ["no such dead letters"])
    _say(unread_lines(read, newest))
    if dry_run or not before[Outcome.REPLAYED]:
        return
    if not yes:
        typer.confirm(f"Write {before[Outcome.REPLAYED]} lines to rum.beacons?", abort=True)
    with _kafka_errors_said("Some of the lines may have been written. Replay again: they count once."):
        done = asyncio.run(desk.replay(wanted, read))
    _say(["done:", *outcome_lines(done, done=True)])


def _desk() -> "Desk":
    settings = settings_for("dead-letter")
    from processors.dead_letters.desk import Desk

    return Desk(settings.bootstrap, settings.generation)


def _wanted(reason: DropReason | None, site: str | None, since: str | None) -> "Wanted":
    from processors.dead_letters.scan import Wanted

    with said_clearly(ValueError):
        at = None if since is None else time_of(since, round(time.time() * 1000))
    return Wanted(reason, site, at)


@contextmanager
def _kafka_errors_said(hint: str = KAFKA_AT) -> Iterator[None]:
    from aiokafka.errors import KafkaError

    from processors.partitions import NotThereError

    with said_clearly(NotThereError, code=1), said_clearly(KafkaError, hint=hint, code=1):
        yield


def _say(lines: list[str]) -> None:
    for line in lines:
        typer.echo(line)
