"""How much the collector holds at once; beyond it new beacons are sent away at once ("slow down", not "bad")."""

from ingest.instruments import INFLIGHT_BYTES
from ingest.refusal import Refusal
from schemas.drop_reasons import DropReason


class Budget:
    """Bytes of bodies being read and of lines not yet acknowledged."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self.used = 0
        INFLIGHT_BYTES.set_function(lambda: self.used)

    def take(self, size: int) -> None:
        """Hold this many bytes more.

        Raises:
            Refusal: OVERLOADED, there is no room; nothing was taken.
        """
        if self.used + size > self._limit:
            raise Refusal(DropReason.OVERLOADED, f"{self.used} of {self._limit} bytes are in flight")
        self.used += size

    def give(self, size: int) -> None:
        """Let go of what was taken."""
        self.used -= size
