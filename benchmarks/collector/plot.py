"""Draws results/collector.json: `python plot.py FIGURES PNG`, in the benchmark's own environment."""

# mypy: ignore-errors
import json
import sys
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")
from matplotlib import pyplot as plt

COLOURS = {"rumstream": "#1a6e8e", "otel-collector": "#d08c2f", "fastapi-plain": "#9aa5ac"}


def draw(figures: list[dict], file: Path) -> None:
    """p99 over what is offered, a line a subject; beacons per CPU second in the legend."""
    fig, axes = plt.subplots(figsize=(7.5, 4), dpi=110)
    for name in dict.fromkeys(f["name"] for f in figures):
        of = {f["metric"]: f["value"] for f in figures if f["name"] == name}
        shares = sorted(m.removeprefix("offered_at_") for m in of if m.startswith("offered_at_"))
        offered = [of[f"offered_at_{share}"] for share in shares]
        p99 = [of["p99_ms" if share == "70%" else f"p99_at_{share}_ms"] for share in shares]
        label = f"{name}: {of['beacons_per_cpu_second']:,.0f} beacons a CPU second"
        points = [*offered, of["beacons_per_second"]], [*p99, of["p99_saturated_ms"]]
        axes.plot(*points, marker="o", color=COLOURS[name], label=label)
    axes.set_yscale("log")
    axes.set_xlabel("beacons a second")
    axes.set_title("p99 in ms, at 30, 50, 70, 85 and 100 % of saturation", loc="left", fontsize=10)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, fontsize=9)
    fig.tight_layout()
    fig.savefig(file)


if __name__ == "__main__":
    draw(json.loads(Path(sys.argv[1]).read_text()), Path(sys.argv[2]))
