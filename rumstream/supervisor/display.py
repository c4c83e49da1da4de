"""What the person sees: a live table on a terminal, a plain line at each change otherwise."""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Final

import orjson
from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from rumstream.log_lines import one_line
from rumstream.supervisor.part import State
from rumstream.supervisor.runner import Runner

_STYLE: Final = {
    State.WAITING: "dim",
    State.STARTING: "yellow",
    State.READY: "green",
    State.DONE: "green",
    State.DIED: "bold red",
    State.STOPPING: "yellow",
    State.STOPPED: "dim",
}
_REMIND_EVERY_S: Final = 5.0
_DRAW_EVERY_S: Final = 0.25


class Display:
    """Give it the runners by `show`, tell it changes by `changed`."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._runners: Mapping[str, Runner] = {}
        self._live = Live(console=console, get_renderable=self._table, auto_refresh=False, transient=True)

    @property
    def is_live(self) -> bool:
        """Whether there is a terminal to draw on."""
        return self._console.is_terminal

    def show(self, runners: Mapping[str, Runner]) -> None:
        """Begin."""
        self._runners = runners
        if self.is_live:
            self._live.start()

    def close(self) -> None:
        """End; what was said stays, the table goes."""
        if self.is_live:
            self._live.stop()

    def say(self, text: str, style: str = "") -> None:
        """A line that stays."""
        self._console.print(text, style=style, markup=False, highlight=False, soft_wrap=True)

    def changed(self, runner: Runner) -> None:
        """A part's state has changed. Deaths stay on the screen."""
        if runner.state is State.WAITING or (self.is_live and runner.state is not State.DIED):
            return
        detail = f": {one_line(runner.detail)}" if runner.detail else ""
        self.say(f"{runner.part.name} {runner.state}{detail}", "red" if runner.state is State.DIED else "")

    async def keep(self) -> None:
        """Keeps the table moving, or says every few seconds what is still starting. Runs until cancelled."""
        said: dict[str, str] = {}
        while True:
            if self.is_live:
                self._live.refresh()
                await asyncio.sleep(_DRAW_EVERY_S)
                continue
            await asyncio.sleep(_REMIND_EVERY_S)
            for runner in _starting(self._runners.values()):
                line = f"{runner.part.name} still starting: {_newest(runner) or 'no word yet'}"
                if said.get(runner.part.name) != line:
                    said[runner.part.name] = line
                    self.say(line)

    def _table(self) -> Table:
        table = Table("part", "state", "for", "restarts", "", box=None, pad_edge=False)
        now = asyncio.get_running_loop().time()
        for runner in self._runners.values():
            detail = _newest(runner) if runner.state is State.STARTING else one_line(runner.detail)
            state = Text(runner.state, _STYLE[runner.state])
            spent = f"{now - runner.since:.0f} s" if runner.since else ""
            table.add_row(runner.part.name, state, spent, str(runner.restarts or ""), Text(detail[:100]))
        return table


def _starting(runners: Iterable[Runner]) -> list[Runner]:
    return [runner for runner in runners if runner.state is State.STARTING]


def _newest(runner: Runner) -> str:
    """The newest line of the part's log; of a JSON line, what happened."""
    line = runner.log.last[-1] if runner.log.last else ""
    if line.startswith("{"):
        try:
            line = str(orjson.loads(line).get("event", line))
        except orjson.JSONDecodeError:
            return one_line(line)
    return one_line(line)
