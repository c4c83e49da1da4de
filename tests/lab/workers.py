"""Two processor workers that a test can kill, stop and rob of their disks, started anew as a supervisor would."""

import shutil
import signal
import subprocess
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from tests.lab.servers import running
from tests.lab.worker import BRIEF, SESSION_TIMEOUT_S

FAULTS: Final = ("SIGKILL", "SIGSTOP", "lost disk", "SIGTERM")
_ASLEEP_SECONDS: Final = SESSION_TIMEOUT_S + 3


class Workers:
    """Processes over data folders of their own; ``ends`` counts by exit code what ended without being asked to stay."""

    def __init__(self, bootstrap: str, generation: int, folder: Path, stack: ExitStack, count: int = 2) -> None:
        self._bootstrap, self._generation, self._folder, self._stack = bootstrap, generation, folder, stack
        self.ends: list[int] = []
        self.processes = [self._start(n) for n in range(count)]
        self._asleep_until: dict[int, float] = {}

    def _start(self, number: int) -> subprocess.Popen[bytes]:
        data = self._folder / f"worker-{number}"
        arguments = ["tests.lab.worker", self._bootstrap, str(self._generation), str(data), BRIEF]
        return self._stack.enter_context(running(arguments, self._folder / f"worker-{number}.log"))

    def tend(self) -> None:
        """Start what has ended, wake what was stopped long enough."""
        for number, process in enumerate(self.processes):
            if process.poll() is not None:
                self.ends.append(process.returncode)
                self.processes[number] = self._start(number)
            elif self._asleep_until.get(number, float("inf")) < time.monotonic():
                del self._asleep_until[number]
                process.send_signal(signal.SIGCONT)

    def strike(self, number: int, fault: str) -> bool:
        """Do it to a worker; False for one that is asleep or gone: then nothing was done."""
        process = self.processes[number]
        if number in self._asleep_until or process.poll() is not None:
            return False
        if fault == "SIGSTOP":
            process.send_signal(signal.SIGSTOP)
            self._asleep_until[number] = time.monotonic() + _ASLEEP_SECONDS
            return True
        process.send_signal(signal.SIGTERM if fault == "SIGTERM" else signal.SIGKILL)
        process.wait(40)
        if fault == "lost disk":
            shutil.rmtree(self._folder / f"worker-{number}", ignore_errors=True)
        return True

    @property
    def asleep(self) -> bool:
        return bool(self._asleep_until)

    def finish(self) -> list[int | None]:
        """SIGTERM to all; their exit codes, None for one that took longer than the promised 30 s and was killed."""
        for process in self.processes:
            process.terminate()
        return [_end_of(process) for process in self.processes]


def _end_of(process: subprocess.Popen[bytes]) -> int | None:
    try:
        return process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        return None
