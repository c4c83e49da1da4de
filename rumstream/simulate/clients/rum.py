"""The browser SDK's batch: `POST /api/v1/rum`, version 1."""

from typing import Any

import orjson

from rumstream.simulate.page import Load, Page, Thrown
from rumstream.simulate.request import TEXT
from rumstream.simulate.visit import Message, Talk, Visit

_EARLY_MS = 1_500


def talk(visit: Visit) -> Talk:
    """A beacon soon after each page has loaded, another when it is left."""
    now = yield None
    start, seq = now - _EARLY_MS, 0
    for page in visit.pages:
        started = now - _EARLY_MS
        view = _view(page, started)
        early: list[dict[str, Any]] = [{"t": started, "k": "view", "n": "page_view", "id": page.view_id, "view": 0}]
        early += [_vital(v.name, v.values[0], v.id, now) for v in page.early]
        early += [_load(load, now) for load in page.loads]
        now = yield _beacon(visit, start, seq, now, view, early)
        late = [_vital(v.name, value, v.id, now) for v in page.late for value in v.values]
        late += [_error(thrown, now) for thrown in page.errors]
        now = yield _beacon(visit, start, seq + 1, now, view, late)
        seq += 2


def _beacon(
    visit: Visit, start: int, seq: int, now: int, view: dict[str, Any], events: list[dict[str, Any]]
) -> Message:
    body = {
        "v": 1,
        **({"key": visit.key} if visit.key else {}),
        "beacon_id": visit.new_id(),
        "seq": seq,
        "sent_at": now,
        "session_id": visit.session_id,
        "session_start": start,
        "sample_rate": 1,
        "dropped": {},
        "release": visit.release,
        "environment": visit.environment,
        "views": [view],
        "events": events,
    }
    return Message("/api/v1/rum", TEXT, orjson.dumps(body))


def _view(page: Page, started: int) -> dict[str, Any]:
    referrer = {"referrer": page.referrer} if page.referrer else {}
    return {
        "view_id": page.view_id,
        "url": page.url,
        **referrer,
        "navigation_type": page.navigation_type,
        "started_at": started,
    }


def _vital(name: str, value: float, metric_id: str, now: int) -> dict[str, Any]:
    return {"t": now, "k": "vital", "n": name, "v": value, "id": metric_id, "view": 0}


def _load(load: Load, now: int) -> dict[str, Any]:
    request = load.initiator == "fetch"
    return {
        "t": now,
        "k": "request" if request else "resource",
        "n": "/" + load.url.split("/", 3)[3] if request else load.initiator,
        "v": load.duration,
        "view": 0,
        "a": {"url": load.url, "size": load.size, "status": load.status},
    }


def _error(thrown: Thrown, now: int) -> dict[str, Any]:
    attrs = {"message": thrown.message, "stack": thrown.stack, "source": thrown.source, "line": thrown.line}
    return {"t": now, "k": "error", "n": thrown.name, "view": 0, "a": attrs}
