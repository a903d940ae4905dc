"""Figures of the report as inline SVG: the same bytes for the same numbers, in colours of the page's theme.

Matplotlib draws with stand-in colours that are then replaced by CSS variables of the page, so that one drawing suits
both themes. Text stays text: it can be read aloud, searched and selected.
"""

from __future__ import annotations

import io
import math
import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from flows.comparison import NAMES, Comparison, in_order

# Stand-in colours: arbitrary, but nothing else draws with them.
INK, FAINT, SURFACE, ACCENT, SOFT, BAD = "#010101", "#020202", "#030303", "#040404", "#090909", "#0b0b0b"
SERIES: Mapping[str, str] = {
    "gold_dev": "#050505",
    "majority_vote": "#060606",
    "weighted_majority": "#0a0a0a",
    "data_programming": "#070707",
    "metal": "#080808",
}
VARIABLES: Mapping[str, str] = {
    INK: "var(--ink)",
    FAINT: "var(--line)",
    SURFACE: "var(--surface)",
    ACCENT: "var(--accent)",
    SOFT: "var(--soft)",
    BAD: "var(--bad)",
    **{color: f"var(--{name.replace('_', '-')})" for name, color in SERIES.items()},
}
STYLE: Any = {  # matplotlib types its settings by a list of all their names
    "svg.fonttype": "none",
    "svg.hashsalt": "metal",
    "font.family": "sans-serif",
    "font.size": 9,
    "text.color": INK,
    "axes.edgecolor": FAINT,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": FAINT,
    "grid.linewidth": 0.5,
    "xtick.color": FAINT,
    "ytick.color": FAINT,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
}


def color_of(supervision: str) -> str:
    """Return the stand-in colour of a supervision."""
    return SERIES.get(supervision, ACCENT)


def canvas(width: float, height: float) -> tuple[Figure, Axes]:
    """Return a figure of the given size in inches with one pair of axes, in the report's style."""
    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.add_subplot()


def svg(figure: Figure, name: str, title: str, description: str) -> str:
    """Return a figure as an inline SVG element, `name` unique on the page; `description` says what there is to see."""
    stream = io.StringIO()
    figure.savefig(stream, format="svg", transparent=True, metadata={"Date": None, "Creator": None, "Type": None})
    text = stream.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    for color, variable in VARIABLES.items():
        text = text.replace(color, variable)
    # Ids are unique within a drawing only, and the page holds many.
    text = re.sub(r'id="([^"]+)"', rf'id="{name}-\1"', text)
    text = re.sub(r"url\(#([^)]+)\)", rf"url(#{name}-\1)", text)
    text = re.sub(r'xlink:href="#([^"]+)"', rf'xlink:href="#{name}-\1"', text)
    text = re.sub(r"font: ([\d.]+)px [^;\"]*", r"font: \1px var(--sans)", text)
    text = "\n".join(line.rstrip() for line in text.splitlines())
    head = re.match(r"<svg[^>]*>", text)
    box = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', text)
    assert head is not None
    assert box is not None
    labels = f"<title>{escape(title)}</title><desc>{escape(description)}</desc>"
    opening = (
        f'<svg class="figure" role="img" aria-label="{escape(title)}. {escape(description)}" '
        f'viewBox="0 0 {box[1]} {box[2]}" width="{float(box[1]) * 4 / 3:.0f}" '
        'xmlns:xlink="http://www.w3.org/1999/xlink">'
    )
    return opening + labels + text[head.end() :]


@mpl.rc_context(STYLE)
def accuracies(comparison: Comparison, application: str, paper: Mapping[str, float]) -> str:
    """Draw end model (dot, interval), label model (diamond) and the paper's number (circle) of every supervision."""
    supervisions = comparison[application]
    names = in_order(supervisions)
    figure, axes = canvas(8, 0.6 * len(names) + 0.75)
    told = []
    for row, name in enumerate(reversed(names)):
        end, label, color = supervisions[name]["end"], supervisions[name].get("label"), color_of(name)
        if end.low is not None and end.high is not None:
            axes.plot(
                [100 * max(0.0, end.low), 100 * min(1.0, end.high)], [row, row], color=color, linewidth=5, alpha=0.35
            )
        axes.plot(100 * end.mean, row, "o", color=color, markersize=8)
        axes.annotate(
            f"{100 * end.mean:.1f}", (100 * end.mean, row), (0, 9), textcoords="offset points", ha="center", color=INK
        )
        if label is not None:
            axes.plot(100 * label.mean, row, "D", color=color, markersize=5, markerfacecolor=SURFACE)
        if name in paper:
            axes.plot(
                100 * paper[name], row, "o", color=SOFT, markersize=7, markerfacecolor="none", markeredgewidth=1.5
            )
        told.append(f"{NAMES.get(name, name)} {100 * end.mean:.1f}")
    axes.plot([], [], "o", color=INK, markersize=7, label="end model, 95% interval")
    axes.plot([], [], "D", color=INK, markersize=5, markerfacecolor=SURFACE, label="label model alone")
    if paper:
        axes.plot([], [], "o", color=SOFT, markersize=7, markerfacecolor="none", label="paper, its own split")
    axes.set_yticks(range(len(names)), [NAMES.get(name, name) for name in reversed(names)])
    axes.set_ylim(-0.6, len(names) - 0.3)
    axes.grid(visible=False, axis="y")
    axes.spines["left"].set_visible(False)
    axes.set_xlabel("test accuracy over whole label vectors, %")
    figure.legend(loc="outside upper left", ncols=3, frameon=False, handletextpad=0.2, columnspacing=1.2)
    return svg(figure, f"{application}-accuracies", "Accuracy of every supervision", "; ".join(reversed(told)))


