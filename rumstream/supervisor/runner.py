"""Runs one part: starts it, waits until it is ready, starts it anew when it dies, stops it by a deadline."""

import asyncio
import os
import signal
from collections.abc import Callable, Mapping
from typing import Final

from rumstream.exits import CONFIGURATION
from rumstream.supervisor.guardian import send
from rumstream.supervisor.guardian_link import GuardianLink
from rumstream.supervisor.log_file import LogFile
from rumstream.supervisor.part import Check, Part, PartError, State

_LOOK_EVERY_S: Final = 0.2
_LAST_WORDS_S: Final = 1.0
_FIRST_DELAY_S: Final = 0.5
_LONGEST_DELAY_S: Final = 30.0
_STEADY_S: Final = 60.0
"""A part that lived this long has recovered: its next restart comes at once again."""
_ATTEMPTS: Final = 5
"""A part that ended so often and was never ready cannot be run here."""


class Runner:
    """``is_ready`` stays set once the part has been ready: those that need it may start."""

    def __init__(self, part: Part, log: LogFile, guardian: GuardianLink, changed: Callable[["Runner"], None]) -> None:
        self.part, self.log = part, log
        self.state, self.detail, self.restarts = State.WAITING, "", 0
        self.since = 0.0
        self.is_ready = asyncio.Event()
        self._guardian, self._changed = guardian, changed
        self._process: asyncio.subprocess.Process | None = None
        self._following: asyncio.Task[None] | None = None

    @property
    def group(self) -> int | None:
        """The process group while the part lives."""
        return self._process.pid if self._process and self._process.returncode is None else None

    async def run(self, needs: Mapping[str, "Runner"]) -> None:
        """Until a step is done; for ever for a server (cancel it, then `stop`).

        Raises:
            PartError: it ended with "cannot help", or five times without ever being ready.
        """
        self._to(State.WAITING, f"for {', '.join(self.part.needs)}" if self.part.needs else "")
        for need in self.part.needs:
            await needs[need].is_ready.wait()
        delay = _FIRST_DELAY_S
        while True:
            began = asyncio.get_running_loop().time()
            code = await self._once()
            if self.state is State.DONE:
                return
            self.restarts += 1
            never = not self.is_ready.is_set()
            if code == CONFIGURATION or (never and self.restarts >= _ATTEMPTS):
                self._to(State.DIED, f"ended with {code}")
                raise PartError(
                    f"{self.part.name} cannot run ({_how(code)}). Its last lines:\n" + "\n".join(self.log.last)
                )
            if asyncio.get_running_loop().time() - began > _STEADY_S:
                delay = _FIRST_DELAY_S
            self._to(State.DIED, f"{_how(code)}; again in {delay:g} s, restart {self.restarts}")
            await asyncio.sleep(delay)
            delay = min(delay * 2, _LONGEST_DELAY_S)

    async def stop(self, deadline: float) -> None:
        """SIGTERM, and SIGKILL at the event loop's time ``deadline``; returns when nothing of it is left."""
        process = self._process
        if process is None or process.returncode is not None:
            if self.state is not State.DONE:
                self._to(State.STOPPED)
            return
        self._to(State.STOPPING)
        send(process.pid, signal.SIGTERM)
        how = ""
        try:
            async with asyncio.timeout_at(deadline):
                await process.wait()
        except TimeoutError:
            how = "by SIGKILL: it had not ended in time"
            send(process.pid, signal.SIGKILL)
            await process.wait()
        await self._ended(process.pid)
        self._to(State.STOPPED, how)

    async def _once(self) -> int:
        """One life of the process; its exit code."""
        self._to(State.STARTING)
        output, its_end = os.pipe()  # not asyncio's PIPE: with that, wait() also waits for grandchildren to close it
        self._following = asyncio.create_task(self._follow(output))
        try:
            self._process = process = await asyncio.create_subprocess_exec(
                *self._guardian.command(self.part.command),
                stdin=self._guardian.pipe,
                stdout=its_end,
                stderr=its_end,
                env={**os.environ, "PYTHONUNBUFFERED": "1", **self.part.env},
                start_new_session=True,
            )
        finally:
            os.close(its_end)
        self._guardian.add(process.pid)
        if self.part.ready:
            await self._until_ready(process, self.part.ready)
        code = await process.wait()
        await self._ended(process.pid)
        if not self.part.ready and code == 0:
            self.is_ready.set()
            self._to(State.DONE, self.log.last[-1] if self.log.last else "")
        return code

    async def _follow(self, output: int) -> None:
        reader = asyncio.StreamReader()
        with os.fdopen(output, "rb", buffering=0) as pipe:
            transport, _ = await asyncio.get_running_loop().connect_read_pipe(
                lambda: asyncio.StreamReaderProtocol(reader), pipe
            )
            try:
                await self.log.follow(reader)
            finally:
                transport.close()

    async def _until_ready(self, process: asyncio.subprocess.Process, ready: Check) -> None:
        while process.returncode is None:
            if await ready():
                self.is_ready.set()
                self._to(State.READY)
                return
            await asyncio.sleep(_LOOK_EVERY_S)

    async def _ended(self, group: int) -> None:
        send(group, signal.SIGKILL)  # whatever it left behind
        self._guardian.remove(group)
        if self._following:
            await asyncio.wait([self._following], timeout=_LAST_WORDS_S)
            self._following.cancel()
            await asyncio.wait([self._following])

    def _to(self, state: State, detail: str = "") -> None:
        self.state, self.detail = state, detail
        self.since = asyncio.get_running_loop().time()
        self._changed(self)


def _how(code: int) -> str:
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"ended with {code}"
