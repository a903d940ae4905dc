"""Figures 5 and 6 of the paper from results, and the ablations, as inline SVG in the report's style."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pandas as pd

from flows.figures import ACCENT, INK, SERIES, SOFT, STYLE, SURFACE, canvas, svg


@mpl.rc_context(STYLE)
def scaling(table: pd.DataFrame, application: str) -> str:
    """Draw Figure 5: accuracy of the end model against the number of unlabeled examples, with 95% intervals."""
    figure, axes = canvas(4.6, 3.0)
    percent = 100 * table[["mean", "low", "high"]].clip(0, 1)
    place = np.arange(len(table))
    axes.plot(place, percent["mean"], "o-", color=SERIES["metal"], markersize=6)
    known = percent["low"].notna()
    axes.vlines(
        place[known], percent["low"][known], percent["high"][known], color=SERIES["metal"], linewidth=4, alpha=0.35
    )
    for position, value in zip(place, percent["mean"], strict=True):
        axes.annotate(f"{value:.1f}", (position, value), (0, 8), textcoords="offset points", ha="center", color=INK)
    names = ["0\n(gold of dev)" if n == 0 else f"{n:,}" for n in table["n"]]
    axes.set_xticks(place, names)
    axes.margins(x=0.12, y=0.25)
    axes.set_xlabel("unlabeled training examples")
    axes.set_ylabel("test accuracy, %")
    told = "; ".join(f"{n}: {value:.1f}" for n, value in zip(table["n"], percent["mean"], strict=True))
    return svg(figure, f"{application}-scaling", f"{application}: accuracy against unlabeled data", told)


@mpl.rc_context(STYLE)
def gains(table: pd.DataFrame, application: str) -> str:
    """Draw Figure 6: from the label model alone (diamond) to the end model that it supervised (dot)."""
    figure, axes = canvas(4.6, 0.55 * len(table) + 1.0)
    for row, (label, end) in enumerate(zip(100 * table["label"], 100 * table["end"], strict=True)):
        axes.annotate("", (end, row), (label, row), arrowprops={"arrowstyle": "->", "color": SOFT, "linewidth": 1.4})
        axes.plot(label, row, "D", color=ACCENT, markersize=5, markerfacecolor=SURFACE)
        axes.plot(end, row, "o", color=ACCENT, markersize=7)
        axes.annotate(
            f"{end - label:+.1f}", ((label + end) / 2, row), (0, 7), textcoords="offset points", ha="center", color=INK
        )
    axes.set_yticks(range(len(table)), list(table["supervision"]))
    axes.set_ylim(len(table) - 0.4, -0.7)
    axes.margins(x=0.15)
    axes.grid(visible=False, axis="y")
    axes.set_xlabel("test accuracy, %")
    told = "; ".join(f"{n} {g:+.1f}" for n, g in zip(table["supervision"], 100 * table["gain"], strict=True))
    return svg(figure, f"{application}-gains", f"{application}: label model against end model", told)


@mpl.rc_context(STYLE)
def ablations(table: pd.DataFrame, application: str) -> str:
    """Draw what every change costs the end model, in points of accuracy with 95% intervals over trials."""
    changed = table[table["difference"].notna()]
    figure, axes = canvas(6.2, 0.36 * len(changed) + 0.9)
    place = np.arange(len(changed))
    axes.axvline(0, color=SOFT, linewidth=0.9)
    known = changed["low"].notna().to_numpy()
    axes.hlines(
        place[known], 100 * changed["low"][known], 100 * changed["high"][known], color=ACCENT, linewidth=4, alpha=0.35
    )
    axes.plot(100 * changed["difference"], place, "o", color=ACCENT, markersize=6)
    axes.set_yticks(place, list(changed["study"]))
    axes.set_ylim(len(changed) - 0.5, -0.5)
    axes.grid(visible=False, axis="y")
    axes.set_xlabel("change of the end model's test accuracy, points")
    told = "; ".join(f"{n} {d:+.1f}" for n, d in zip(changed["study"], 100 * changed["difference"], strict=True))
    return svg(figure, f"{application}-ablations", f"{application}: one thing changed at a time", told)
