"""The tables that the validation looks at: the corpus, the votes and the sources as data frames.

Votes are read as they lie in the file, without the checks of `LabelMatrix`: a code outside a label
space is to be found and named here, not to stop the reading.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from metal.label_matrix import ABSTAIN, LabelMatrix, LabelSpace
from metal.tasks import TaskGraph

TEXT = "(text for the end model)"
CORPUS_ID = "(id in the corpus)"
CONSISTENT = "(feasible vectors left)"
VOTED = "(sources that voted)"


@dataclass(frozen=True)
class VotesFile:
    """One split's votes as written: `frame` has `id` and a column a source; `spaces`, `tasks` its metadata."""

    frame: pd.DataFrame
    spaces: tuple[LabelSpace, ...]
    tasks: TaskGraph


def corpus_table(frame: pd.DataFrame, text: Callable[[Mapping[str, Any]], str]) -> pd.DataFrame:
    """Return the split's columns and what the end model would read, missing where that is blank."""
    texts = [text({str(key): value for key, value in row.items()}) for row in frame.to_dict("records")]
    return frame.assign(**{TEXT: pd.array([value if value.strip() else None for value in texts], dtype="str")})


def split_table(texts: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return one row for each id of each split, columns `id` and `split`."""
    parts = [pd.DataFrame({"id": frame["id"].dropna().unique(), "split": split}) for split, frame in texts.items()]
    return pd.concat(parts, ignore_index=True)


def label_matrix(votes: VotesFile, spaces: Sequence[LabelSpace], tasks: TaskGraph) -> LabelMatrix:
    """Return the votes that are in their label space as a label matrix; any other code, or none, abstains."""
    codes = np.zeros((len(votes.frame), len(spaces)), dtype=np.int16)
    for column, space in enumerate(spaces):
        if space.name in votes.frame:
            values = pd.to_numeric(votes.frame[space.name], errors="coerce").to_numpy(dtype=np.float64)
            valid = np.isin(values, np.arange(1, len(space.labels) + 1))
            codes[valid, column] = values[valid].astype(np.int16)
    return LabelMatrix(codes, spaces, tasks)


def votes_table(votes: VotesFile, matrix: LabelMatrix, corpus_ids: pd.Series[str]) -> pd.DataFrame:
    """Return the votes of a split beside the corpus's ids, with two counts a row.

    `CONSISTENT` counts the feasible vectors that agree with all votes of the row (0: the votes contradict
    each other), `VOTED` the sources that did not abstain.
    """
    left = np.ones((len(matrix), len(matrix.tasks.feasible)), dtype=bool)
    for column in range(len(matrix.spaces)):
        left &= matrix.allowed(column)[matrix.codes[:, column]]
    return votes.frame.assign(
        **{
            CORPUS_ID: corpus_ids.reset_index(drop=True).reindex(votes.frame.index),
            CONSISTENT: left.sum(axis=1),
            VOTED: (matrix.codes != ABSTAIN).sum(axis=1),
        }
    )


def space_table(votes: VotesFile, declared: Sequence[LabelSpace], tasks: TaskGraph) -> pd.DataFrame:
    """Return one row for each label of each source in the file's metadata.

    `feasible_vectors` counts the vectors of F that the label stands for (0: no projection of F);
    `declared` says whether the application declares this label under this code.
    """
    by_name = {space.name: space for space in declared}
    rows = []
    for space in votes.spaces:
        own = by_name.get(space.name)
        for code, label in enumerate(space.labels, start=1):
            known = set(space.tasks) <= set(tasks.names)
            same = own is not None and own.tasks == space.tasks and own.labels[code - 1 : code] == (label,)
            rows.append(
                {
                    "source": space.name,
                    "code": code,
                    "label": " & ".join(f"{task}={value}" for task, value in zip(space.tasks, label, strict=True)),
                    "feasible_vectors": int(tasks.event(space.tasks, label).sum()) if known else 0,
                    "declared": same,
                }
            )
    return pd.DataFrame(rows, columns=["source", "code", "label", "feasible_vectors", "declared"])


def source_table(matrix: LabelMatrix, train: LabelMatrix | None = None) -> pd.DataFrame:
    """Return one row a source with its rates on a split.

    coverage, overlap, conflict : shares of rows (it votes; another votes too; it contradicts another)
    abstain_rate : 1 - coverage
    overlap_of_votes, conflict_of_votes : overlap and conflict as shares of its votes; missing if it never votes
    labels_declared, labels_emitted, polarity : labels it may emit, emits here, and emitted / declared (missing
        if it never votes)
    commonest_vote : share of rows that get its commonest vote; 1 is a constant source
    abstain_drift : |abstain_rate - that on `train`|; only with `train`
    """
    coverage, overlap, conflict = matrix.coverage(), matrix.overlap(), matrix.conflict()
    votes = np.where(coverage > 0, coverage, np.nan)
    counts = [
        np.bincount(matrix.codes[:, column], minlength=len(space.labels) + 1)[1:]
        for column, space in enumerate(matrix.spaces)
    ]
    declared = np.array([len(space.labels) for space in matrix.spaces], dtype=np.int64)
    emitted = np.array([int((count > 0).sum()) for count in counts], dtype=np.int64)
    table = pd.DataFrame(
        {
            "source": list(matrix.names),
            "tasks": [", ".join(space.tasks) for space in matrix.spaces],
            "coverage": coverage,
            "abstain_rate": 1.0 - coverage,
            "overlap": overlap,
            "conflict": conflict,
            "overlap_of_votes": overlap / votes,
            "conflict_of_votes": conflict / votes,
            "labels_declared": declared,
            "labels_emitted": emitted,
            "polarity": np.where(coverage > 0, emitted / declared, np.nan),
            "commonest_vote": [count.max() / max(len(matrix), 1) for count in counts],
        }
    )
    if train is not None:
        table = table.assign(abstain_drift=np.abs(coverage - train.coverage()))
    return table.round(12)  # a difference of .1 is not to pass for more than .1
