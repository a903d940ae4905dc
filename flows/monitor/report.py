"""The monitor's outcome as JSON, as a table of sources, and as one page that needs no network."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any

import matplotlib as mpl
import pandas as pd
from matplotlib.figure import Figure

from flows import figures
from flows.monitor.check import NO_MODEL, Outcome
from flows.report_page import page, records
from metal.drift import RATES

HEADLINES = {
    "ok": "Nothing has drifted beyond sampling error.",
    "drift": "The new data are not what the models were trained on.",
    "broken": "Sources no longer work on the new data.",
}


def as_json(outcome: Outcome) -> dict[str, Any]:
    """Return everything as plain data; None stands for what is not defined."""
    content = asdict(outcome) | {"verdict": outcome.verdict, "reasons": list(outcome.reasons), "level": outcome.level}
    return dict(_plain(content))


def source_table(outcome: Outcome) -> pd.DataFrame:
    """Return a row a source.

    For every rate RATE: `RATE_train`, `RATE_new`, `RATE_low`, `RATE_high`, `RATE_z`; of the accuracies
    `accuracy_train`, `accuracy_new`, `accuracy_expected`, `accuracy_train_error`, `accuracy_new_error`, `accuracy_z`;
    `drifted`: votes, accuracy, silent or raises where the verdict names the source, else empty.
    """
    rows: dict[str, dict[str, Any]] = {}
    for drift in outcome.rates:
        row = rows.setdefault(drift.source, {"source": drift.source, "drifted": drifted(outcome, drift.source)})
        row |= {f"{drift.rate}_{key}": getattr(drift, key) for key in ("train", "new", "low", "high", "z")}
    for found in outcome.accuracies:
        keys = ("train", "new", "expected", "train_error", "new_error", "z")
        rows[found.source] |= {f"accuracy_{key}": getattr(found, key) for key in keys}
    return pd.DataFrame(list(rows.values()))


def drifted(outcome: Outcome, source: str) -> str:
    """Say how the verdict names a source; empty where it does not."""
    named = {"raises": outcome.failures, "silent": outcome.silent, "votes": outcome.voting, "accuracy": outcome.judging}
    return next((what for what, sources in named.items() if source in sources), "")


def html(outcome: Outcome) -> str:
    """Return the page."""
    table = source_table(outcome)
    beside = sorted({source for source, _ in outcome.checked.failures} - set(outcome.voting))
    return page(
        "monitor.html",
        outcome=outcome,
        headline=HEADLINES[outcome.verdict],
        reasons=outcome.reasons,
        rows=records(table),
        beside=beside,
        rates=RATES,
        figure=drawing(table, bool(outcome.accuracies)),
        no_model=NO_MODEL,
        bootstrap=any(found.expected != found.train for found in outcome.accuracies),
    )


@mpl.rc_context(figures.STYLE)
def drawing(table: pd.DataFrame, accuracies: bool) -> str:
    """Draw every rate of every source: what training leads to expect (bar), what the new data show (dot)."""
    panels = [*RATES, *(["accuracy"] if accuracies else [])]
    figure = Figure(figsize=(2.6 + 1.9 * len(panels), 0.75 + 0.2 * len(table)), layout="constrained")
    axes = figure.subplots(1, len(panels), sharey=True, squeeze=False)[0]
    height = list(range(len(table)))[::-1]
    for panel, name in zip(axes, panels, strict=True):
        for row, source in zip(height, records(table), strict=True):
            low, high = bounds(source, name)
            new = source[f"{name}_new"]
            # A source named for its votes keeps its estimated accuracy's dot, however far that has come from its bar.
            expected = source["drifted"] != "accuracy" if name == "accuracy" else low <= new <= high
            out = bool(source["drifted"]) and not expected
            panel.plot([100 * low, 100 * high], [row, row], color=figures.ACCENT, linewidth=5, alpha=0.3)
            panel.plot(100 * source[f"{name}_train"], row, "|", color=figures.SOFT, markersize=7)
            if not math.isnan(new):
                panel.plot(100 * new, row, "o", color=figures.BAD if out else figures.ACCENT, markersize=5)
        panel.set_title(f"{name}, %", fontsize=9)
        panel.spines["left"].set_visible(False)
        panel.set_ylim(-0.7, len(table) - 0.3)
    axes[0].set_yticks(height, list(table["source"]))
    for label, name in zip(axes[0].get_yticklabels(), table["drifted"], strict=True):
        label.set_color(figures.BAD if name else figures.INK)
    told = ", ".join(table.loc[table["drifted"] != "", "source"]) or "none"
    title = "Vote rates and estimated accuracies of every source, in training and on new data"
    return figures.svg(figure, "sources", title, f"Named by the verdict: {told}.")


def bounds(source: dict[str, Any], name: str) -> tuple[float, float]:
    """Return what a rate was expected between; of an accuracy, two of both standard errors to either side."""
    if name in RATES:
        return source[f"{name}_low"], source[f"{name}_high"]
    half = 2 * math.hypot(source["accuracy_train_error"], source["accuracy_new_error"])
    return max(0.0, source["accuracy_expected"] - half), min(1.0, source["accuracy_expected"] + half)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
