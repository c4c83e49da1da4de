"""The processor's own metrics."""

from typing import Final

from schemas import metric_catalogue as names
from schemas.instruments import counter, gauge, histogram

EVENTS: Final = counter(names.PROCESSOR_EVENTS)
BLOCKS: Final = counter(names.PROCESSOR_BLOCKS)
DEAD_LETTERS: Final = counter(names.PROCESSOR_DEAD_LETTERS)
CHECKPOINTS: Final = counter(names.PROCESSOR_CHECKPOINTS)
CHECKPOINT_SECONDS: Final = histogram(names.PROCESSOR_CHECKPOINT_SECONDS)
RECOVERY_SECONDS: Final = histogram(names.PROCESSOR_RECOVERY_SECONDS)
LAG_BLOCKS: Final = gauge(names.PROCESSOR_LAG_BLOCKS)
WATERMARK: Final = gauge(names.PROCESSOR_WATERMARK)
LANES: Final = gauge(names.PROCESSOR_LANES)
LOST_BLOCKS: Final = counter(names.PROCESSOR_LOST_BLOCKS)
HALTED: Final = gauge(names.PROCESSOR_HALTED)
UNTRACKED: Final = counter(names.PROCESSOR_UNTRACKED)