@mpl.rc_context(STYLE)
def reliability(table: pd.DataFrame, application: str, supervision: str, errors: Mapping[str, float]) -> str:
    """Draw accuracy against confidence for one supervision; `errors` holds the calibration error of each model."""
    figure, axes = canvas(2.6, 3.03)
    axes.plot([0, 100], [0, 100], color=FAINT, linewidth=1, linestyle=(0, (4, 3)))
    largest = table.groupby("model")["count"].transform("sum")
    table = table.assign(share=table["count"] / largest)
    for model, marker, filled in (("label", "D", False), ("end", "o", True)):
        rows = table[(table["model"] == model) & (table["count"] > 0)]
        if rows.empty:
            continue
        x, y, color = 100 * rows["confidence"], 100 * rows["accuracy"], color_of(supervision)
        axes.plot(x, y, color=color, linewidth=1.6 if filled else 1, linestyle="-" if filled else (0, (2, 2)))
        axes.scatter(
            x,
            y,
            s=10 + 160 * rows["share"],
            marker=marker,
            facecolor=color if filled else SURFACE,
            edgecolor=color,
            label=f"{model} model, ECE {100 * errors[model]:.1f}",
            zorder=3,
        )
    axes.set(xlim=(0, 103), ylim=(0, 103), aspect="equal", xlabel="confidence, %", ylabel="right, %")
    axes.set_xticks(range(0, 101, 25))
    axes.set_yticks(range(0, 101, 25))
    figure.set_layout_engine("none")  # panels side by side: the axes in the same place in each, whatever the legend
    axes.set_position((0.19, 0.255, 0.77, 0.66))
    figure.legend(loc="lower left", bbox_to_anchor=(0.12, -0.01), frameon=False, fontsize=8, markerscale=0.7)
    axes.set_title(NAMES.get(supervision, supervision), loc="left", fontsize=9.5, fontweight="bold")
    told = ", ".join(f"{model} model calibration error {100 * error:.1f}%" for model, error in errors.items())
    return svg(figure, f"{application}-reliability-{supervision}", f"Reliability of {supervision}", told)


@mpl.rc_context(STYLE)
def learning_curves(curves: pd.DataFrame, application: str) -> str:
    """Draw the mean training loss over trials by epoch, with the range of all trials behind it."""
    figure, axes = canvas(8, 3)
    for name in in_order(dict.fromkeys(curves["supervision"])):
        by_epoch = curves[curves["supervision"] == name].groupby("epoch")["train_loss"].agg(["mean", "min", "max"])
        epochs = by_epoch.index.to_numpy()
        axes.fill_between(epochs, by_epoch["min"], by_epoch["max"], color=color_of(name), alpha=0.18, linewidth=0)
        axes.plot(epochs, by_epoch["mean"], color=color_of(name), linewidth=1.8, label=NAMES.get(name, name))
    axes.set(xlabel="epoch", ylabel="training loss (nats)")
    axes.set_ylim(bottom=0)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))
    axes.legend(frameon=False)
    last = curves["epoch"].max()
    return svg(figure, f"{application}-curves", "Learning curves", f"Training loss over {last} epochs, mean of trials")


@mpl.rc_context(STYLE)
def estimated_accuracies(sources: pd.DataFrame, application: str, method: str) -> str:
    """Draw each source's estimated accuracy against its accuracy on development gold, with its interval."""
    rows = sources.dropna(subset=["dev_accuracy", f"estimated:{method}"])
    figure, axes = canvas(3.6, 3.6)
    axes.plot([0, 100], [0, 100], color=FAINT, linewidth=1, linestyle=(0, (4, 3)))
    x, y = 100 * rows["dev_accuracy"], 100 * rows[f"estimated:{method}"]
    axes.hlines(y, 100 * rows["dev_low"], 100 * rows["dev_high"], color=ACCENT, linewidth=0.8, alpha=0.35)
    axes.scatter(x, y, s=12 + 90 * rows["coverage"], color=ACCENT, alpha=0.85, linewidth=0)
    low = 5 * math.floor(min(float(x.min()), float(y.min()), 95) / 5)
    axes.set(xlim=(max(low - 5, 0), 102), ylim=(max(low - 5, 0), 102), aspect="equal")
    axes.set(xlabel="right on development gold, %", ylabel="estimated without gold, %")
    gap = float((x - y).abs().mean())
    told = f"{len(rows)} sources; mean distance of estimate and development accuracy {gap:.1f} points"
    return svg(figure, f"{application}-estimates", "Estimated against development accuracy", told)


