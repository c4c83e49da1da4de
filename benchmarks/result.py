"""One figure of a benchmark, the file it is kept in, and a table to read."""

import json
from collections.abc import Sequence
from math import ceil
from pathlib import Path
from typing import Final, TypedDict

from rich.console import Console
from rich.table import Table

RESULTS: Final = Path(__file__).parent / "results"


class Figure(TypedDict):
    """What was measured (``name``), which figure of it (``metric``: p50, rss …), and its value in ``unit``."""

    name: str
    metric: str
    value: float
    unit: str


def percentile(values: Sequence[float], q: float) -> float:
    """The nearest rank at q in (0, 1]: the lowest value that is not below a share q of all.

    Raises:
        ValueError: there are no values.
    """
    if not values:
        raise ValueError("no values")
    return sorted(values)[max(1, ceil(q * len(values))) - 1]


def spread(name: str, values: Sequence[float], unit: str = "s") -> list[Figure]:
    """The figures p50, p95, p99, max and n of a series of measurements."""
    figures = [
        Figure(name=name, metric=f"p{round(q * 100)}", value=round(percentile(values, q), 4), unit=unit)
        for q in (0.5, 0.95, 0.99)
    ]
    figures.append(Figure(name=name, metric="max", value=round(max(values), 4), unit=unit))
    figures.append(Figure(name=name, metric="n", value=len(values), unit="probes"))
    return figures


def keep(file: str, figures: Sequence[Figure]) -> Path:
    """Write the figures to ``results/<file>.json``, one a line, so that a diff is readable."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{file}.json"
    path.write_text("[\n" + ",\n".join("  " + json.dumps(f) for f in figures) + "\n]\n")
    return path


def show(title: str, figures: Sequence[Figure]) -> None:
    """Print the figures as a table."""
    table = Table("what", "figure", "value", "unit", title=title, title_justify="left")
    table.columns[2].justify = "right"
    for f in figures:
        table.add_row(f["name"], f["metric"], f"{f['value']:,.3f}".rstrip("0").rstrip("."), f["unit"])
    Console().print(table)
