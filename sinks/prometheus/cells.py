"""A cell: what one page (site, route, device) shows of one metric, whatever browser, country or release."""

from dataclasses import dataclass, field
from typing import NamedTuple

from schemas.rollup import RollupRow


class Page(NamedTuple):
    """What the gauges tell apart."""

    site: str
    route: str
    device: str


@dataclass
class Cell:
    """Sums of rollup rows. Weights are integers (1000 = 1.0), so that taking a row back leaves no residue."""

    weight: int = 0
    good: int = 0
    needs_improvement: int = 0
    poor: int = 0
    zeros: int = 0
    buckets: dict[int, int] = field(default_factory=dict)

    def add(self, other: "Cell | RollupRow", sign: int = 1) -> None:
        """Put a row or another cell in; with sign -1 take it out. Cost: one step a bucket."""
        self.weight += sign * other.weight
        self.good += sign * other.good
        self.needs_improvement += sign * other.needs_improvement
        self.poor += sign * other.poor
        self.zeros += sign * other.zeros
        for key, weight in other.buckets.items():
            left = self.buckets.get(key, 0) + sign * weight
            if left:
                self.buckets[key] = left
            else:
                self.buckets.pop(key, None)

    @property
    def rated(self) -> int:
        """The weight that has a rating."""
        return self.good + self.needs_improvement + self.poor

    @property
    def measured(self) -> bool:
        """Whether there is anything to take a quantile of."""
        return bool(self.zeros or self.buckets)


Cells = dict[Page, dict[str, Cell]]
"""By page, then by metric."""


def cell_of(cells: Cells, page: Page, metric: str) -> Cell:
    """The cell, made when it is not there."""
    return cells.setdefault(page, {}).setdefault(metric, Cell())
