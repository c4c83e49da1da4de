"""Settings of a processor worker."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from processors.core.config import CoreConfig
from schemas.lanes import lane_id


@dataclass(frozen=True)
class ProcessorConfig:
    """Where a worker reads and writes, and its rules. Times in seconds.

    ``data`` is the folder of the local stores, one worker's alone. ``checkpoint_events`` and
    ``checkpoint_bytes`` close a checkpoint early.
    ``sample_rates`` are those of sites, by id, that have their own.
    ``emission_s`` is how often changed rows go out. ``session_timeout_s`` is how long a silent worker keeps its lanes.
    A lane stops when more than ``bad_share`` of at least its last ``bad_share_lines`` lines was refused.
    """

    bootstrap: str
    data: Path
    lanes: int = 4
    generation: int = 1
    app_id: str = "rumstream"
    worker_id: str = "0"
    window_seconds: int = 60
    emission_s: float = 1.0
    checkpoint_s: float = 1.0
    checkpoint_events: int = 100_000
    checkpoint_bytes: int = 32 * 1024 * 1024
    session_gap_s: int = 1_800
    session_max_s: int = 14_400
    lateness_extra_s: int = 600
    sample_rate: float = 1.0
    sample_rates: Mapping[str, float] = field(default_factory=dict, hash=False)
    bad_share: float = 0.5
    bad_share_lines: int = 1_000
    session_timeout_s: float = 10.0
    metrics_port: int = 0

    def core(self, partition: int) -> CoreConfig:
        """The frozen rules of one lane."""
        return CoreConfig(
            lane=lane_id(self.generation, partition),
            generation=self.generation,
            window_ms=self.window_seconds * 1000,
            gap_ms=self.session_gap_s * 1000,
            session_max_ms=self.session_max_s * 1000,
            extra_ms=self.lateness_extra_s * 1000,
            sample_rate=self.sample_rate,
            sample_rates=self.sample_rates,
        )

    def transactional_id(self, partition: int) -> str:
        """Whoever starts a producer under it last owns the lane; all others are fenced."""
        return f"{self.app_id}-{self.generation}-lane-{partition}"

    def store_path(self, partition: int) -> Path:
        """Folder of a lane's local store."""
        return self.data / f"g{self.generation}" / f"lane-{partition}"
