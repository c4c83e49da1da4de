"""Traffic whose outcome is known: the same seed gives the same beacons."""

import random
from collections.abc import Iterator

from schemas.event import Beacon, Event

ROUTES = ("/", "/search", "/product/:id", "/checkout")


def beacons(seed: int, count: int, base_ms: int, step_ms: int = 50) -> Iterator[Beacon]:
    """Beacons of visitors with corrected vitals, errors and retries; event times move on by ``step_ms`` a beacon."""
    draw = random.Random(seed)
    recent: list[Beacon] = []
    for number in range(count):
        at = base_ms + number * step_ms
        visitor = draw.randrange(40)
        page = draw.randrange(3)
        device = "mobile" if visitor % 3 else "desktop"
        events = [
            Event(ts=at - 30, kind="view", metric_id=f"view:{visitor}-{page}", route=ROUTES[page]),
            Event(
                ts=at - draw.randrange(20_000),
                kind="vital",
                name=draw.choice(["LCP", "INP"]),
                value=round(draw.lognormvariate(7, 0.7), 1),
                metric_id=f"v{visitor}-{page}",
                route=ROUTES[page],
            ),
            Event(ts=at, kind="vital", name="CLS", value=draw.choice([0.0, 0.04, 0.3]), metric_id=f"c{visitor}-{page}"),
            Event(ts=at - 5, kind="resource", name="img", value=float(draw.randrange(400)), route=ROUTES[page]),
        ]
        if draw.random() < 0.05:
            events.append(Event(ts=at, kind="error", name="TypeError", route=ROUTES[page]))
        made = Beacon(
            schema=1,
            beacon_id=f"b{number}",
            site="shop",
            session_id=f"visitor-{visitor}",
            received_at=at,
            protocol="rum",
            seq=number,
            device=device,
            weight=draw.choice([1000, 2000]),
            events=events,
        )
        yield made
        recent = [*recent[-20:], made]
        if draw.random() < 0.1:
            yield draw.choice(recent)
