"""The plain shape of `POST /api/v1/rum`: a list of typed events, no version."""

from typing import Any

import orjson

from rumstream.simulate.page import Page
from rumstream.simulate.request import JSON
from rumstream.simulate.visit import Message, Talk, Visit


def talk(visit: Visit) -> Talk:
    """A batch a page: its resources, a click, errors, and that it was hidden at the end."""
    now = yield None
    for page in visit.pages:
        events = [_event(visit, page, now, kind, data) for kind, data in _happened(visit, page, now)]
        now = yield Message("/api/v1/rum", JSON, orjson.dumps({"events": events}))


def _happened(visit: Visit, page: Page, now: int) -> list[tuple[str, dict[str, Any]]]:
    happened: list[tuple[str, dict[str, Any]]] = [
        ("resource_timing", {"name": load.url, "duration": load.duration, "size": load.size, "type": load.initiator})
        for load in page.loads
    ]
    if visit.sample.random() < 0.6:
        happened.append(("user_interaction", {"type": "click", "target": "button.buy", "timestamp": now}))
    for thrown in page.errors:
        error = {"message": thrown.message, "source": thrown.source, "line": thrown.line, "column": 9}
        happened.append(("js_error", {**error, "stack": thrown.stack}))
    happened.append(("visibility_change", {"hidden": True, "timestamp": now}))
    return happened


def _event(visit: Visit, page: Page, now: int, kind: str, data: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": kind,
        "sessionId": visit.session_id,
        "userId": f"user-{visit.visitor.number}",
        "timestamp": now,
        "url": page.url,
        "userAgent": visit.visitor.user_agent,
        "data": data,
    }