@mpl.rc_context(STYLE)
def dependencies(graph: Mapping[str, Any], application: str) -> str:
    """Draw the sources on a circle, grouped by the tasks they cover, and their dependencies as chords."""
    order = sorted(graph["sources"], key=lambda source: [graph_position(graph, source), source["name"]])
    names = [source["name"] for source in order]
    groups = list(dict.fromkeys(tuple(source["tasks"]) for source in order))
    angles = {name: math.pi / 2 - 2 * math.pi * i / len(names) for i, name in enumerate(names)}
    figure, axes = canvas(6.4, 6.4)
    colors = [*SERIES.values(), SOFT, ACCENT, INK]
    tied = {name for pair in graph["dependencies"] for name in pair}
    for first, second in graph["dependencies"]:
        ends = np.array([[math.cos(angles[name]), math.sin(angles[name])] for name in (first, second)])
        steps = np.linspace(0, 1, 30)[:, None]
        # A quadratic curve through the middle third of the way to the centre: chords of neighbours stay visible.
        curve = (1 - steps) ** 2 * ends[0] + 2 * steps * (1 - steps) * ends.mean(axis=0) * 0.35 + steps**2 * ends[1]
        axes.plot(curve[:, 0], curve[:, 1], color=ACCENT, linewidth=1.4, alpha=0.8)
    for source in order:
        name, angle = source["name"], angles[source["name"]]
        x, y = math.cos(angle), math.sin(angle)
        color = colors[groups.index(tuple(source["tasks"])) % len(colors)]
        axes.plot(x, y, "o", color=color, markersize=6)
        degrees, right = math.degrees(angle), x >= 0
        axes.text(
            1.06 * x,
            1.06 * y,
            name,
            rotation=degrees if right else degrees + 180,
            rotation_mode="anchor",
            ha="left" if right else "right",
            va="center",
            fontsize=7.5,
            fontweight="bold" if name in tied else "normal",
        )
    for position, group in enumerate(groups):
        axes.plot([], [], "o", color=colors[position % len(colors)], label=" + ".join(group))
    figure.legend(loc="outside lower left", frameon=False, fontsize=8, ncols=2)
    axes.set(xlim=(-1.75, 1.75), ylim=(-1.75, 1.75), aspect="equal")
    axes.set_axis_off()
    pairs = "; ".join(" and ".join(pair) for pair in graph["dependencies"]) or "none"
    return svg(figure, f"{application}-dependencies", "Dependencies between sources", pairs)


def graph_position(graph: Mapping[str, Any], source: Mapping[str, Any]) -> list[int]:
    """Return where a source's tasks stand in the task graph, for sorting."""
    names = [task["name"] for task in graph["tasks"]]
    return [names.index(task) for task in source["tasks"]]


def heat_map(names: Sequence[str], shares: Sequence[Sequence[float]], application: str) -> str:
    """Draw how often two sources contradict each other; each cell says its numbers when pointed at."""
    cell, margin = 15, 168
    size = margin + cell * len(names)
    largest = max((share for row in shares for share in row), default=0.0)
    parts = [
        f'<svg class="figure wide" role="img" aria-label="Share of examples on which two sources contradict '
        f'each other, at most {100 * largest:.1f}%" viewBox="0 0 {size} {size}" width="{size}">',
        "<title>Conflicts between sources</title>",
    ]
    for i, name in enumerate(names):
        at = margin + cell * i
        parts.append(f'<text class="name" x="{margin - 6}" y="{at + cell - 4}" text-anchor="end">{escape(name)}</text>')
        parts.append(
            f'<text class="name" transform="translate({at + cell - 4},{margin - 6}) rotate(-90)">{escape(name)}</text>'
        )
        parts.append(f'<line class="rule" x1="{margin}" x2="{size}" y1="{at}" y2="{at}"/>')
        parts.append(f'<line class="rule" y1="{margin}" y2="{size}" x1="{at}" x2="{at}"/>')
        parts.append(f'<rect class="self" x="{at}" y="{at}" width="{cell}" height="{cell}"/>')
    for i, row in enumerate(shares):
        for j, share in enumerate(row):
            x, y = margin + cell * j, margin + cell * i
            if share > 0 and i != j:
                # The square root makes rare conflicts visible beside frequent ones.
                strength = math.sqrt(share / largest)
                parts.append(
                    f'<rect class="heat" x="{x}" y="{y}" width="{cell}" height="{cell}" '
                    f'fill-opacity="{strength:.3f}"><title>{escape(names[i])} against {escape(names[j])}: '
                    f"{100 * share:.2f}% of examples</title></rect>"
                )
    return "".join([*parts, "</svg>"])
