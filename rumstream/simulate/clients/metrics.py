"""A page that sends one metric a request: `POST /api/v1/metrics`."""

from datetime import UTC, datetime

import orjson

from rumstream.simulate.page import Page
from rumstream.simulate.request import JSON
from rumstream.simulate.visit import Message, Talk, Visit


def talk(visit: Visit) -> Talk:
    """Each report of each vital; LCP and CLS again as they grow, without ids."""
    now = yield None
    for page in visit.pages:
        for vital in (*page.early, *page.late):
            for value in vital.values:
                now = yield _message(visit, page, vital.name, value, now)


def _message(visit: Visit, page: Page, name: str, value: float, now: int) -> Message:
    at = datetime.fromtimestamp(now / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    body = {
        "metric": name.lower(),
        "value": value,
        "timestamp": at,
        "url": page.url,
        "userAgent": visit.visitor.user_agent,
    }
    return Message("/api/v1/metrics", JSON, orjson.dumps(body))
