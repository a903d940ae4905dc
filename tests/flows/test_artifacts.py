"""Artifacts come back as they were written, or an error says why not."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from flows.artifacts import (
    LABELED,
    RESULTS,
    ArtifactError,
    Paths,
    load_arrays,
    read_gold,
    read_json,
    read_metadata,
    read_probabilities,
    read_table,
    read_tasks,
    read_votes,
    save_arrays,
    write_json,
    write_probabilities,
    write_table,
    write_votes,
)
from metal.label_matrix import LabelMatrix, LabelSpace
from metal.tasks import NOT_APPLICABLE, Task, TaskGraph

# Three feasible vectors: (Dog, Big), (Dog, Small), (Cat, N/A).
PETS = TaskGraph.hierarchy(Task("kind", ("Dog", "Cat")), Task("size", ("Big", "Small"), parent=("kind", "Dog")))


@pytest.fixture
def votes() -> LabelMatrix:
    spaces = [
        LabelSpace("barks", ("kind",), (("Dog",),)),
        LabelSpace("height", ("kind", "size"), (("Dog", "Small"), ("Cat", NOT_APPLICABLE))),
    ]
    return LabelMatrix(np.array([[1, 1], [0, 2], [1, 0]]), spaces, PETS)


def test_paths_are_those_that_the_pipeline_declares() -> None:
    paths = Paths(Path(), "pets")

    assert paths.text("dev") == Path("data/corpora/pets/text/dev.parquet")
    assert paths.gold("dev") == Path("data/corpora/pets/gold/dev.parquet")
    assert paths.votes("train") == Path("data/votes/pets/train.parquet")
    assert paths.labels("metal") == Path("data/labels/pets/metal")
    assert paths.model("gold_dev") == Path("data/models/pets/gold_dev")
    assert paths.evaluation == Path("data/evaluation/pets")
    assert Path("data/results") == RESULTS
    assert LABELED == ("train", "dev", "test")


def test_votes_come_back_with_label_spaces_and_task_graph(tmp_path: Path, votes: LabelMatrix) -> None:
    file = tmp_path / "votes" / "dev.parquet"
    write_votes(file, ["7", "3", "9"], votes)
    ids, read = read_votes(file)

    assert ids == ["7", "3", "9"]
    np.testing.assert_array_equal(read.codes, votes.codes)
    assert read.codes.dtype == np.int8
    assert read.spaces == votes.spaces
    assert read.tasks == PETS
    assert read_tasks(file) == PETS
    # One int8 column a source, as any Parquet reader sees it.
    assert [(field.name, str(field.type)) for field in pq.read_schema(file)][1:] == [
        ("barks", "int8"),
        ("height", "int8"),
    ]


def test_votes_of_another_length_than_the_ids_are_refused(tmp_path: Path, votes: LabelMatrix) -> None:
    with pytest.raises(ArtifactError, match="2 ids for 3 rows"):
        write_votes(tmp_path / "votes.parquet", ["7", "3"], votes)


def test_a_tampered_vote_is_refused_with_its_source(tmp_path: Path, votes: LabelMatrix) -> None:
    file = tmp_path / "votes.parquet"
    write_votes(file, ["7", "3", "9"], votes)
    frame = read_table(file)
    frame.loc[1, "barks"] = 5
    write_table(frame, file, read_metadata(file))

    with pytest.raises(ValueError, match=r"source 'barks' voted 5 .* \(row 1\)"):
        read_votes(file)


def test_probabilities_come_back_with_marginals_beside_them(tmp_path: Path) -> None:
    file = tmp_path / "labels.parquet"
    probabilities = np.array([[0.5, 0.25, 0.25], [0.0, 0.0, 1.0]])
    write_probabilities(file, ["7", "3"], probabilities, np.array([True, False]), PETS)
    ids, read, voted = read_probabilities(file, PETS)

    assert ids == ["7", "3"]
    np.testing.assert_array_equal(read, probabilities)
    assert voted.tolist() == [True, False]
    frame = read_table(file)
    assert frame["p:Dog|Big"].tolist() == [0.5, 0.0]
    # P(Dog) = P(Dog, Big) + P(Dog, Small)
    assert frame["task:kind=Dog"].tolist() == [0.75, 0.0]
    assert frame["task:size=N/A"].tolist() == [0.25, 1.0]


@pytest.mark.parametrize(
    ("probabilities", "message"),
    [
        ([[0.5, 0.5]], "do not fit"),
        ([[0.5, 0.6, 0.0]], "the label of '7' is no distribution over F"),
        ([[1.5, -0.5, 0.0]], "the label of '7' is no distribution over F"),
        ([[float("nan"), 0.5, 0.5]], "the label of '7' is no distribution over F"),
    ],
)
def test_labels_that_are_no_distributions_are_refused(
    tmp_path: Path, probabilities: list[list[float]], message: str
) -> None:
    with pytest.raises(ArtifactError, match=message):
        write_probabilities(tmp_path / "x.parquet", ["7"], np.array(probabilities), np.array([True]), PETS)


def test_probabilities_of_another_task_graph_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "labels.parquet"
    write_probabilities(file, ["7"], np.array([[1.0, 0.0, 0.0]]), np.array([True]), PETS)

    with pytest.raises(ArtifactError, match="was written for"):
        read_probabilities(file, TaskGraph.single("kind", ["Dog", "Cat", "Bird"]))


def test_gold_is_aligned_with_the_ids_asked_for(tmp_path: Path) -> None:
    file = tmp_path / "gold.parquet"
    write_table(pd.DataFrame({"id": ["a", "b"], "kind": ["Cat", "Dog"], "size": [NOT_APPLICABLE, "Small"]}), file)

    assert read_gold(file, PETS, ["b", "a", "b"]).tolist() == [1, 2, 1]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"id": ["a"], "kind": ["Cat"]}, r"has no column \['size'\]"),
        ({"id": ["a", "a"], "kind": ["Cat", "Cat"], "size": ["N/A", "N/A"]}, "holds the id 'a' twice"),
        ({"id": ["a"], "kind": ["Cat"], "size": ["Big"]}, r"gold label \('Cat', 'Big'\) of 'a' is not feasible"),
        ({"id": ["b"], "kind": ["Cat"], "size": ["N/A"]}, "no gold label for 1 of 1 ids, the first 'a'"),
    ],
)
def test_wrong_gold_is_refused(tmp_path: Path, columns: dict[str, list[str]], message: str) -> None:
    file = tmp_path / "gold.parquet"
    write_table(pd.DataFrame(columns), file)

    with pytest.raises(ArtifactError, match=message):
        read_gold(file, PETS, ["a"])


def test_arrays_come_back_and_have_the_same_bytes_each_time(tmp_path: Path) -> None:
    first, second = tmp_path / "a.npz", tmp_path / "b.npz"
    save_arrays(first, beta=np.arange(3.0), alpha=np.array([["x"]]))
    save_arrays(second, alpha=np.array([["x"]]), beta=np.arange(3.0))

    assert first.read_bytes() == second.read_bytes()
    read = load_arrays(first)
    assert sorted(read) == ["alpha", "beta"]
    np.testing.assert_array_equal(read["beta"], [0.0, 1.0, 2.0])


def test_pickles_are_neither_written_nor_read(tmp_path: Path) -> None:
    file = tmp_path / "x.npz"
    with pytest.raises(ValueError, match="allow_pickle"):
        save_arrays(file, value=np.array([{"a": 1}], dtype=object))
    assert not file.exists()
    np.savez(file, value=np.array([{"a": 1}], dtype=object))

    with pytest.raises(ArtifactError, match="cannot be read"):
        load_arrays(file)


def test_json_is_sorted_ends_in_a_newline_and_knows_no_nan(tmp_path: Path) -> None:
    file = tmp_path / "x.json"
    write_json(file, {"b": 1, "a": "ä"})

    assert file.read_text(encoding="utf-8") == '{\n  "a": "ä",\n  "b": 1\n}\n'
    assert read_json(file) == {"a": "ä", "b": 1}
    with pytest.raises(ValueError, match="Out of range"):
        write_json(file, {"a": float("nan")})
    assert json.loads(file.read_text(encoding="utf-8")) == {"a": "ä", "b": 1}


@pytest.mark.parametrize("read", [read_json, read_table, load_arrays, read_metadata])
def test_a_missing_artifact_names_the_remedy(tmp_path: Path, read: object) -> None:
    assert callable(read)
    with pytest.raises(ArtifactError, match=r"^[^ ]*nothing is missing; .* dvc repro$"):
        read(tmp_path / "nothing")


@pytest.mark.parametrize("read", [read_json, read_table, load_arrays, read_metadata])
@pytest.mark.parametrize("content", [b"", b"{", b"PAR1 half a file", b"PK\x03\x04 half a file"])
def test_a_damaged_artifact_is_an_error(tmp_path: Path, read: object, content: bytes) -> None:
    assert callable(read)
    file = tmp_path / "damaged"
    file.write_bytes(content)
    with pytest.raises(ArtifactError, match="cannot be read"):
        read(file)


def test_a_table_without_our_metadata_is_not_taken_for_votes(tmp_path: Path) -> None:
    file = tmp_path / "votes.parquet"
    write_table(pd.DataFrame({"id": ["a"]}), file)

    with pytest.raises(ArtifactError, match="holds no label spaces"):
        read_votes(file)
