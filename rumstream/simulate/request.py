"""One HTTP request of a simulated browser."""

from dataclasses import dataclass
from typing import Final

from rumstream.simulate.page import SITE

TEXT: Final = "text/plain;charset=UTF-8"
JSON: Final = "application/json"


@dataclass(frozen=True)
class Request:
    """A beacon ready to be sent: POST ``body`` to ``path`` at ``due_ms`` (ms since the epoch)."""

    due_ms: int
    path: str
    content_type: str
    user_agent: str
    body: bytes

    @property
    def headers(self) -> dict[str, str]:
        """What a browser on the shop's page would send."""
        return {"Content-Type": self.content_type, "User-Agent": self.user_agent, "Origin": SITE}
