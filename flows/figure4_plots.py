"""The figures of `metal.experiments`, each complete in itself: SVG for pages, PNG for `dvc plots`.

The same bytes for the same numbers. Bands are 95% intervals of the mean over trials.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from metal.experiments.error import BOUND
from metal.experiments.error import ESTIMATORS as ERROR_LINES
from metal.experiments.estimators import ESTIMATORS, MAJORITY, SETTINGS
from metal.experiments.structure import METHODS, SHAPES

Tables = Mapping[str, pd.DataFrame]

BLUE, ORANGE, GREEN, GRAY, INK, LINE = "#2457b8", "#c2571a", "#00806a", "#6f7680", "#1c1f23", "#d5d9de"
COLORS = {"algorithm1": ORANGE, "wls": GREEN, "mle": BLUE, "map": "#7a3fa0", MAJORITY: GRAY, BOUND: INK}
STYLE: Any = {  # matplotlib types its settings by a list of all their names
    "svg.fonttype": "none",
    "svg.hashsalt": "metal",
    "font.family": "sans-serif",
    "font.size": 9.5,
    "axes.titlesize": 10.5,
    "axes.titlelocation": "left",
    "axes.titleweight": "bold",
    "axes.edgecolor": GRAY,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": LINE,
    "grid.linewidth": 0.6,
    "xtick.major.size": 3,
    "ytick.major.size": 3,
    "legend.frameon": False,
    "legend.fontsize": 8.5,
    "lines.linewidth": 1.6,
    "lines.markersize": 4.5,
}
RESOLUTION = 150
"""Dots an inch of the PNG."""


def saved(figure: Figure) -> tuple[str, bytes]:
    """Return a figure as SVG text and PNG bytes."""
    with mpl.rc_context(STYLE):
        vector, pixels = io.StringIO(), io.BytesIO()
        figure.savefig(vector, format="svg", metadata={"Date": None, "Creator": None})
        figure.savefig(pixels, format="png", dpi=RESOLUTION, metadata={"Software": None})
    # Named fonts that another machine may lack change the width of the text: let it take its own sans-serif.
    text = re.sub(r"font: ([^;\"']*?px) [^;\"]*", r"font: \1 sans-serif", vector.getvalue())
    return "\n".join(line.rstrip() for line in text.splitlines()) + "\n", pixels.getvalue()


def canvas(columns: int, width: float, height: float) -> tuple[Figure, list[Axes]]:
    """Return a figure with axes side by side; `width` and `height` in inches."""
    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, list(np.atleast_1d(figure.subplots(1, columns)))


def lines_of(table: pd.DataFrame, x: str, y: str) -> dict[str, pd.DataFrame]:
    """Return the rows of each line of a curve, in order of `x`."""
    return {str(run): rows.sort_values(x) for run, rows in table[["run", x, y, "low", "high"]].groupby("run")}


def draw_line(axes: Axes, rows: pd.DataFrame, x: str, y: str, color: str, style: str = "-o", label: str = "") -> None:
    """Draw a line with its band."""
    axes.plot(rows[x], rows[y], style, color=color, label=label)
    axes.fill_between(rows[x], rows["low"], rows["high"], color=color, alpha=0.15, linewidth=0)


def logarithmic(axes: Axes, sizes: pd.Series, label: str) -> None:
    """Make the x axis a logarithmic one of numbers of rows, a tick for each power of ten."""
    axes.set_xscale("log")
    powers = [10**p for p in range(int(np.floor(np.log10(sizes.min()))), int(np.ceil(np.log10(sizes.max()))) + 1)]
    axes.xaxis.set_major_locator(FixedLocator([p for p in powers if sizes.min() <= p <= sizes.max()]))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    axes.set_xlabel(label)


@mpl.rc_context(STYLE)
def error(curves: Tables, metrics: Mapping[str, float]) -> Figure:
    """Draw the error against n on log-log axes, with the slope of each estimator and the Cramér-Rao bound."""
    figure, [axes] = canvas(1, 6.4, 4.2)
    table = curves["error"]
    lines = lines_of(table, "n", "error")
    for name in ERROR_LINES:
        slope, half = metrics[f"{name}.slope"], (metrics[f"{name}.slope_high"] - metrics[f"{name}.slope_low"]) / 2
        text = f"{name}: slope {slope:.3f} ± {half:.3f}".replace("-", "−")
        draw_line(axes, lines[name], "n", "error", COLORS[name], label=text)
    axes.plot(lines[BOUND]["n"], lines[BOUND]["error"], "--", color=INK, label=f"{BOUND} (slope −1/2)")
    axes.set_yscale("log")
    axes.yaxis.set_major_locator(FixedLocator([0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1]))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    logarithmic(axes, table["n"], "unlabeled examples n")
    axes.set_ylabel("error of the sources' accuracies (RMS)")
    axes.set_title("Error falls like 1/√n")
    axes.legend(loc="upper right")
    return figure


@mpl.rc_context(STYLE)
def dependencies(curves: Tables, metrics: Mapping[str, float]) -> Figure:
    """Draw the accuracies' error and the labels' gap to Bayes against the number of dependencies."""
    figure, panels = canvas(2, 9.2, 3.9)
    for axes, (score, scale) in zip(panels, (("error", 1), ("gap", 100)), strict=True):
        for run, rows in lines_of(curves[score], "edges", score).items():
            name, treatment = run.split(", ")
            scaled = rows.assign(**{key: scale * rows[key] for key in (score, "low", "high")})
            said = "dependencies ignored" if treatment == "naive" else "dependencies declared"
            style = "--s" if treatment == "naive" else "-o"
            draw_line(axes, scaled, "edges", score, COLORS[name], style, f"{name}, {said}")
        axes.set_xlabel("dependencies between sources")
        axes.set_ylim(bottom=0)
    panels[0].set_ylabel("error of the sources' accuracies (RMS)")
    panels[0].set_title("Accuracies of the sources")
    panels[1].set_ylabel("label accuracy below Bayes, points")
    panels[1].set_title("Labels")
    panels[0].legend(loc="lower right", bbox_to_anchor=(1, 0.12))
    return figure


@mpl.rc_context(STYLE)
def runtime(curves: Tables, metrics: Mapping[str, float]) -> Figure:
    """Draw seconds against n on log-log axes; hollow marks are scaled from fewer epochs."""
    figure, [axes] = canvas(1, 7.6, 4.2)
    table = curves["seconds"]
    full = table["epochs"].max()
    styles = {
        "Gibbs, one by one": (ORANGE, "-o"),
        "Gibbs, batches": ("#d9a400", "-o"),
        "mle": (BLUE, "-o"),
        "mle, fit alone": (BLUE, ":o"),
        "wls": (GREEN, "-o"),
        "wls, fit alone": (GREEN, ":o"),
    }
    for run, (color, style) in styles.items():
        rows = table[table["run"] == run].sort_values("n")
        axes.plot(rows["n"], rows["seconds"], style, color=color, label=run)
        scaled = rows[(rows["epochs"] > 0) & (rows["epochs"] < full)]
        axes.plot(scaled["n"], scaled["seconds"], "o", color=color, markerfacecolor="white")
    axes.plot([], [], "o", color=GRAY, markerfacecolor="white", label="scaled from fewer epochs")
    axes.set_yscale("log")
    axes.set_ylabel("seconds to fit, one core")
    logarithmic(axes, table["n"], "unlabeled examples n")
    axes.set_xlim(left=500)
    for sampler in ("Gibbs, one by one", "Gibbs, batches"):
        rows = table[table["run"] == sampler].sort_values("n")
        for n, seconds in zip(rows["n"], rows["seconds"], strict=True):
            ratio = metrics[f"{sampler} / wls.{n}"]
            axes.annotate(
                f"{ratio:,.0f}×", (n, seconds), (0, 6), textcoords="offset points", ha="center", color=GRAY, fontsize=8
            )
    axes.set_title("Runtime")
    axes.annotate(
        "3×: three times as long as wls", (0.98, 0.03), xycoords="axes fraction", ha="right", color=GRAY, fontsize=8
    )
    axes.set_ylim(top=table["seconds"].max() * 4)
    figure.legend(loc="outside right center")
    return figure


@mpl.rc_context(STYLE)
def structure(curves: Tables, metrics: Mapping[str, float]) -> Figure:
    """Draw precision and recall against n, and the labels' gap to Bayes against superfluous dependencies."""
    figure, panels = canvas(3, 11.6, 3.9)
    colors = dict(zip(METHODS, (BLUE, ORANGE), strict=True))
    styles = dict(zip(SHAPES, ("-o", "--s", ":^"), strict=True))
    for axes, score in zip(panels, ("precision", "recall"), strict=False):
        table = curves[score]
        lines = lines_of(table, "n", score)
        for method in METHODS:
            for shape in SHAPES:
                if f"{method}, {shape}" in lines:
                    rows = lines[f"{method}, {shape}"]
                    axes.plot(rows["n"], rows[score], styles[shape], color=colors[method], label=f"{method}, {shape}")
        logarithmic(axes, table["n"], "unlabeled examples n")
        axes.xaxis.set_major_locator(FixedLocator(sorted(table["n"].unique())))
        axes.set_ylim(-0.03, 1.03)
        axes.set_title(f"{score.capitalize()} of suggested dependencies")
    panels[0].legend(loc="lower right")
    table = curves["superfluous"]
    for run, rows in lines_of(table, "superfluous", "gap").items():
        scaled = rows.assign(**{key: 100 * rows[key] for key in ("gap", "low", "high")})
        draw_line(panels[2], scaled, "superfluous", "gap", COLORS[run], "--" if run == MAJORITY else "-o", run)
    panels[2].set_xlabel("superfluous dependencies declared")
    panels[2].set_ylabel("label accuracy below Bayes, points")
    panels[2].set_title("The cost of over-specification")
    panels[2].set_ylim(bottom=0)
    panels[2].legend(loc="upper left")
    return figure


