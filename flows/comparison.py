"""The comparison: accuracy of every supervision with intervals, beside what the paper reports.

Shared by whatever shows it: table1.json, table1.md, the report page and the terminal.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from metal.known_tasks import ALL_TASKS

if TYPE_CHECKING:
    import pandas as pd

NAMES: Mapping[str, str] = {
    "gold_dev": "Gold (dev)",
    "majority_vote": "Majority vote",
    "weighted_majority": "Weighted majority",
    "data_programming": "Data programming",
    "metal": "MeTaL",
}
"""What supervisions are called in front of readers; the rows of the paper's Table 1, and what is put beside them."""

PAPER: Mapping[str, Mapping[str, float]] = {
    "entity": {"gold_dev": 0.637, "majority_vote": 0.769, "data_programming": 0.784, "metal": 0.822},
    "relation": {"gold_dev": 0.284, "majority_vote": 0.439, "data_programming": 0.490, "metal": 0.567},
    "report": {"gold_dev": 0.627, "majority_vote": 0.742, "data_programming": 0.758, "metal": 0.766},
}
"""End-model micro accuracy by application and supervision: Table 1 of Ratner et al., AAAI 2019, on *their* splits.

Their report split is another draw of the same sizes with gold labels of their own; the numbers say how far apart
supervisions were there, not what is to be reached here.
"""


SYNTHETIC = "sample"
"""The name of the corpus that is generated: invented text."""
NO_REAL_TEXT = "Synthetic: measured on invented sentences, which says nothing about real text."


@dataclass(frozen=True)
class Measured:
    """What an application's scores were measured on: the corpus, and the tasks that its gold labels tell."""

    application: str
    corpus: str
    scored: str

    @property
    def synthetic(self) -> bool:
        """Whether the corpus was invented."""
        return self.corpus == SYNTHETIC

    @property
    def title(self) -> str:
        """The application's name, marked where its corpus was invented: "entity (synthetic)"."""
        return f"{self.application} (synthetic)" if self.synthetic else self.application

    @property
    def paper(self) -> Mapping[str, float]:
        """What the paper reports of the application; nothing beside invented text, or scores of fewer tasks."""
        comparable = not self.synthetic and self.scored == ALL_TASKS
        return PAPER.get(self.application, {}) if comparable else {}

    @property
    def over(self) -> str:
        """What accuracy is over: "whole label vectors", or the tasks that are scored."""
        return "whole label vectors" if self.scored == ALL_TASKS else f"the task {self.scored} alone"

    @property
    def remarks(self) -> list[str]:
        """What is to be said wherever the scores are shown."""
        partial = f"Gold labels tell only {self.scored}: every score is of that alone."
        return [NO_REAL_TEXT] * self.synthetic + [partial] * (self.scored != ALL_TASKS)


def measured_on(rows: Iterable[Mapping[Any, Any]]) -> dict[str, Measured]:
    """Return what the scores of each application were measured on, by the rows of results.csv."""
    return {
        str(row["application"]): Measured(str(row["application"]), str(row["corpus"]), str(row["scored"]))
        for row in rows
    }


@dataclass(frozen=True)
class Score:
    """A mean over trials with its 95% interval (None for a single trial), as fractions."""

    mean: float
    low: float | None
    high: float | None
    trials: int


Comparison = dict[str, dict[str, dict[str, Score]]]
"""Application -> supervision -> model ("label", "end") -> score."""


def compare(results: pd.DataFrame, column: str = "micro_accuracy") -> Comparison:
    """Average a column of results.csv over trials. The order is that of the rows of end models."""
    from metal.evaluation import mean_interval

    found: Comparison = {}
    for application in results["application"].unique():
        rows = results[results["application"] == application]
        supervisions = list(rows.loc[rows["model"] == "end", "supervision"].unique())
        found[application] = {}
        for supervision in supervisions:
            found[application][supervision] = {}
            for model in ("label", "end"):
                values = rows.loc[(rows["supervision"] == supervision) & (rows["model"] == model), column]
                if len(values):
                    mean, low, high = mean_interval(values.to_numpy())
                    known = not math.isnan(low)
                    score = Score(mean, low if known else None, high if known else None, len(values))
                    found[application][supervision][model] = score
    return found


def to_json(comparison: Comparison) -> dict[str, Any]:
    """Return a comparison as table1.json holds it: nested, mean, low, high and trials. `low` and `high` may be null."""
    return {
        application: {
            supervision: {model: vars(score) for model, score in models.items()}
            for supervision, models in supervisions.items()
        }
        for application, supervisions in comparison.items()
    }


def from_json(content: Mapping[str, Any]) -> Comparison:
    """Return what `to_json` took."""
    return {
        application: {
            supervision: {model: Score(**score) for model, score in models.items()}
            for supervision, models in supervisions.items()
        }
        for application, supervisions in content.items()
    }


def in_order(supervisions: Mapping[str, Any]) -> list[str]:
    """Return supervisions in the order of the paper's table; ones that it does not have last."""
    known = [name for name in NAMES if name in supervisions]
    return known + [name for name in supervisions if name not in NAMES]


def percent(score: Score | float | None) -> str:
    """Return a score as a percentage with the half width of its interval, `84.0 ± 0.4`; a dash for none.

    An interval that leaves 0 to 100, as Student's t of two or three trials may, is cut there and shown by its ends:
    `84.0 (12.3–100.0)`.
    """
    if score is None:
        return "–"
    if isinstance(score, float):
        return f"{100 * score:.1f}"
    mean = f"{100 * score.mean:.1f}"
    if score.low is None or score.high is None:
        return mean
    if score.low < 0 or score.high > 1:
        return f"{mean} ({100 * max(0.0, score.low):.1f}–{100 * min(1.0, score.high):.1f})"
    return f"{mean} ± {50 * (score.high - score.low):.1f}"


def markdown(comparison: Comparison, measured: Mapping[str, Measured]) -> str:
    """Return table1.md: a table an application, in percent; those on invented text come last."""
    parts = []
    for application in sorted(comparison, key=lambda name: measured[name].synthetic):
        supervisions, on = comparison[application], measured[application]
        paper = on.paper
        trials = max(models["end"].trials for models in supervisions.values())
        lines = [f"## {on.title}", "", *(line for remark in on.remarks for line in (remark, ""))]
        lines += [
            "| Supervision | Label model alone | End model | Paper's end model¹ |",
            "|---|---:|---:|---:|",
        ]
        for name in in_order(supervisions):
            label, end = supervisions[name].get("label"), supervisions[name]["end"]
            row = [NAMES.get(name, name), percent(label), percent(end), percent(paper.get(name))]
            lines.append(f"| {' | '.join(row)} |")
        lines += [
            "",
            f"Micro accuracy over {on.over} on the test split, in percent; mean ± half of the 95% interval "
            f"(Student's t) over {trials} {'trial' if trials == 1 else 'trials'}, or in brackets its ends where it "
            "would leave 0 to 100.",
        ]
        if paper:
            lines.append("¹ Table 1 of Ratner et al. (AAAI 2019), on the paper's own split.")
        parts.append("\n".join(lines))
    return "\n\n".join(parts) + "\n"
