"""The report: one HTML file that needs no network, made from the results of all applications."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from flows import figures
from flows.comparison import NAMES, Comparison, Measured, Score, in_order, measured_on, percent
from metal.tasks import TaskGraph

PAGES = Path(__file__).parent / "pages"


@dataclass(frozen=True)
class Findings:
    """Everything the report tells of one application: the files of `evaluate`, the gate, the validation.

    The tables are described in `flows.steps.evaluate`; `gate` is the gate's report as text,
    `structure` what it found of dependencies (`flows.steps.gate`).
    """

    application: str
    tasks: TaskGraph
    trials: pd.DataFrame
    intervals: pd.DataFrame
    differences: pd.DataFrame
    confusion: pd.DataFrame
    reliability: pd.DataFrame
    curves: pd.DataFrame
    sources: pd.DataFrame
    conflicts: pd.DataFrame
    label_models: Mapping[str, Any]
    graph: Mapping[str, Any]
    inputs: Mapping[str, str]
    gate: str
    structure: Mapping[str, Any]
    validation: Mapping[str, Any]

    @property
    def measured(self) -> Measured:
        """What the scores were measured on."""
        return measured_on(records(self.trials))[self.application]


def render(findings: list[Findings], comparison: Comparison, configuration: str) -> str:
    """Return the page. `configuration` is params.yaml as text; `comparison` holds the same applications."""
    chapters = [chapter(found, comparison) for found in sorted(findings, key=lambda found: found.measured.synthetic)]
    return page("report.html", chapters=chapters, configuration=configuration)


def page(template: str, **content: Any) -> str:
    """Return a page of flows/pages, filled in, its style that of style.css.

    Text is escaped, and what the template asks for must be there.
    """
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(PAGES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters["percent"] = percent
    environment.filters["number"] = lambda value, digits=1: "–" if pd.isna(value) else f"{value:.{digits}f}"
    environment.filters["share"] = lambda value, digits=1: "–" if pd.isna(value) else f"{100 * value:.{digits}f}"
    environment.filters["points"] = lambda value: "–" if pd.isna(value) else f"{100 * value:+.1f}".replace("-", "−")
    environment.filters["called"] = lambda name: NAMES.get(name, name)
    return environment.get_template(template).render(**content)


def chapter(found: Findings, comparison: Comparison) -> dict[str, Any]:
    """Return what the template shows of one application."""
    name, paper = found.application, found.measured.paper
    supervisions = in_order(comparison[name])
    method = next((m for m in ("metal", "data_programming") if f"estimated:{m}" in found.sources), None)
    return {
        "name": name,
        "title": found.measured.title,
        "corpus": found.measured.corpus,
        "synthetic": found.measured.synthetic,
        "remarks": found.measured.remarks,
        "over": found.measured.over,
        "examples": round(float(found.confusion["count"].sum()) / len(supervisions)),
        "trials": max(models["end"].trials for models in comparison[name].values()),
        "verdict": verdict(comparison[name], found.differences),
        "paper": paper,
        "rows": [score_row(found, comparison[name][supervision], supervision) for supervision in supervisions],
        "columns": [column for column in found.trials.columns if column.startswith("task:")],
        "differences": [row | {"reading": reading(row)} for row in records(found.differences)][::-1],
        "confusions": [confusion(found.confusion, supervision) for supervision in supervisions],
        "label_models": {m: found.label_models[m] for m in in_order(found.label_models)},
        "accuracies": figures.accuracies(comparison, name, paper),
        "reliability": [reliability(found, supervision) for supervision in supervisions],
        "curves": figures.learning_curves(found.curves, name),
        "sources": records(found.sources),
        "outliers": outliers(found.sources, method) if method else [],
        "method": method,
        "estimates": figures.estimated_accuracies(found.sources, name, method) if method else "",
        "conflicts": figures.heat_map(
            list(found.conflicts["source"]), found.conflicts.drop(columns="source").to_numpy().tolist(), name
        ),
        "dependencies": figures.dependencies(found.graph, name),
        "pairs": found.graph["dependencies"],
        "tasks": [
            {"name": task.name, "labels": task.labels, "parent": task.parent, "values": found.tasks.values(task.name)}
            for task in found.tasks.tasks
        ],
        "feasible": list(zip(found.tasks.vector_names, found.tasks.feasible, strict=True)),
        "descriptions": {source["name"]: source["description"] for source in found.graph["sources"]},
        "gate": found.gate,
        "structure": found.structure,
        "validation": found.validation,
        "inputs": found.inputs,
    }


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a table as a list of rows."""
    return [{str(key): value for key, value in row.items()} for row in frame.to_dict(orient="records")]


