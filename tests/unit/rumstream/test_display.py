"""Never silence: a table that moves on a terminal, plain lines elsewhere."""

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from rich.console import Console

from rumstream.supervisor import display as display_module
from rumstream.supervisor.display import Display
from rumstream.supervisor.guardian_link import GuardianLink
from rumstream.supervisor.log_file import LogFile
from rumstream.supervisor.part import Part, State
from rumstream.supervisor.runner import Runner


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(display_module, "_REMIND_EVERY_S", 0.01)
    monkeypatch.setattr(display_module, "_DRAW_EVERY_S", 0.01)


class Screen:
    """A display with one part, and what it has shown."""

    def __init__(self, folder: Path, *, terminal: bool) -> None:
        self.out = io.StringIO()
        self.display = Display(Console(file=self.out, force_terminal=terminal, width=120))
        self.log = LogFile(folder / "kafka.log")
        self.runner = Runner(Part("kafka", ("true",)), self.log, GuardianLink(), self.display.changed)

    async def shows(self, text: str) -> None:
        async with asyncio.timeout(5):
            while text not in self.out.getvalue():  # noqa: ASYNC110 (the screen cannot be awaited)
                await asyncio.sleep(0.005)


@asynccontextmanager
async def screen(folder: Path, *, terminal: bool) -> AsyncIterator[Screen]:
    there = Screen(folder, terminal=terminal)
    there.display.show({"kafka": there.runner})
    keeping = asyncio.create_task(there.display.keep())
    try:
        yield there
    finally:
        keeping.cancel()
        with suppress(asyncio.CancelledError):
            await keeping
        there.display.close()
        there.log.close()


@pytest.mark.parametrize("terminal", [True, False])
async def test_a_starting_part_shows_its_newest_line(tmp_path: Path, terminal: bool) -> None:
    async with screen(tmp_path, terminal=terminal) as there:
        there.runner._to(State.STARTING)
        there.log.write(b"Fetching: 1 of 56 MB")
        await there.shows("Fetching: 1 of 56 MB")
        there.log.write(b'{"event": "listening [here]", "level": "info"}')
        await there.shows("listening [here]")
        assert "level" not in there.out.getvalue()


@pytest.mark.parametrize("terminal", [True, False])
async def test_a_death_is_said_with_its_reason(tmp_path: Path, terminal: bool) -> None:
    async with screen(tmp_path, terminal=terminal) as there:
        there.runner._to(State.DIED, "killed by SIGKILL; again in 1 s")
        await there.shows("kafka died: killed by SIGKILL; again in 1 s")


async def test_a_part_cannot_paint_on_the_terminal(tmp_path: Path) -> None:
    async with screen(tmp_path, terminal=False) as there:
        there.runner._to(State.STARTING)
        there.log.write(b"\x1b[2Jgone")
        await there.shows(r"\x1b[2Jgone")
