"""Expectations on votes against planted violations, by the names and numbers in their messages."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from flows.artifacts import ArtifactError
from flows.validation_tables import source_table
from metal.application import Application
from metal.label_matrix import LabelSpace
from metal.sources import apply_sources
from metal.tasks import TaskGraph
from tests.flows.small_application import texts, weather
from tests.flows.validated_weather import BOUNDS, outcome, told, voted


def test_sound_votes_meet_every_expectation(tmp_path: Path) -> None:
    validation = outcome(tmp_path)
    assert validation.failures == ()
    # corpus: 7 a split and 1 over the splits; spaces: 2 a split; votes: 5 and 2 a source, a split;
    # rates: 6 on train, 2 on dev and on test
    assert validation.expectations == 7 * 3 + 1 + 2 * 3 + (5 + 2 * 3) * 3 + 6 + 2 + 2
    assert len(validation.findings) == validation.expectations
    assert (tmp_path / "docs" / "index.html").is_file()


def test_rates_by_hand() -> None:
    application = weather()
    table = source_table(_matrix(application)).set_index("source")
    # by five sentences: sun votes on 1 2 3 5, falls on 2 3 4, umbrella on 4 5; sun and umbrella differ on 5
    expected = pd.DataFrame(
        {
            "coverage": [0.8, 0.6, 0.4],
            "abstain_rate": [0.2, 0.4, 0.6],
            "overlap": [0.6, 0.6, 0.4],
            "conflict": [0.2, 0.0, 0.2],
            "overlap_of_votes": [0.75, 1.0, 1.0],
            "conflict_of_votes": [0.25, 0.0, 0.5],
            "polarity": [1.0, 1.0, 1.0],
            "commonest_vote": [0.4, 0.4, 0.4],
        },
        index=["sun", "falls", "umbrella"],
    )
    np.testing.assert_allclose(table[list(expected)].to_numpy(), expected.to_numpy(), atol=1e-12)
    assert table["labels_emitted"].tolist() == [2, 2, 1]


def _matrix(application: Application[str]):  # type: ignore[no-untyped-def]
    examples = [(str(i), text) for i, text in enumerate(texts()["train"]["sentence"])]
    return apply_sources(application.sources, examples, application.tasks)[0]


def test_a_vote_outside_the_label_space(tmp_path: Path) -> None:
    files = voted(weather(), texts())
    files["dev"].frame.loc[[2, 7], "umbrella"] = 3
    (failure,) = outcome(tmp_path, files=files).failures
    assert told(failure) == (
        "source 'umbrella' on split 'dev'",
        "3 at id 22, 27 (2 rows)",
        "none; its labels are 1..1, 0 abstains",
    )
    assert failure.source == "umbrella"
    assert failure.type == "expect_column_values_to_be_in_set"
    assert failure.message() == (
        "[critical] source 'umbrella' on split 'dev': votes outside the source's label space "
        "(expect_column_values_to_be_in_set): observed 3 at id 22, 27 (2 rows), expected none; its labels are 1..1, "
        "0 abstains. Remedy: run the label step again (dvc repro -f label)"
    )


def test_missing_votes(tmp_path: Path) -> None:
    files = voted(weather(), texts())
    frame = files["test"].frame.astype({"sun": "float64"})
    frame.loc[4, "sun"] = np.nan
    files["test"] = replace(files["test"], frame=frame)
    (failure,) = outcome(tmp_path, files=files).failures
    assert told(failure) == ("source 'sun' on split 'test'", "float64", "int8 or int16, none missing")


def test_a_column_that_is_missing(tmp_path: Path) -> None:
    files = voted(weather(), texts())
    files["test"] = replace(files["test"], frame=files["test"].frame.drop(columns="falls"))
    failures = outcome(tmp_path, files=files).failures
    assert ("votes on split 'test'", "id, sun, umbrella", "id and the application's sources, in order") in map(
        told, failures
    )


def test_votes_of_another_run(tmp_path: Path) -> None:
    frames = texts()
    files = voted(weather(), frames)
    frames["dev"] = frames["dev"].assign(id=[*frames["dev"]["id"][:9], "77"])
    (failure,) = outcome(tmp_path, frames=frames, files=files).failures
    assert told(failure) == ("votes on split 'dev'", "'29' against '77' at id 29 (1 rows)", "none")


def test_votes_of_fewer_rows(tmp_path: Path) -> None:
    files = voted(weather(), texts())
    files["dev"] = replace(files["dev"], frame=files["dev"].frame.iloc[:-5])
    (failure,) = outcome(tmp_path, files=files).failures
    assert told(failure) == ("votes on split 'dev'", "5", "10 as in the corpus")


def test_a_label_space_that_is_not_the_sources(tmp_path: Path) -> None:
    files = voted(weather(), texts())
    spaces = list(files["train"].spaces)
    spaces[0] = LabelSpace("sun", ("sky",), (("Wet",), ("Dry",)))
    files["train"] = replace(files["train"], spaces=tuple(spaces))
    failures = outcome(tmp_path, files=files).failures
    assert [failure.subject for failure in failures] == [
        "source 'sun', label 'sky=Wet' on split 'train'",
        "source 'sun', label 'sky=Dry' on split 'train'",
    ]
    assert {failure.observed for failure in failures} == {"False"}


def test_a_label_that_is_no_projection_of_the_feasible_set(tmp_path: Path) -> None:
    files = voted(weather(), texts())
    spaces = list(files["train"].spaces)
    spaces[1] = LabelSpace("falls", ("sky", "wet"), (("Wet", "Rain"), ("Dry", "Snow")))
    files["train"] = replace(files["train"], spaces=tuple(spaces))
    failures = outcome(tmp_path, files=files).failures
    assert told(failures[0]) == (
        "source 'falls', label 'sky=Dry & wet=Snow' on split 'train'",
        "0",
        "at least 1: a label is a projection of the feasible set",
    )


def test_votes_on_another_task_graph(tmp_path: Path) -> None:
    files = voted(weather(), texts())
    files["dev"] = replace(files["dev"], tasks=TaskGraph.single("sky", ("Dry", "Wet")))
    with pytest.raises(ArtifactError, match="votes on split 'dev' were written for the task graph"):
        outcome(tmp_path, files=files)


def test_rows_whose_votes_contradict_each_other(tmp_path: Path) -> None:
    bounds = replace(BOUNDS, max_infeasible_rows=0.19)
    failures = outcome(tmp_path, bounds=bounds).failures
    # one sentence in five: sun, but an umbrella
    assert [told(failure) for failure in failures] == [
        ("votes on split 'train'", "20.00% of rows (4 of 20)", "at most 19.00% of rows"),
        ("votes on split 'dev'", "20.00% of rows (2 of 10)", "at most 19.00% of rows"),
        ("votes on split 'test'", "20.00% of rows (2 of 10)", "at most 19.00% of rows"),
    ]
    assert all("validation.max_infeasible_rows" in failure.remedy for failure in failures)


def test_rows_without_any_vote(tmp_path: Path) -> None:
    frames = texts()
    frames["test"].loc[3, "sentence"] = "a clear night"
    (failure,) = outcome(
        tmp_path, frames=frames, bounds=replace(BOUNDS, max_unvoted_rows=0.05, max_abstain_drift=0.2)
    ).failures
    assert told(failure) == ("votes on split 'test'", "10.00% of rows (1 of 10)", "at most 5.00% of rows")