def outliers(sources: pd.DataFrame, method: str) -> list[dict[str, Any]]:
    """Return the sources whose estimate lies outside the interval of their development accuracy, farthest first."""
    estimate = sources[f"estimated:{method}"]
    outside = sources[(estimate < sources["dev_low"]) | (estimate > sources["dev_high"])]
    distance = (outside[f"estimated:{method}"] - outside["dev_accuracy"]).abs()
    return records(outside.loc[distance.sort_values(ascending=False).index])


def score_row(found: Findings, models: Mapping[str, Score], supervision: str) -> dict[str, Any]:
    """Return a row of the headline table: accuracies, and the means of the other scores of the end model."""
    trials, intervals = found.trials, found.intervals
    end = trials[(trials["supervision"] == supervision) & (trials["model"] == "end")]
    interval = intervals[(intervals["supervision"] == supervision) & (intervals["model"] == "end")].iloc[0]
    means = end.select_dtypes("number").mean()
    return {
        "supervision": supervision,
        "label": models.get("label"),
        "end": models["end"],
        "n_train": int(means["n_train"]),
        "sampling": (float(interval["test_high"]) - float(interval["test_low"])) / 2,
        "means": {str(column): float(value) for column, value in means.items()},
    }


def reliability(found: Findings, supervision: str) -> str:
    """Return the reliability diagram of a supervision; the errors it names are the means of results.csv."""
    rows = found.trials[found.trials["supervision"] == supervision]
    errors = {str(model): float(error) for model, error in rows.groupby("model")["ece"].mean().items()}
    table = found.reliability[found.reliability["supervision"] == supervision]
    return figures.reliability(table, found.application, supervision, errors)


def confusion(counts: pd.DataFrame, supervision: str) -> dict[str, Any]:
    """Return the confusion matrix of a supervision as lists, rows the truth, with each row's total."""
    rows = counts[counts["supervision"] == supervision]
    names = list(dict.fromkeys(rows["gold"]))
    cells = rows["count"].to_numpy().reshape(len(names), len(names)).tolist()  # written truth by truth
    return {"supervision": supervision, "names": names, "cells": cells, "totals": [sum(row) for row in cells]}


def reading(row: Mapping[str, Any]) -> str:
    """Say what a difference and its two intervals allow to conclude."""
    if pd.isna(row["low"]):
        return "a single trial: nothing to conclude"
    over_trials = row["low"] > 0 or row["high"] < 0
    over_examples = row["test_low"] > 0 or row["test_high"] < 0
    if over_trials and over_examples:
        return "a difference"
    if over_trials:
        return "a difference on this test split; another split might not show it"
    return "no difference to be seen"


def verdict(supervisions: Mapping[str, Mapping[str, Score]], differences: pd.DataFrame) -> str:
    """Return the headline: the best end model, and by how much it leads the others, whatever the order is."""
    by_score = sorted(supervisions, key=lambda name: supervisions[name]["end"].mean, reverse=True)
    best = by_score[0]
    score = percent(supervisions[best]["end"])
    text = f"The end model trained on {NAMES.get(best, best)} labels gets {score}% of the test examples right"
    parts = []
    for name in by_score[1:]:
        ahead = differences[(differences["first"] == best) & (differences["second"] == name)]
        behind = differences[(differences["first"] == name) & (differences["second"] == best)]
        sign, rows = (1, ahead) if len(ahead) else (-1, behind)
        if len(rows):
            row = records(rows)[0]
            noise = "a single trial" if pd.isna(row["low"]) else "within the noise of training"
            note = "" if reading(row).startswith("a difference") else f" ({noise})"
            parts.append(f"{100 * sign * row['difference']:.1f} points above {NAMES.get(name, name)}{note}")
    return text + (": " + ", ".join(parts) if parts else "") + "."
