"""Saved models: the same to the bit when loaded, replaced whole or not at all, and nothing foreign taken for one."""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from metal import LabelModel, Task, TaskGraph
from metal.atomic import write_bytes
from metal.label_model import ModelFileError, NotFittedError
from metal.synthetic import random_world

KIND = TaskGraph.hierarchy(
    Task("kind", ("person", "organization")),
    Task("person", ("doctor", "lawyer"), parent=("kind", "person")),
    Task("organization", ("hospital", "office"), parent=("kind", "organization")),
)
COVERAGE = [["kind"], ["person"], ["organization"], ["kind", "person"], ["kind"]]
WORLD = random_world(KIND, COVERAGE, seed=6)
VOTES, _ = WORLD.sample(200, 0)
BALANCE = [0.1, 0.2, 0.3, 0.4]
MODELS: list[dict[str, Any]] = [
    {},
    {"shrinkage": 0.5, "use_abstains": True, "seed": np.int64(3)},
    {"estimator": "mle", "tolerance": 1e-3},
    {"estimator": "mle", "parameterisation": "tied", "class_balance": np.array(BALANCE), "smoothing": np.float64(0.2)},
    {"estimator": "wls", "class_balance": BALANCE},
]


@pytest.mark.parametrize("options", MODELS, ids=str)
def test_a_loaded_model_is_the_saved_one_to_the_bit(options: dict[str, Any], tmp_path: Path) -> None:
    model = LabelModel(KIND, [("source_0", "source_4")], **options).fit(VOTES)
    model.save(tmp_path / "folder" / "model")

    loaded = LabelModel.load(str(tmp_path / "folder" / "model"))

    np.testing.assert_array_equal(loaded.predict_proba(VOTES), model.predict_proba(VOTES))
    np.testing.assert_array_equal(loaded.balance_, model.balance_)
    assert loaded.accuracies_ == model.accuracies_
    assert loaded.report_ == model.report_
    assert loaded.label_precisions() == model.label_precisions()
    assert loaded.tasks == KIND
    assert LabelModel(**loaded.get_params()).fit(VOTES).accuracies_ == model.accuracies_
    loaded.save(tmp_path / "again")
    first, second = ({f.name: f.read_bytes() for f in (tmp_path / d).iterdir()} for d in ("folder/model", "again"))
    assert first == second


def test_standard_errors_are_saved_once_they_were_asked_for(tmp_path: Path) -> None:
    single = TaskGraph.single("spam", ("no", "yes"))
    exact = random_world(single, [["spam"]] * 2, seed=1).population()
    model = LabelModel(single, estimator="mle", smoothing=0, tolerance=1e-10, max_iterations=50_000).fit(exact)
    model.save(tmp_path)
    assert not hasattr(LabelModel.load(tmp_path), "standard_errors_")

    assert model.standard_errors_ == {"source_0": np.inf, "source_1": np.inf}  # two sources: not determined
    model.save(tmp_path)

    assert LabelModel.load(tmp_path).standard_errors_ == model.standard_errors_
    shrunk = LabelModel(KIND, shrinkage=0.9).fit(VOTES)
    intervals = shrunk.intervals_
    shrunk.save(tmp_path)
    assert LabelModel.load(tmp_path).intervals_ == intervals


def test_a_fit_replaces_the_one_before_and_leaves_other_files_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    LabelModel(KIND).fit(VOTES.rows(slice(0, 50))).save(tmp_path)
    model = LabelModel(KIND).fit(VOTES)
    model.save(tmp_path)
    model.save(tmp_path)

    assert len(list(tmp_path.glob("label_model-*.npz"))) == 1
    assert sorted(f.suffix for f in tmp_path.iterdir()) == [".json", ".npz", ".txt"]
    assert LabelModel.load(tmp_path).accuracies_ == model.accuracies_


