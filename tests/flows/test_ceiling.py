"""What the votes could tell: on votes whose best reading is known."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from flows.artifacts import ArtifactError, Paths, write_probabilities, write_table, write_votes
from flows.ceiling import compared, main
from metal.label_matrix import LabelMatrix
from metal.tasks import TaskGraph
from tests.local_imports import ROOT

TASKS = TaskGraph.single("spam", ("no", "yes"))
ROWS = 200


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    """The first source is right, the other two copy each other and are right on every other row; train has no gold of
    the last 50 rows."""
    paths = Paths(tmp_path, "invented")
    truth = np.random.default_rng(0).integers(1, 3, size=ROWS)
    copy = np.where(np.arange(ROWS) % 2 == 0, truth, 3 - truth)
    votes = LabelMatrix.from_array(np.stack([truth, copy, copy], axis=1), TASKS)
    ids = [f"mail{i}" for i in range(ROWS)]
    write_votes(paths.votes("train"), ids, votes)
    write_table(
        pd.DataFrame({"id": ids[:150], "spam": [("no", "yes")[y - 1] for y in truth[:150]]}), paths.gold("train")
    )
    believed = np.stack([copy == 1, copy == 2], axis=1).astype(np.float64)
    write_probabilities(paths.labels("majority_vote") / "train.parquet", ids, believed, np.ones(ROWS, bool), TASKS)
    return paths


def test_with_gold_a_regression_finds_the_source_that_copies_outvote(paths: Paths) -> None:
    assert compared(paths, ["majority_vote"]) == [("Majority vote", 0.5), ("Logistic regression with gold", 1.0)]


def test_without_enough_gold_nothing_is_said(paths: Paths) -> None:
    write_table(pd.DataFrame({"id": ["mail0"], "spam": ["no"]}), paths.gold("train"))

    with pytest.raises(ArtifactError, match=r"gold of 1 examples; a ceiling needs at least 10"):
        compared(paths, ["majority_vote"])


def test_an_application_that_params_does_not_have_is_named_with_those_it_has(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["ceiling", "--application", "nope", "--root", str(ROOT)])

    with pytest.raises(SystemExit) as ended:
        main()

    assert ended.value.code == 1
    assert "--application='nope' is not known; choose one of ['report']" in capsys.readouterr().err
