"""Scoring files: Parquet in, Parquet out, in bounded memory, whole or not at all."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mlflow
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from flows.artifacts import Paths, read_table
from flows.serving import batch_process
from flows.serving.batch import BatchError, score_file
from flows.serving.batch_process import FileError
from flows.serving.registry import ALIAS
from tests.flows.serving.conftest import Project
from tests.flows.serving.small_project import NAME, SIZES

ROOT = Path(__file__).parents[3]
LABEL, END = (f"models:/{NAME}-{kind}@{ALIAS}" for kind in ("label", "end"))


@pytest.fixture(autouse=True)
def registry(registered: Project) -> Iterator[None]:
    before = mlflow.get_tracking_uri()
    mlflow.set_tracking_uri(registered.uri)
    yield
    mlflow.set_tracking_uri(before)


@pytest.fixture
def documents(registered: Project) -> Path:
    return Paths(registered.root, NAME).text("train")


@pytest.mark.parametrize("model", [LABEL, END])
def test_batches_of_any_size_give_the_answers_of_the_whole(documents: Path, tmp_path: Path, model: str) -> None:
    """The first batches of seven have rows without any vote: the type of `votes` does not depend on them."""
    assert batch_process.score(model, documents, tmp_path / "whole.parquet", 1000) == SIZES["train"]
    assert batch_process.score(model, documents, tmp_path / "sevens.parquet", 7) == SIZES["train"]
    whole, sevens = (pq.read_table(tmp_path / f"{name}.parquet") for name in ("whole", "sevens"))
    assert whole.schema == sevens.schema
    assert whole["id"].to_pylist() == list(read_table(documents)["id"])
    pd.testing.assert_frame_equal(whole.to_pandas(), sevens.to_pandas(), atol=1e-6)
    expected = mlflow.pyfunc.load_model(model).predict(read_table(documents))
    assert whole["probability"].to_pylist() == pytest.approx(expected["probability"].tolist(), abs=1e-6)
    if model == LABEL:
        given = [[dict(vote) for vote in votes] for votes in whole["votes"].to_pylist()]
        assert given == [list(votes) for votes in expected["votes"]]
    said = json.loads(whole.schema.metadata[batch_process.MODEL])
    assert said["uri"] == model
    assert said["model_id"].startswith("m-")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda table: table.drop_columns(["sentence"]),
            "has no column 'sentence'; models:/relation-label@champ",
        ),
        (
            lambda table: table.set_column(1, "subject", pa.array([*["x"] * 99, None, *["x"] * 140])),
            ", row 99: column 'subject' is null; an absent text is an empty one, ''",
        ),
        (lambda table: table.slice(0, 0), "holds no documents"),
        (
            lambda table: table.set_column(1, "subject", pa.array(range(240))),
            ": column 'subject' is int64, models:/relation-label@champion reads string",
        ),
    ],
)
def test_what_is_wrong_is_named_with_file_and_row(documents: Path, tmp_path: Path, change: Any, message: str) -> None:
    wrong = tmp_path / "wrong.parquet"
    pq.write_table(change(pq.read_table(documents)), wrong)
    with pytest.raises(FileError) as caught:
        batch_process.score(LABEL, wrong, tmp_path / "out.parquet", 50)
    assert str(caught.value).startswith(str(wrong))
    assert message in str(caught.value)


def test_no_parquet_and_no_model_are_named(documents: Path, tmp_path: Path) -> None:
    (tmp_path / "text.parquet").write_text("hello", encoding="utf-8")
    with pytest.raises(FileError, match=r"text\.parquet cannot be read as Parquet"):
        batch_process.score(LABEL, tmp_path / "text.parquet", tmp_path / "out.parquet", 50)
    with pytest.raises(FileError, match=r"models:/unheard-of@champion cannot be loaded.*python -m flows\.register"):
        batch_process.score("models:/unheard-of@champion", documents, tmp_path / "out.parquet", 50)


def test_an_output_that_would_replace_the_documents_is_refused(documents: Path, registered: Project) -> None:
    with pytest.raises(BatchError, match="name another file for the answers"):
        score_file(LABEL, documents, documents, registered.root)
    with pytest.raises(BatchError, match=r"nowhere\.parquet is no file"):
        score_file(LABEL, documents.with_name("nowhere.parquet"), documents, registered.root)


def test_a_model_labels_with_the_code_it_came_with(registered: Project, documents: Path, tmp_path: Path) -> None:
    """Changing the code beside a version changes its answers; that of the checkout is not looked at."""
    folder = Path(mlflow.artifacts.download_artifacts(LABEL, dst_path=str(tmp_path / "model")))
    code = folder / "code" / "metal" / "serving" / "label.py"
    code.write_text(code.read_text(encoding="utf-8").replace("VOTED: ~votes", "VOTED: votes"), encoding="utf-8")
    target = tmp_path / "answers.parquet"
    assert score_file(str(folder), documents, target, registered.root) == SIZES["train"]
    answers = read_table(target)
    assert (answers["voted"] != answers["votes"].map(len).astype(bool)).all()
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith(".partial")] == []


@pytest.mark.slow
def test_a_refused_file_leaves_what_was_there(registered: Project, documents: Path, tmp_path: Path) -> None:
    wrong, target = tmp_path / "wrong.parquet", tmp_path / "answers.parquet"
    pq.write_table(pq.read_table(documents).drop_columns(["object"]), wrong)
    target.write_text("before", encoding="utf-8")
    with pytest.raises(BatchError, match=r"wrong\.parquet has no column 'object'"):
        score_file(LABEL, wrong, target, registered.root)
    assert target.read_text(encoding="utf-8") == "before"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["answers.parquet", "wrong.parquet"]


@pytest.mark.slow
def test_the_flow_in_bounded_memory_killed_and_run_again(registered: Project, documents: Path, tmp_path: Path) -> None:
    """60,000 documents by the command: killed on the way it leaves no answers and no process; run again it is whole."""
    many, target = tmp_path / "many.parquet", tmp_path / "answers.parquet"
    table = pq.read_table(documents)
    with pq.ParquetWriter(many, table.schema) as writer:
        for _ in range(250):
            writer.write_table(table)
    command = [sys.executable, "-m", "flows.score", "--model", LABEL, "--input", str(many), "--output", str(target)]
    env = {**os.environ, "MLFLOW_TRACKING_URI": registered.uri, "PREFECT_HOME": str(tmp_path / "prefect")}
    process = subprocess.Popen(command, cwd=ROOT, env=env)
    try:
        deadline = time.monotonic() + 300
        while not any(path.stat().st_size > 100_000 for path in tmp_path.glob(".answers.parquet.*.partial")):
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.1)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert not target.exists()
    time.sleep(2)  # the scoring process looks for its parent twice a second
    partial = [path.stat().st_size for path in tmp_path.glob(".answers.parquet.*.partial")]
    time.sleep(2)
    assert [path.stat().st_size for path in tmp_path.glob(".answers.parquet.*.partial")] == partial
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=True)
    assert f"60000 documents scored: {target}" in done.stdout
    assert pq.read_metadata(target).num_rows == 60_000
    assert list(tmp_path.glob(".answers.parquet.*.partial")) == []  # what was left is swept
