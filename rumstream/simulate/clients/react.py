"""React's profiler: `POST /api/v1/metrics/react`."""

from typing import Final

import orjson

from rumstream.simulate.request import JSON
from rumstream.simulate.visit import Message, Talk, Visit

_COMPONENTS: Final = ("ProductList", "Cart", "SearchBox", "Header", "Checkout")


def talk(visit: Visit) -> Talk:
    """A mount of one component a page, then a few updates."""
    now = yield None
    for _ in visit.pages:
        component = visit.sample.choice(_COMPONENTS)
        for phase in (
            "mount",
            *visit.sample.choices(("update", "nested-update"), (9, 1), k=visit.sample.randint(0, 3)),
        ):
            median = 9 if phase == "mount" else 3
            duration = round(median * visit.visitor.slowness * visit.sample.lognormvariate(0, 0.8), 2)
            body = {"componentId": component, "phase": phase, "duration": duration, "timestamp": now}
            now = yield Message("/api/v1/metrics/react", JSON, orjson.dumps(body))
