"""A page that watches its memory: `POST /api/v1/alerts`."""

from typing import Final

import orjson

from rumstream.simulate.request import JSON
from rumstream.simulate.visit import Message, Talk, Visit

_LIMIT_MB: Final = 2048


def talk(visit: Visit) -> Talk:
    """One alert a page: more than nine tenths of the heap are used."""
    yield None
    for page in visit.pages:
        used = round(visit.sample.uniform(0.9, 1.0) * _LIMIT_MB, 1)
        data = {"usedMemoryMB": used, "limitMB": _LIMIT_MB, "url": page.url}
        yield Message("/api/v1/alerts", JSON, orjson.dumps({"type": "high_memory_usage", "data": data}))
