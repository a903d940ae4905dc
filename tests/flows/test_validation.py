"""Each kind of expectation against a planted violation, by the names and numbers in its message."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from flows.artifacts import ArtifactError
from flows.config import ValidationParams
from flows.validation import Finding, Validation, validate
from flows.validation_tables import VotesFile, source_table
from metal.application import Application
from metal.label_matrix import LabelSpace
from metal.sources import apply_sources, labeling_function
from metal.tasks import TaskGraph
from tests.flows.small_application import falls, sun, texts, umbrella, weather

BOUNDS = ValidationParams(
    max_empty_text=0.0,
    max_unvoted_rows=0.0,
    max_infeasible_rows=0.25,
    min_coverage=0.01,
    min_abstain_rate=0.0,
    min_overlap=0.5,
    max_conflict=0.6,
    min_polarity=1.0,
    max_abstain_drift=0.1,
)
SIZES = {"train": 20, "dev": 10, "test": 10}


def voted(application: Application[str], frames: dict[str, pd.DataFrame]) -> dict[str, VotesFile]:
    """Return what the label step would write."""
    files = {}
    for split, frame in frames.items():
        examples = [(str(row["id"]), application.view(row)) for row in frame.to_dict("records")]  # type: ignore[arg-type]
        matrix, _ = apply_sources(application.sources, examples, application.tasks)
        table = matrix.frame()
        table.insert(0, "id", [identifier for identifier, _ in examples])
        files[split] = VotesFile(table, matrix.spaces, application.tasks)
    return files


def outcome(
    folder: Path,
    application: Application[str] | None = None,
    frames: dict[str, pd.DataFrame] | None = None,
    files: dict[str, VotesFile] | None = None,
    sizes: dict[str, int] = SIZES,
    bounds: ValidationParams = BOUNDS,
) -> Validation:
    application = weather() if application is None else application
    frames = texts() if frames is None else frames
    files = voted(application, frames) if files is None else files
    return validate(application, frames, files, sizes, bounds, folder / "docs")


def told(finding: Finding) -> tuple[str, str, str]:
    return finding.subject, finding.observed, finding.bound


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


# --- votes ------------------------------------------------------------------------------------------------------------


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


# --- sources ----------------------------------------------------------------------------------------------------------


@labeling_function(tasks="sky", labels=["Wet"])
def fog(view: str) -> str | None:
    """Never vote: no sentence tells of fog."""
    return "Wet" if "fog" in view else None


@labeling_function(tasks="sky", labels=["Dry", "Wet"])
def always(view: str) -> str | None:
    """Vote the same everywhere."""
    return "Wet"


@labeling_function(tasks="sky", labels=["Dry", "Wet"])
def gloomy(view: str) -> str | None:
    """Declare Dry, never vote it."""
    return "Wet" if "rain" in view else None


def test_a_dead_source_is_told_once(tmp_path: Path) -> None:
    (failure,) = outcome(tmp_path, weather(sun, falls, umbrella, fog)).failures
    assert told(failure) == ("source 'fog' on split 'train'", "0", "at least 0.01")
    assert "dead source" in failure.statement


def test_a_dead_source_is_told_without_a_lower_bound(tmp_path: Path) -> None:
    bounds = replace(BOUNDS, min_coverage=0.0)
    (failure,) = outcome(tmp_path, weather(sun, falls, umbrella, fog), bounds=bounds).failures
    assert told(failure) == ("source 'fog' on split 'train'", "0", "above 0")


def test_a_rare_source(tmp_path: Path) -> None:
    (failure,) = outcome(tmp_path, bounds=replace(BOUNDS, min_coverage=0.5)).failures
    assert told(failure) == ("source 'umbrella' on split 'train'", "0.4", "at least 0.5")


def test_a_constant_source(tmp_path: Path) -> None:
    application = weather(sun, falls, umbrella, always)
    bounds = replace(BOUNDS, max_infeasible_rows=0.5, min_polarity=0.5)
    failures = outcome(tmp_path, application, bounds=bounds).failures
    assert [told(failure) for failure in failures] == [
        (f"source 'always' on split {split!r}", "1", "below 1") for split in ("train", "dev", "test")
    ]


def test_a_source_that_hardly_abstains(tmp_path: Path) -> None:
    (failure,) = outcome(tmp_path, bounds=replace(BOUNDS, min_abstain_rate=0.3)).failures
    assert told(failure) == ("source 'sun' on split 'train'", "0.2", "at least 0.3")


def test_a_label_that_is_declared_and_never_emitted(tmp_path: Path) -> None:
    (failure,) = outcome(tmp_path, weather(sun, falls, umbrella, gloomy)).failures
    assert told(failure) == ("source 'gloomy' on split 'train'", "0.5", "at least 1")
    assert "polarity" in failure.statement


def test_a_source_that_votes_alone(tmp_path: Path) -> None:
    (failure,) = outcome(tmp_path, bounds=replace(BOUNDS, min_overlap=0.8)).failures
    # sun votes alone on the first sentence of its four
    assert told(failure) == ("source 'sun' on split 'train'", "0.75", "at least 0.8")


def test_sources_that_conflict(tmp_path: Path) -> None:
    failures = outcome(tmp_path, bounds=replace(BOUNDS, max_conflict=0.2)).failures
    # sun contradicts umbrella on one of its four sentences, umbrella sun on one of its two
    assert [told(failure) for failure in failures] == [
        ("source 'sun' on split 'train'", "0.25", "at most 0.2"),
        ("source 'umbrella' on split 'train'", "0.5", "at most 0.2"),
    ]


def test_abstain_rates_that_drift(tmp_path: Path) -> None:
    frames = texts()
    frames["dev"]["sentence"] = ["rain, an umbrella"] * 9 + ["a day of sun"]
    failures = outcome(tmp_path, frames=frames).failures
    # abstain rates on dev .9, .1, .1; on train .2, .4, .6
    assert [told(failure) for failure in failures] == [
        ("source 'sun' on split 'dev'", "0.7", "at most 0.1"),
        ("source 'falls' on split 'dev'", "0.3", "at most 0.1"),
        ("source 'umbrella' on split 'dev'", "0.5", "at most 0.1"),
    ]


def test_critical_failures_come_before_warnings(tmp_path: Path) -> None:
    failures = outcome(
        tmp_path, weather(sun, falls, umbrella, fog), bounds=replace(BOUNDS, max_infeasible_rows=0.1)
    ).failures
    assert [failure.severity for failure in failures] == ["critical", "warning", "warning", "warning"]
    assert failures[0].source == "fog"


# --- corpus -----------------------------------------------------------------------------------------------------------


def test_a_wrong_number_of_rows(tmp_path: Path) -> None:
    (failure,) = outcome(tmp_path, sizes={**SIZES, "train": 21}).failures
    assert told(failure) == ("split 'train'", "20", "21 as configured")


def test_an_id_in_two_splits(tmp_path: Path) -> None:
    frames = texts()
    frames["dev"].loc[0, "id"] = "7"
    (failure,) = outcome(tmp_path, frames=frames).failures
    assert told(failure) == ("splits train, dev, test", "'7' at split train, dev (2 rows)", "none")
    assert failure.statement == "ids in two splits"


def test_an_id_doubled_in_a_split(tmp_path: Path) -> None:
    frames = texts()
    frames["dev"].loc[0, "id"] = "25"
    (failure,) = outcome(tmp_path, frames=frames).failures
    assert told(failure) == ("split 'dev'", "'25' at id 25, 25 (2 rows)", "none")


def test_a_missing_id(tmp_path: Path) -> None:
    frames = texts()
    files = voted(weather(), frames)
    frames["dev"].loc[3, "id"] = None
    failures = outcome(tmp_path, frames=frames, files=files).failures
    assert told(failures[0]) == ("split 'dev'", "10.00% of rows (1 of 10)", "an id on every row")


def test_ids_that_are_no_text(tmp_path: Path) -> None:
    frames = texts()
    files = voted(weather(), frames)
    frames["test"] = frames["test"].astype({"id": "int64"})
    failures = outcome(tmp_path, frames=frames, files=files).failures
    assert told(failures[0]) == ("column 'id' of split 'test'", "int64", "text (str)")


def test_gold_labels_beside_the_texts(tmp_path: Path) -> None:
    frames = {split: frame.assign(sky="Dry") for split, frame in texts().items()}
    failures = outcome(tmp_path, frames=frames).failures
    assert [told(failure) for failure in failures] == [
        (f"split {split!r}", "id, sentence, sky", "exactly id, sentence") for split in ("train", "dev", "test")
    ]


def test_a_split_without_a_text_column(tmp_path: Path) -> None:
    frames = texts()
    files = voted(weather(), frames)
    frames["test"] = frames["test"].drop(columns="sentence")
    (failure,) = outcome(tmp_path, frames=frames, files=files).failures
    assert told(failure) == ("split 'test'", "id", "exactly id, sentence")


def test_a_split_without_ids(tmp_path: Path) -> None:
    frames = texts()
    files = voted(weather(), frames)
    frames["test"] = frames["test"].drop(columns="id")
    with pytest.raises(ArtifactError, match=r"split 'test' has no column 'id', only \['sentence'\]"):
        outcome(tmp_path, frames=frames, files=files)


def test_examples_without_text(tmp_path: Path) -> None:
    frames = texts()
    files = voted(weather(), frames)
    frames["train"].loc[[0, 5], "sentence"] = "  "
    (failure,) = outcome(tmp_path, frames=frames, files=files, bounds=replace(BOUNDS, max_empty_text=0.05)).failures
    assert told(failure) == ("split 'train'", "10.00% of rows (2 of 20)", "at most 5.00% of rows")
