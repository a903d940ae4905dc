"""The paper's section 5 from results: Table 1 with its average, Figures 5 and 6, ablations and sub-task scores.

Applications on invented text (the corpus `sample`) never stand in a table with real ones, nor do those of which gold
labels tell only some tasks with others.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from flows.comparison import NAMES, PAPER, Comparison, Score, compare, in_order, measured_on, percent
from flows.studies import STUDIES
from metal.evaluation import mean_interval
from metal.known_tasks import ALL_TASKS


@dataclass(frozen=True)
class Block:
    """Applications to be compared: on `real` corpora or not, what is `scored`, their names with their corpora."""

    real: bool
    scored: str
    corpora: Mapping[str, str]
    comparison: Comparison

    @property
    def title(self) -> str:
        """What stands above its table."""
        kind = "Real corpora" if self.real else "Synthetic corpora: invented text, for trying things out"
        partial = f"{kind}; gold labels tell only {self.scored}, which alone is scored"
        return kind if self.scored == ALL_TASKS else partial

    @property
    def comparable(self) -> bool:
        """Whether the paper's numbers are of the same thing."""
        return self.real and self.scored == ALL_TASKS


def blocks(results: pd.DataFrame) -> list[Block]:
    """Part results.csv by whether a corpus is real, and by what is scored; real ones first."""
    measured = measured_on(results.to_dict("records")).values()
    kinds = sorted({(on.synthetic, on.scored != ALL_TASKS, on.scored) for on in measured})
    found = []
    for synthetic, _, scored in kinds:
        names = {on.application: on.corpus for on in measured if (on.synthetic, on.scored) == (synthetic, scored)}
        found.append(Block(not synthetic, scored, names, compare(results[results["application"].isin(names)])))
    return found


def table1(block: Block) -> pd.DataFrame:
    """Return end-model accuracy in percent: a row a supervision, a column an application, and their average."""
    supervisions = in_order({name: None for rows in block.comparison.values() for name in rows})
    rows = []
    for supervision in supervisions:
        scores = [block.comparison[name].get(supervision, {}).get("end") for name in block.corpora]
        cells = [percent(score) for score in scores]
        rows.append([NAMES.get(supervision, supervision), *cells, average([s.mean if s else None for s in scores])])
    return averaged(rows, list(block.corpora))


def average(values: Sequence[float | None]) -> str:
    """Return the mean in percent; a dash unless every value is there."""
    known = [value for value in values if value is not None]
    return percent(float(np.mean(known))) if known and len(known) == len(values) else "–"


def papers_table1(block: Block) -> pd.DataFrame:
    """Return the paper's own Table 1 in the same form, for the applications that it has."""
    names = [name for name in block.corpora if name in PAPER]
    rows = [
        [NAMES[s], *(percent(PAPER[name][s]) for name in names), average([PAPER[name][s] for name in names])]
        for s in ("gold_dev", "majority_vote", "data_programming", "metal")
    ]
    return averaged(rows, names)


def averaged(rows: Sequence[Sequence[str]], names: Sequence[str]) -> pd.DataFrame:
    """Return rows of a supervision, its applications' scores and their average; of one application no average."""
    table = pd.DataFrame(rows, columns=["Supervision", *names, "Average"])
    return table if len(names) > 1 else table.drop(columns="Average")


def scaling(results: pd.DataFrame, studies: pd.DataFrame, application: str) -> pd.DataFrame:
    """Return Figure 5: end-model accuracy by the number of unlabeled examples, 0 being gold labels alone.

    Columns n, mean, low, high, trials; sorted by n.
    """
    end = results[(results["application"] == application) & (results["model"] == "end")]
    points: list[tuple[int, pd.Series[float]]] = []
    for supervision in ("gold_dev", "metal"):
        rows = end[end["supervision"] == supervision]
        if len(rows):
            seen = 0 if supervision == "gold_dev" else int(rows["n_train"].iloc[0])
            points.append((seen, rows["micro_accuracy"]))
    for name, rows in studies_of(studies, application, "end").groupby("study"):
        if STUDIES[str(name)].share < 1:
            points.append((int(rows["n_train"].iloc[0]), rows["micro_accuracy"]))
    table = [
        (n, *mean_interval([float(v) for v in values]), len(values)) for n, values in sorted(points, key=lambda p: p[0])
    ]
    return pd.DataFrame(table, columns=["n", "mean", "low", "high", "trials"])


def studies_of(studies: pd.DataFrame, application: str, model: str) -> pd.DataFrame:
    """Return the rows of one application and kind of model."""
    return studies[(studies["application"] == application) & (studies["model"] == model)]


def ablations(
    results: pd.DataFrame, studies: pd.DataFrame, application: str, *, undetermined: Collection[str] = ()
) -> pd.DataFrame:
    """Return every ablation beside MeTaL as configured: accuracies, and what the change costs.

    Columns: study, label (the label model alone), end (mean), difference (end, paired by seed, with `low` and `high`,
    its 95% interval over trials), trials. An `undetermined` study, whose label model the votes do not determine, has
    no number and 0 trials.
    """
    rows = results[(results["application"] == application) & (results["supervision"] == "metal")]
    label = float(rows.loc[rows["model"] == "label", "micro_accuracy"].iloc[0])
    end = rows[rows["model"] == "end"].set_index("seed")["micro_accuracy"]
    mean, _, _ = mean_interval(end.to_numpy())
    table: list[list[object]] = [["MeTaL as configured", label, mean, np.nan, np.nan, np.nan, len(end)]]
    alone = studies_of(studies, application, "label").set_index("study")["micro_accuracy"]
    trained = studies_of(studies, application, "end")
    for name, study in STUDIES.items():
        if name in undetermined:
            table.append([study.title, *[np.nan] * 5, 0])
        own = trained[trained["study"] == name].set_index("seed")["micro_accuracy"]
        if study.share < 1 or not len(own):
            continue
        shared = own.index.intersection(end.index)
        gap = mean_interval((own.loc[shared] - end.loc[shared]).to_numpy(dtype=np.float64))
        table.append([study.title, float(alone[name]), float(own.mean()), *gap, len(shared)])
    return pd.DataFrame(table, columns=["study", "label", "end", "difference", "low", "high", "trials"])


def gains(comparison: Comparison, application: str) -> pd.DataFrame:
    """Return Figure 6: label model alone against the end model it supervised, columns supervision, label, end, gain."""
    rows = []
    for name in in_order(comparison[application]):
        models: Mapping[str, Score] = comparison[application][name]
        if "label" in models:
            label, end = models["label"].mean, models["end"].mean
            rows.append([NAMES.get(name, name), label, end, end - label])
    return pd.DataFrame(rows, columns=["supervision", "label", "end", "gain"])


def subtasks(results: pd.DataFrame, application: str) -> pd.DataFrame:
    """Return the accuracy of every sub-task by supervision, means over trials of end models."""
    rows = results[(results["application"] == application) & (results["model"] == "end")]
    columns = [c for c in rows.columns if c.startswith("task:") and rows[c].notna().any()]
    table = rows.groupby("supervision", sort=False)[columns].mean()
    table = table.loc[in_order({str(name): None for name in table.index})]
    table.index = pd.Index([NAMES.get(str(name), str(name)) for name in table.index], name="Supervision")
    return table.rename(columns=lambda column: column.removeprefix("task:")).reset_index()
