"""Expectations on a corpus against planted violations, by the names and numbers in their messages."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from flows.artifacts import ArtifactError
from tests.flows.small_application import texts, weather
from tests.flows.validated_weather import BOUNDS, SIZES, outcome, told, voted


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
