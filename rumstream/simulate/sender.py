"""Sends requests at their time, many at once, and treats answers as the clients it plays do."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable

import aiohttp
from tenacity import AsyncRetrying, RetryCallState, retry_if_result, stop_after_attempt, wait_exponential_jitter

from rumstream.simulate.config import SimulateConfig
from rumstream.simulate.request import Request

_AGAIN = (429, 503)
_BACKOFF = wait_exponential_jitter(initial=1, max=10, jitter=0.2)


class Answer:
    """What came back: ``status`` 0 means nothing did. ``reason`` is empty for a 2xx."""

    def __init__(self, status: int, reason: str = "", retry_after_s: float | None = None) -> None:
        self.status = status
        self.reason = reason
        self.retry_after_s = retry_after_s

    @property
    def again(self) -> bool:
        """Whether a client would try the same beacon again."""
        return self.status == 0 or self.status in _AGAIN


class Tally:
    """The account of a run: sent = accepted + refused + undelivered, once all have ended."""

    def __init__(self) -> None:
        self.sent = 0
        self.accepted = 0
        self.retries = 0
        self.refused: Counter[str] = Counter()
        self.undelivered: Counter[str] = Counter()

    def add(self, answer: Answer) -> None:
        """Count the last answer to a beacon."""
        if 200 <= answer.status < 300:
            self.accepted += 1
        elif answer.status:
            self.refused[answer.reason] += 1
        else:
            self.undelivered[answer.reason] += 1


async def send_all(
    requests: Iterable[Request], config: SimulateConfig, tally: Tally, stop: asyncio.Event, ended: Callable[[], None]
) -> None:
    """Send each request at its time, counted from the first one's; ``ended`` is called after each.

    At most ``config.concurrency`` are on their way: a slow collector slows the run down instead of piling up work.
    ``stop`` ends it early; what is on its way is still waited for.
    """
    room = asyncio.Semaphore(config.concurrency)
    clock = asyncio.get_running_loop().time
    timeout = aiohttp.ClientTimeout(total=config.timeout_s)
    connector = aiohttp.TCPConnector(limit=config.concurrency)
    async with aiohttp.ClientSession(timeout=timeout, connector=connector) as http, asyncio.TaskGroup() as tasks:

        async def one(request: Request) -> None:
            try:
                tally.add(await _deliver(http, config, request, tally))
            finally:
                room.release()
            ended()

        began, first = clock(), None
        for request in requests:
            first = request.due_ms if first is None else first
            await _until(began + (request.due_ms - first) / 1000, clock, stop)
            await room.acquire()
            if stop.is_set():
                return
            tally.sent += 1
            tasks.create_task(one(request))


async def _until(due: float, clock: Callable[[], float], stop: asyncio.Event) -> None:
    if due > clock():
        try:
            await asyncio.wait_for(stop.wait(), due - clock())
        except TimeoutError:
            return


async def _deliver(http: aiohttp.ClientSession, config: SimulateConfig, request: Request, tally: Tally) -> Answer:
    def wait(state: RetryCallState) -> float:
        asked = state.outcome.result().retry_after_s if state.outcome else None
        return min(asked, 10.0) if asked is not None else _BACKOFF(state)

    async def attempt() -> Answer:
        return await _post(http, config, request)

    attempts = AsyncRetrying(
        stop=stop_after_attempt(config.attempts),
        wait=wait,
        retry=retry_if_result(lambda answer: answer.again),
        retry_error_callback=lambda state: state.outcome.result() if state.outcome else None,
    )
    answer: Answer = await attempts(attempt)
    tally.retries += attempts.statistics["attempt_number"] - 1
    return answer


async def _post(http: aiohttp.ClientSession, config: SimulateConfig, request: Request) -> Answer:
    headers = request.headers
    if config.key:
        headers["x-api-key"] = config.key
    try:
        async with http.post(config.collector.rstrip("/") + request.path, data=request.body, headers=headers) as got:
            if got.status < 300:
                return Answer(got.status)
            return Answer(got.status, await _reason(got), _seconds(got.headers.get("Retry-After")))
    except TimeoutError:
        return Answer(0, "timeout")
    except aiohttp.ClientConnectorError:
        return Answer(0, "no connection")
    except aiohttp.ClientError as error:
        return Answer(0, type(error).__name__)


async def _reason(got: aiohttp.ClientResponse) -> str:
    try:
        problem = await got.json(content_type=None)
    except ValueError:
        problem = None
    code = problem.get("code") if isinstance(problem, dict) else None
    return str(code) if code else f"status {got.status}"


def _seconds(retry_after: str | None) -> float | None:
    return float(retry_after) if retry_after and retry_after.isdigit() else None
