"""Google's web-vitals library alone: `POST /api/v1/vitals`, a Metric or an array of them."""

from typing import Any

import orjson

from rumstream.simulate.page import Page, Vital
from rumstream.simulate.request import JSON, TEXT
from rumstream.simulate.visit import Message, Talk, Visit
from schemas.measures import VITALS, rate


def talk(visit: Visit) -> Talk:
    """Early metrics one by one as a string; the late ones one by one or together, as the page's author chose."""
    yield None
    together = visit.sample.random() < 0.5
    for page in visit.pages:
        for vital in page.early:
            yield _message(TEXT, _metric(page, vital, 0))
        late = [(vital, report) for vital in page.late for report in range(len(vital.values))]
        if together:
            yield _message(JSON, [_metric(page, vital, report) for vital, report in late])
        else:
            for vital, report in late:
                yield _message(TEXT, _metric(page, vital, report))


def _message(content_type: str, body: object) -> Message:
    return Message("/api/v1/vitals", content_type, orjson.dumps(body))


def _metric(page: Page, vital: Vital, report: int) -> dict[str, Any]:
    value = vital.values[report]
    before = vital.values[report - 1] if report else 0.0
    return {
        "name": vital.name,
        "value": value,
        "rating": rate(VITALS[vital.name], value),
        "delta": value - before,
        "entries": [],
        "id": vital.id,
        "navigationType": page.navigation_type,
        "navigationId": 1,
        "navigationURL": page.url,
    }
