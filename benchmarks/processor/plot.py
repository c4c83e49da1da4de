"""Draws results/processor.json: `python plot.py FIGURES PNG`, in the benchmark's own environment."""

# mypy: ignore-errors
import json
import sys
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")
from matplotlib import pyplot as plt

OURS = "#1a6e8e"
OTHERS = "#b9c2c9"


def draw(figures: list[dict], file: Path) -> None:
    """Bars of events per CPU second, the largest on top."""
    bars = {f["name"]: f["value"] for f in figures if f["metric"] == "events_per_cpu_second" and "," not in f["name"]}
    names = sorted(bars, key=bars.get)
    fig, axes = plt.subplots(figsize=(7.5, 0.42 * len(names) + 0.9), dpi=110)
    drawn = axes.barh(
        names, [bars[n] for n in names], color=[OURS if n.startswith("rumstream") else OTHERS for n in names]
    )
    axes.bar_label(drawn, [f"{bars[n]:,.0f}" for n in names], padding=4, fontsize=9)
    axes.set_xlim(0, max(bars.values()) * 1.15)
    axes.set_title("Events per CPU second, the same events", loc="left", fontsize=10)
    axes.spines[["top", "right", "bottom"]].set_visible(False)
    axes.xaxis.set_visible(False)
    fig.tight_layout()
    fig.savefig(file)


if __name__ == "__main__":
    draw(json.loads(Path(sys.argv[1]).read_text()), Path(sys.argv[2]))
