"""One file a format: (body, request) to beacons and refused events; pure."""

from collections.abc import Callable
from typing import Final

from ingest.draft import Decoded, Request
from ingest.formats import alerts, metrics, react, rum, web_vitals

Decode = Callable[[bytes, Request], Decoded]

ROUTES: Final[dict[str, Decode]] = {
    "/api/v1/rum": rum.decode,
    "/api/v1/metrics": metrics.decode,
    "/api/v1/metrics/react": react.decode,
    "/api/v1/alerts": alerts.decode,
    "/api/v1/vitals": web_vitals.decode,
}
"""Where each format is posted."""