def test_a_writer_that_fails_half_way_leaves_the_old_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = LabelModel(KIND).fit(VOTES.rows(slice(0, 50))), LabelModel(KIND).fit(VOTES)
    old.save(tmp_path)
    write = write_bytes

    def fail(path: Path, content: bytes) -> None:
        if path.suffix == ".json":
            raise OSError(28, "no space left")
        write(path, content)

    monkeypatch.setattr("metal.label_model.storage.write_bytes", fail)
    with pytest.raises(OSError, match="no space left"):
        new.save(tmp_path)

    assert LabelModel.load(tmp_path).accuracies_ == old.accuracies_


def test_an_unfitted_model_is_not_saved(tmp_path: Path) -> None:
    with pytest.raises(NotFittedError, match="call fit"):
        LabelModel(KIND).save(tmp_path)

    assert not list(tmp_path.iterdir())


def saved(folder: Path) -> tuple[Path, Path, dict[str, Any]]:
    LabelModel(KIND).fit(VOTES).save(folder)
    path = folder / "label_model.json"
    header = json.loads(path.read_text())
    return path, folder / header["arrays"], header


def test_missing_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match=r"label_model\.json cannot be read: No such file"):
        LabelModel.load(tmp_path / "nowhere")
    _, archive, _ = saved(tmp_path)
    archive.unlink()
    with pytest.raises(ModelFileError, match=archive.name):
        LabelModel.load(tmp_path)


@pytest.mark.parametrize("which", [0, 1])
@pytest.mark.parametrize("kept", [0, 1, 20, -1])
def test_truncated_files_are_refused(which: int, kept: int, tmp_path: Path) -> None:
    file = saved(tmp_path)[:2][which]
    content = file.read_bytes()
    file.write_bytes(content[: kept if kept >= 0 else len(content) - 5])

    with pytest.raises(ModelFileError, match=file.name):
        LabelModel.load(tmp_path)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"format": "other"}, r"was not written by LabelModel\.save"),
        ({"version": 2}, "has version 2 of the format; this library reads version 1"),
        ({"arrays": "../label_model.npz"}, "does not say where its arrays are"),
        ({"sha256": "0"}, "is damaged: its SHA-256"),
        ({"model": {}}, r"describes no label model: KeyError\('task_graph'\)"),
    ],
)
def test_foreign_descriptions_are_refused(change: dict[str, Any], said: str, tmp_path: Path) -> None:
    path, _, header = saved(tmp_path)
    path.write_text(json.dumps(header | change))

    with pytest.raises(ModelFileError, match=said):
        LabelModel.load(tmp_path)


def test_json_that_is_none_of_ours_is_refused(tmp_path: Path) -> None:
    path, _, _ = saved(tmp_path)
    path.write_text("[1, 2]")

    with pytest.raises(ModelFileError, match="was not written by"):
        LabelModel.load(tmp_path)


def test_a_pickle_in_the_arrays_is_never_opened(tmp_path: Path) -> None:
    path, archive, header = saved(tmp_path)
    with archive.open("wb") as file:
        np.savez(file, balance=np.array([{"no": "code"}], dtype=object))
    path.write_text(json.dumps(header | {"sha256": hashlib.sha256(archive.read_bytes()).hexdigest()}))

    with pytest.raises(ModelFileError, match="describes no label model"):
        LabelModel.load(tmp_path)


def test_another_fit_s_arrays_are_refused(tmp_path: Path) -> None:
    """Arrays that miss a source's table are no model, whatever their checksum says."""
    path, archive, header = saved(tmp_path)
    with np.load(archive) as arrays:
        fewer = {name: arrays[name] for name in arrays.files if name != "member_4"}
    with archive.open("wb") as file:
        np.savez(file, **fewer)
    path.write_text(json.dumps(header | {"sha256": hashlib.sha256(archive.read_bytes()).hexdigest()}))

    with pytest.raises(ModelFileError, match="member_4"):
        LabelModel.load(tmp_path)
