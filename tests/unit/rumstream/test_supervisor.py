"""Laws of the supervisor, with real small processes."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from rumstream.exits import CONFIGURATION
from rumstream.supervisor import runner as runner_module
from rumstream.supervisor.part import Part, PartError, State
from rumstream.supervisor.runner import Runner
from rumstream.supervisor.supervisor import Supervisor

FOR_EVER = "import signal\nwhile True: signal.pause()"
DEAF = "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nprint('deaf')\nwhile True: signal.pause()"
LIMIT_S = 20.0


def python(code: str) -> tuple[str, ...]:
    return (sys.executable, "-c", code)


async def yes() -> bool:
    return True


def server(name: str, code: str = FOR_EVER, **more: object) -> Part:
    return Part(name, python(code), ready=yes, **more)  # type: ignore[arg-type]


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(LIMIT_S):
        while not condition():  # noqa: ASYNC110 (the condition is another process)
            await asyncio.sleep(0.01)


class Running:
    """A supervisor at work; ``seen`` is each change as (part, state)."""

    def __init__(self, parts: list[Part], logs: Path, stop_within_s: float) -> None:
        self.seen: list[tuple[str, State]] = []
        self.details: list[str] = []
        self.stop = asyncio.Event()
        self.all_ready = asyncio.Event()
        self.supervisor = Supervisor(parts, logs, self._changed, stop_within_s=stop_within_s)
        self.task = asyncio.create_task(self.supervisor.run(self.stop, self.all_ready.set))

    def _changed(self, runner: Runner) -> None:
        self.seen.append((runner.part.name, runner.state))
        self.details.append(runner.detail)

    def __getitem__(self, name: str) -> Runner:
        return self.supervisor.runners[name]

    def group(self, name: str) -> int:
        group = self[name].group
        assert group
        return group


@asynccontextmanager
async def supervising(logs: Path, *parts: Part, stop_within_s: float = 10.0) -> AsyncIterator[Running]:
    running = Running(list(parts), logs, stop_within_s)
    try:
        yield running
    finally:
        running.stop.set()
        await asyncio.gather(running.task, return_exceptions=True)


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return (
        Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z" if Path("/proc").exists() else True
    )


async def test_a_part_starts_when_what_it_needs_is_ready(tmp_path: Path) -> None:
    flag = tmp_path / "open"

    async def opened() -> bool:
        return flag.exists()

    first = Part("first", python(FOR_EVER), ready=opened)
    step = Part("step", python("print('made')"), needs=("first",))
    last = server("last", needs=("step",))
    async with supervising(tmp_path, last, step, first) as running:
        await until(lambda: ("first", State.STARTING) in running.seen)
        assert running["step"].state is State.WAITING
        flag.touch()
        async with asyncio.timeout(LIMIT_S):
            await running.all_ready.wait()
        order = [name for name, state in running.seen if state in (State.READY, State.DONE)]
        assert order == ["first", "step", "last"]
        assert running["step"].detail == "made"


async def test_a_part_that_dies_is_started_anew(tmp_path: Path) -> None:
    async with supervising(tmp_path, server("a"), server("b")) as running:
        await running.all_ready.wait()
        first = running.group("a")
        other = running.group("b")
        os.kill(first, signal.SIGKILL)
        await until(lambda: running["a"].restarts == 1 and running["a"].state is State.READY)
        assert running.group("a") != first
        assert running.group("b") == other
        assert ("a", State.DIED) in running.seen


async def test_the_wait_before_a_restart_doubles_up_to_its_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner_module, "_FIRST_DELAY_S", 0.01)
    monkeypatch.setattr(runner_module, "_LONGEST_DELAY_S", 0.03)
    async with supervising(tmp_path, server("a", "print('up')")) as running:
        await until(lambda: running["a"].restarts >= 4)
    waits = [detail.split(" in ")[1].split(" s")[0] for detail in running.details if " in " in detail]
    assert waits[:4] == ["0.01", "0.02", "0.03", "0.03"]


async def test_a_part_that_says_it_cannot_run_ends_everything_with_its_last_words(tmp_path: Path) -> None:
    refuses = Part("refuses", python(f"import sys; print('port 1 is taken'); sys.exit({CONFIGURATION})"), ready=never)
    async with supervising(tmp_path, server("other"), refuses) as running:
        with pytest.raises(PartError, match=r"(?s)refuses.*port 1 is taken"):
            await running.task
        assert running["refuses"].restarts == 1
        assert running["other"].group is None


async def never() -> bool:
    return False


async def test_a_part_that_never_gets_ready_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner_module, "_FIRST_DELAY_S", 0.01)
    async with supervising(tmp_path, Part("broken", python("1/0"), ready=never)) as running:
        with pytest.raises(PartError, match=r"(?s)broken.*ZeroDivisionError"):
            await running.task
        assert running["broken"].restarts == 5


async def test_parts_stop_stage_by_stage(tmp_path: Path) -> None:
    parts = [server("kafka", stop_stage=2), server("worker", stop_stage=1), server("collector", stop_stage=0)]
    async with supervising(tmp_path, *parts) as running:
        await running.all_ready.wait()
        running.stop.set()
        await running.task
        assert [name for name, state in running.seen if state is State.STOPPED] == ["collector", "worker", "kafka"]


async def test_a_part_that_does_not_stop_is_killed_at_its_deadline(tmp_path: Path) -> None:
    loop = asyncio.get_running_loop()
    async with supervising(tmp_path, server("deaf", DEAF), stop_within_s=0.5) as running:
        await until(lambda: "deaf" in running["deaf"].log.last)
        group, began = running.group("deaf"), loop.time()
        running.stop.set()
        await running.task
        assert loop.time() - began < 5
        assert not is_alive(group)
        assert "SIGKILL" in running["deaf"].detail


async def test_children_of_a_part_end_with_it(tmp_path: Path) -> None:
    code = f"import subprocess, sys\np = subprocess.Popen([sys.executable, '-c', {FOR_EVER!r}])\nprint(p.pid)\np.wait()"
    async with supervising(tmp_path, server("parent", code)) as running:
        await until(lambda: bool(running["parent"].log.last))
        child = int(running["parent"].log.last[0])
        os.kill(running.group("parent"), signal.SIGKILL)
        await until(lambda: not is_alive(child))


async def test_stopping_before_anything_is_ready_leaves_nothing(tmp_path: Path) -> None:
    part = Part("slow", python(FOR_EVER), ready=never)
    async with supervising(tmp_path, part, server("waits", needs=("slow",))) as running:
        await until(lambda: running["slow"].group is not None)
        group = running.group("slow")
        running.stop.set()
        await running.task
        assert not is_alive(group)
        assert running["waits"].state is State.STOPPED


SUPERVISOR = """
import asyncio, sys
from pathlib import Path
from rumstream.supervisor.part import Part
from rumstream.supervisor.supervisor import Supervisor
async def yes(): return True
async def main():
    parts = [Part(f"p{n}", (sys.executable, "-c", sys.argv[2]), ready=yes) for n in range(3)]
    supervisor = Supervisor(parts, Path(sys.argv[1]), lambda runner: None)
    running = asyncio.create_task(supervisor.run(asyncio.Event(), lambda: None))
    while any(not r.log.last for r in supervisor.runners.values()): await asyncio.sleep(0.01)
    guardian = supervisor._guardian
    if sys.argv[3] == "guardian-first":
        first = guardian._process
        first.kill()
        while guardian._process is first: await asyncio.sleep(0.01)
    print(*(r.group for r in supervisor.runners.values()), guardian._process.pid, flush=True)
    await running
asyncio.run(main())
"""


@pytest.mark.parametrize("before", ["nothing", "guardian-first"])
async def test_a_killed_supervisor_leaves_nothing_behind(tmp_path: Path, before: str) -> None:
    """Not even if its guardian has been killed before: there is a new one, which knows the parts."""
    part = f"print('up', flush=True)\n{FOR_EVER}"
    supervisor = await asyncio.create_subprocess_exec(
        *python(SUPERVISOR), str(tmp_path), part, before, stdout=asyncio.subprocess.PIPE
    )
    assert supervisor.stdout
    async with asyncio.timeout(LIMIT_S):
        pids = [int(pid) for pid in (await supervisor.stdout.readline()).split()]
    assert len(pids) == 4
    assert all(is_alive(pid) for pid in pids)
    supervisor.kill()
    await until(lambda: not any(is_alive(pid) for pid in pids))
    await supervisor.wait()


async def test_the_output_of_a_part_is_in_its_log(tmp_path: Path) -> None:
    async with supervising(tmp_path, server("a", f"print('one\\ntwo', flush=True)\n{FOR_EVER}")) as running:
        await until(lambda: len(running["a"].log.last) == 2)
    assert (tmp_path / "a.log").read_text().splitlines() == ["one", "two"]
