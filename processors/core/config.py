"""What the core is told once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True)
class CoreConfig:
    """Frozen rules of one lane; times in ms.

    ``lane`` carries the generation (schemas.lanes.lane_id). A session ends after ``gap_ms`` without an event or
    ``session_max_ms`` after it was opened. A window can be changed for the longest session plus ``extra_ms``.
    ``sample_rate`` is the share of sessions whose raw events are kept, ``sample_rates`` that of the sites (by id) that
    have their own; ``held_lines`` bounds what is held back of a session that is not. The other four bound what a site
    can make this lane remember of a window (see core/caps.py).
    """

    lane: int
    generation: int = 1
    window_ms: int = 60_000
    gap_ms: int = 1_800_000
    session_max_ms: int = 14_400_000
    extra_ms: int = 600_000
    sample_rate: float = 1.0
    sample_rates: Mapping[str, float] = field(default_factory=dict, hash=False)
    held_lines: int = 32
    routes_per_site: int = 1_000
    names_per_site: int = 1_000
    releases_per_site: int = 100
    series_per_window: int = 20_000

    def __post_init__(self) -> None:
        """Refuse what can't work.

        Raises:
            ValueError: a window outside 1 s to 1 h, a rate outside (0, 1], or a gap longer than a session.
        """
        if not 1_000 <= self.window_ms <= 3_600_000:
            raise ValueError(f"window of {self.window_ms} ms: must be from 1 s to 1 h")
        for rate in (self.sample_rate, *self.sample_rates.values()):
            if not 0 < rate <= 1:
                raise ValueError(f"sample rate {rate}: must be above 0 and at most 1")
        if not 0 < self.gap_ms <= self.session_max_ms:
            raise ValueError(f"inactivity gap of {self.gap_ms} ms: must be above 0 and at most the longest session")
        object.__setattr__(self, "sample_rates", MappingProxyType(dict(self.sample_rates)))

    @property
    def lateness_ms(self) -> int:
        """How long after its end a window, and after its last event a session, can still be changed."""
        return self.session_max_ms + self.extra_ms