@mpl.rc_context(STYLE)
def estimators(curves: Tables, metrics: Mapping[str, float]) -> Figure:
    """Draw the mean gap to Bayes of every estimator in every setting, as a table of colours."""
    names, settings = [MAJORITY, *ESTIMATORS], list(SETTINGS)
    gaps = curves["gap"].pivot_table(index="setting", columns="run", values="gap").reindex(settings, columns=names)
    values = 100 * gaps.to_numpy()
    figure, [axes] = canvas(1, 8.6, 4.3)
    axes.imshow(np.clip(values, 0.1, 40), cmap="YlOrRd", norm=mpl.colors.LogNorm(0.1, 80), aspect="auto")
    for row, line in enumerate(values):
        for column, value in enumerate(line):
            text = "–" if np.isnan(value) else f"{max(value, 0.0):.1f}" if value > -0.05 else f"−{-value:.1f}"
            best = value <= np.nanmin(line) + 0.1
            axes.text(
                column,
                row,
                text,
                ha="center",
                va="center",
                weight="bold" if best else "normal",
                color="white" if value > 10 else INK,
            )
    axes.set_xticks(range(len(names)), names)
    axes.set_yticks(range(len(settings)), settings)
    axes.tick_params(length=0, top=True, labeltop=True, bottom=False, labelbottom=False)
    axes.grid(visible=False)
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.set_xlabel("label accuracy below Bayes, points; bold: within 0.1 of the best; –: undetermined")
    return figure
