"""The supervisor's end of the guardian: starts it, registers groups, starts it anew should it die."""

import asyncio
import os
import sys
from typing import Final

from rumstream.supervisor.guardian import GRACE_S

_SHIM: Final = 'echo "+$$" >&0 && exec "$@" </dev/null'
"""Registers its own group before it becomes the part, so no moment is left in which nobody would end it."""


class GuardianLink:
    """``pipe`` is what a part's shim writes its group to, given to it as stdin."""

    def __init__(self, inherited: tuple[int, ...] = ()) -> None:
        self._inherited = inherited
        self._groups: set[int] = set()
        self._process: asyncio.subprocess.Process | None = None
        self._watch: asyncio.Task[None] | None = None
        self.pipe = -1

    async def start(self) -> None:
        """Start the guardian in a session of its own, where no Ctrl-C reaches it."""
        await self._spawn()
        self._watch = asyncio.create_task(self._keep())

    def command(self, command: tuple[str, ...]) -> tuple[str, ...]:
        """The part's command behind the shim."""
        return ("/bin/sh", "-c", _SHIM, "sh", *command)

    def add(self, group: int) -> None:
        """Remember a group that the shim has registered, for a guardian that comes after this one."""
        self._groups.add(group)

    def remove(self, group: int) -> None:
        """The group has ended; its number may be given to somebody else."""
        self._groups.discard(group)
        self._order(f"-{group}\n")

    async def close(self) -> None:
        """Let the guardian end what is left, and wait for it."""
        if self._watch:
            self._watch.cancel()
        if self._process:
            os.close(self.pipe)
            await asyncio.wait_for(self._process.wait(), GRACE_S + 2)

    async def _spawn(self) -> None:
        read_end, self.pipe = os.pipe()
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "rumstream.supervisor.guardian",
            stdin=read_end,
            pass_fds=self._inherited,
            start_new_session=True,
        )
        os.close(read_end)
        for group in self._groups:
            self._order(f"+{group}\n")

    async def _keep(self) -> None:
        while self._process:
            await self._process.wait()
            os.close(self.pipe)
            await self._spawn()

    def _order(self, line: str) -> None:
        try:
            os.write(self.pipe, line.encode("ascii"))
        except BrokenPipeError:
            return  # it died this moment; _keep tells the next one
