"""Starts all parts in the order of their needs, keeps them alive, stops them stage by stage."""

import asyncio
from collections.abc import Callable, Sequence
from itertools import groupby
from pathlib import Path
from typing import Final

from rumstream.supervisor.guardian_link import GuardianLink
from rumstream.supervisor.log_file import LogFile
from rumstream.supervisor.part import Part
from rumstream.supervisor.runner import Runner

STOP_WITHIN_S: Final = 14.0


class Supervisor:
    """``runners`` by part name, in the order given. ``changed`` is called at each change of a part's state."""

    def __init__(
        self,
        parts: Sequence[Part],
        logs: Path,
        changed: Callable[[Runner], None],
        inherited: tuple[int, ...] = (),
        stop_within_s: float = STOP_WITHIN_S,
    ) -> None:
        self._guardian = GuardianLink(inherited)
        self.runners = {p.name: Runner(p, LogFile(logs / f"{p.name}.log"), self._guardian, changed) for p in parts}
        self._stop_within_s = stop_within_s

    async def run(self, stop: asyncio.Event, all_ready: Callable[[], None]) -> None:
        """Until ``stop`` is set; everything has ended when this returns or raises.

        Raises:
            PartError: a part cannot be run; the others have been stopped.
        """
        await self._guardian.start()
        tasks = [asyncio.create_task(runner.run(self.runners)) for runner in self.runners.values()]
        tasks.append(asyncio.create_task(self._tell(all_ready)))
        stopped = asyncio.create_task(stop.wait())
        try:
            waiting = {*tasks, stopped}
            while stopped in waiting:
                done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()
        finally:
            for task in (*tasks, stopped):
                task.cancel()
            await asyncio.gather(*tasks, stopped, return_exceptions=True)
            await self._stop_all()

    async def _tell(self, all_ready: Callable[[], None]) -> None:
        for runner in self.runners.values():
            await runner.is_ready.wait()
        all_ready()

    async def _stop_all(self) -> None:
        """Stage by stage; each stage may use its share of the time that is left."""
        loop = asyncio.get_running_loop()
        end = loop.time() + self._stop_within_s
        by_stage = sorted(self.runners.values(), key=lambda runner: runner.part.stop_stage)
        stages = [list(group) for _, group in groupby(by_stage, key=lambda runner: runner.part.stop_stage)]
        for number, stage in enumerate(stages):
            deadline = loop.time() + (end - loop.time()) / (len(stages) - number)
            await asyncio.gather(*(runner.stop(deadline) for runner in stage))
        await self._guardian.close()
        for runner in self.runners.values():
            runner.log.close()
