"""The label model on documents: the sources vote, the label model weighs, and the answer says who voted what."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from metal.application import Application
from metal.label_matrix import ABSTAIN, LabelMatrix
from metal.label_model import LabelModel
from metal.labels_file import VOTED
from metal.serving.documents import VOTES, DocumentError, Scorer, ScorerError, Shown
from metal.sources import SourceError, apply_sources

FEW = 500
"""Documents that sources look at one by one. Evaluating declared sources over columns at once costs the same time for
one document as for a thousand (.1 s for 53 sources), and pays from about here on."""


class LabelScorer(Scorer):
    """An application's sources and the label model that was fitted to their votes.

    on_error : of a source that raises on a document: "raise" refuses the documents, "abstain" takes it for silence
    Raises ScorerError where the model was fitted to other sources than the application has.
    """

    def __init__(
        self, application: Application[Any], columns: Mapping[str, str], model: LabelModel, on_error: str = "raise"
    ) -> None:
        super().__init__(application, columns)
        self.model = model
        self.on_error = on_error
        spaces = tuple(source.space(application.tasks) for source in application.sources)
        fitted = tuple(model.state()[1]["spaces"])
        if fitted != tuple(space.to_dict() for space in spaces):
            raise ScorerError(
                f"the label model was fitted to {len(fitted)} sources that are not the {len(spaces)} of application "
                f"{application.name!r} as they are now; fit it again: dvc repro"
            )

    def votes(self, documents: pd.DataFrame) -> LabelMatrix:
        """Return the sources' votes. Raises DocumentError as `score`."""
        import pyarrow as pa

        rows = self.rows(documents)
        table = pa.Table.from_pylist(rows) if len(rows) > FEW else None
        shown = Shown(rows, "view", self.application.view)
        try:
            found, _ = apply_sources(
                self.application.sources,
                shown,
                self.tasks,
                columns=table,
                on_error=self.on_error,
                recheck_every=0,
            )
        except SourceError as error:
            raise DocumentError(str(error)) from error
        return found

    def score(self, documents: pd.DataFrame) -> pd.DataFrame:
        """Return the answers, and as `votes` which sources voted what; `voted` is false where none did.

        Each vote names its `source`, the `label` it voted ("acuity=Acute, acute=Urgent") and the source's estimated
        `accuracy`, P(vote correct | voted). Sources that kept silent are left out.
        """
        votes = self.votes(documents)
        labels = [
            ["", *(", ".join(f"{t}={x}" for t, x in zip(space.tasks, label, strict=True)) for label in space.labels)]
            for space in votes.spaces
        ]
        reasons = [
            [
                {"source": votes.names[i], "label": labels[i][code], "accuracy": self.model.accuracies_[votes.names[i]]}
                for i, code in enumerate(row)
                if code != ABSTAIN
            ]
            for row in votes.codes.tolist()
        ]
        answers = self.answers(self.model.predict_proba(votes))
        return pd.DataFrame(answers | {VOTED: ~votes.unvoted, VOTES: reasons}, index=documents.index)

    def save(self, folder: Path, corpus: str) -> None:
        """Write what `load` reads."""
        self.model.save(folder)
        self.describe(folder, "label", corpus, {"on_error": self.on_error})

    @classmethod
    def load(
        cls, folder: Path, application: Application[Any], columns: Mapping[str, str], settings: Mapping[str, Any]
    ) -> LabelScorer:
        """Read what `save` wrote."""
        return cls(application, columns, LabelModel.load(folder), settings["on_error"])
