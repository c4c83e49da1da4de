"""How each accepted client tells of a visit: one file a shape, the same shapes that `ingest.formats` reads."""

from collections.abc import Callable, Mapping
from typing import Final

from rumstream.simulate.clients import alerts, metrics, plain, react, rum, web_vitals
from rumstream.simulate.visit import Talk, Visit
from rumstream.simulate.visitor import Client

CLIENTS: Final[Mapping[Client, Callable[[Visit], Talk]]] = {
    "rum": rum.talk,
    "web-vitals": web_vitals.talk,
    "metrics": metrics.talk,
    "plain": plain.talk,
    "react": react.talk,
    "alerts": alerts.talk,
}
