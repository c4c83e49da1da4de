"""What to simulate, and what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class SimulateConfig:
    """A run: ``rate`` beacons a second for ``minutes``, from ``visitors`` people who come back as long as it lasts.

    ``collector`` is its base URL, ``key`` the site's key (empty: the collector's default site). The same ``seed``
    makes the same beacons, so a second run within a session's life counts as duplicates; None draws one.
    """

    collector: str = "http://127.0.0.1:8000"
    visitors: int = 100
    rate: float = 20.0
    minutes: float = 1.0
    seed: int | None = None
    key: str = ""
    release: str = "simulated"
    environment: str = ""
    concurrency: int = 64
    attempts: int = 3
    timeout_s: float = 10.0

    def __post_init__(self) -> None:
        """Refuse what can't be run.

        Raises:
            ValueError: a number that is not positive; says which.
        """
        for name in ("visitors", "rate", "minutes", "concurrency", "attempts", "timeout_s"):
            if getattr(self, name) <= 0:
                raise ValueError(f"{name} must be more than 0, not {getattr(self, name)}")

    @property
    def beacons(self) -> int:
        """How many beacons the run sends."""
        return max(1, round(self.rate * self.minutes * 60))


@dataclass(frozen=True)
class SimulateResult:
    """Every beacon sent was accepted (2xx), refused by the collector, or undelivered after the last attempt.

    ``refused`` and ``undelivered`` count by reason; ``retries`` are attempts beyond the first; ``seconds`` is
    how long it took.
    """

    seed: int
    sent: int
    accepted: int
    refused: Mapping[str, int] = field(default_factory=dict)
    undelivered: Mapping[str, int] = field(default_factory=dict)
    retries: int = 0
    seconds: float = 0.0

    @property
    def exit_code(self) -> int:
        """0, or 1 when nothing was accepted."""
        return 0 if self.accepted else 1

    @property
    def line(self) -> str:
        """The closing line."""
        refused, undelivered = sum(self.refused.values()), sum(self.undelivered.values())
        reasons = ", ".join(f"{reason} {n}" for reason, n in sorted({**self.refused, **self.undelivered}.items()))
        lost = f" undelivered {undelivered}" if undelivered else ""
        why = f" ({reasons})" if reasons else ""
        pace = f"{self.sent / self.seconds:.1f} beacons/s" if self.seconds else "no time"
        return (
            f"sent {self.sent} accepted {self.accepted} refused {refused}{lost}{why}; "
            f"{self.retries} retries, {pace}, seed {self.seed}"
        )
