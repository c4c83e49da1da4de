"""Dead letters and replays as a person reads them. Control characters in what was refused are spelled out."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final

from rich.table import Table
from rich.text import Text

from rumstream.log_lines import one_line

if TYPE_CHECKING:
    from processors.dead_letters.replay import Outcome
    from processors.dead_letters.scan import Found, Span
    from processors.dead_letters.summary import Group

_SAID: Final = {
    "replayed": "written to rum.beacons",
    "repeated": "the same line as another of them",
    "still_refused": "refused by this rumstream as well: left where they are",
    "cut": "not whole: cut, no UTF-8, or written before lines were kept whole",
    "at_the_door": "refused by the collector: never a line of rum.beacons",
}
_SAID_BEFORE: Final = {**_SAID, "replayed": "can be written to rum.beacons"}


def group_table(groups: "Iterable[Group]") -> Table:
    """A row a reason and site."""
    table = Table(box=None, pad_edge=False)
    for heading in ("reason", "site"):
        table.add_column(heading)
    for heading in ("count", "replayable"):
        table.add_column(heading, justify="right")
    for heading in ("first", "last", "newest is"):
        table.add_column(heading, no_wrap=True)
    for group in groups:
        newest = group.newest
        place = f"{newest.partition} {newest.offset}"
        cells = (one_line(group.reason), one_line(group.site), str(group.count), str(group.whole))
        times = (_second(group.first_at), _second(newest.written_at))
        table.add_row(*(Text(cell) for cell in (*cells, *times, place)))
    return table


def letter_lines(found: "Found") -> list[str]:
    """A letter, a line a field."""
    letter = found.letter
    place = f"lane {letter.lane & 0xFFFF}, offset {letter.offset}, line {letter.line} of rum.beacons"
    rows = {
        "reason": letter.reason,
        "detail": letter.detail,
        "written": _second(found.written_at),
        "received": _second(letter.received_at),
        "site": letter.site,
        "protocol": letter.protocol,
        "place": place if letter.lane >= 0 else "refused by the collector, before it had one",
        "replayable": "yes" if letter.whole else "no",
        "body": letter.body,
    }
    return [f"{name:<11}{one_line(value)}".rstrip() for name, value in rows.items()]


def outcome_lines(outcomes: "Mapping[Outcome, int]", *, done: bool) -> list[str]:
    """How many letters became, or would become, what."""
    said = _SAID if done else _SAID_BEFORE
    width = len(str(max(outcomes.values(), default=0)))
    return [f"{outcomes[name]:>{width}} {said[name]}" for name in sorted(outcomes)]


def unread_lines(spans: "Iterable[Span]", newest: int) -> list[str]:
    """What the bound on reading has left out."""
    lanes = [str(span.partition) for span in spans if span.unread]
    if not lanes:
        return []
    return [f"Only the newest {newest} offsets a lane were read; lane {', '.join(lanes)} has older ones: --newest"]


def _second(ms: int) -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%SZ")
