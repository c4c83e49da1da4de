"""Debian's Firefox, driven by WebDriver BiDi (w3.org/TR/webdriver-bidi), which it speaks by itself."""

import itertools
import json
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from tests.lab.servers import answers_tcp, unused_port, wait_until

_HUGE = 64 * 1024 * 1024


class Tab:
    """The browser's one tab."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._ids = itertools.count(1)
        self._context = ""

    async def command(self, method: str, **params: Any) -> dict[str, Any]:
        """The answer to a command.

        Raises:
            AssertionError: the browser answered with an error.
        """
        number = next(self._ids)
        await self._socket.send_json({"id": number, "method": method, "params": params})
        while True:
            told = await self._socket.receive_json(timeout=60)
            if told.get("id") == number:
                assert told["type"] == "success", told
                result: dict[str, Any] = told["result"]
                return result

    async def begin(self) -> None:
        """Take over the tab that the browser opened."""
        await self.command("session.new", capabilities={})
        tree = await self.command("browsingContext.getTree")
        self._context = tree["contexts"][0]["context"]

    async def goto(self, url: str) -> None:
        """Load a page, and wait for it."""
        await self.command("browsingContext.navigate", context=self._context, url=url, wait="complete")

    async def evaluate(self, expression: str) -> Any:
        """The value of an expression (or of its promise), as JSON has it."""
        told = await self.command(
            "script.evaluate",
            expression=f"(async () => JSON.stringify(await ({expression})))()",
            target={"context": self._context},
            awaitPromise=True,
        )
        assert told["type"] == "success", told
        return json.loads(told["result"].get("value", "null"))

    async def until(self, condition: str) -> None:
        """Wait until a condition holds in the page, looked at frame by frame."""
        await self.evaluate(
            "new Promise((done) => { const look = () => "
            f"({condition}) ? done(true) : requestAnimationFrame(look); look(); }})"
        )

    async def click(self, selector: str) -> None:
        """A real click into the middle of an element."""
        place = f"document.querySelector({json.dumps(selector)})"
        x, y = await self.evaluate(
            f"(({place}).scrollIntoView(), (({{x, y, width, height}}) => [x + width / 2, y + height / 2])"
            f"({place}.getBoundingClientRect()))"
        )
        steps = [
            {"type": "pointerMove", "x": round(x), "y": round(y)},
            {"type": "pointerDown", "button": 0},
            {"type": "pointerUp", "button": 0},
        ]
        mouse = {"type": "pointer", "id": "mouse", "parameters": {"pointerType": "mouse"}, "actions": steps}
        await self.command("input.performActions", context=self._context, actions=[mouse])


@asynccontextmanager
async def in_firefox(profile: Path) -> AsyncIterator[Tab]:
    """A tab of a headless Firefox with a profile of its own."""
    program = shutil.which("firefox-esr") or shutil.which("firefox")
    assert program, "no Firefox: on Debian `apt install firefox-esr`"
    port = unused_port()
    arguments = ["--headless", "--no-remote", "--profile", str(profile), "--remote-debugging-port", str(port)]
    profile.mkdir(exist_ok=True)  # noqa: ASYNC240
    process = subprocess.Popen([program, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: ASYNC220
    try:
        wait_until(lambda: answers_tcp(port), "Firefox", process)
        async with (
            aiohttp.ClientSession() as session,
            session.ws_connect(f"http://127.0.0.1:{port}/session", max_msg_size=_HUGE) as socket,
        ):
            tab = Tab(socket)
            await tab.begin()
            yield tab
    finally:
        process.terminate()
        process.wait(20)
