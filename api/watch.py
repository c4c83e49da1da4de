"""Count and time every answer by its route's template, so that no path a stranger makes up becomes a label."""

import time
from collections.abc import Awaitable, Callable

from fastapi import Request, Response

from schemas import instruments
from schemas import metric_catalogue as names

_REQUESTS = instruments.counter(names.API_REQUESTS)
_SECONDS = instruments.histogram(names.API_SECONDS)


async def watch(request: Request, answer: Callable[[Request], Awaitable[Response]]) -> Response:
    """A middleware around every route."""
    started = time.perf_counter()
    response = await answer(request)
    route = getattr(request.scope.get("route"), "path", "unmatched")
    _REQUESTS.labels(route, str(response.status_code)).inc()
    _SECONDS.labels(route).observe(time.perf_counter() - started)
    return response
