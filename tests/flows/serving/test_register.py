"""Models in the registry: once each, able to label by themselves, and one of them the champion for a reason."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import pandas as pd
import pytest
from mlflow.exceptions import MlflowException

from flows import register as command
from flows.artifacts import Paths, read_gold, read_probabilities, read_table, read_tasks, vector_column, write_table
from flows.config import GOLD_DEV
from flows.register import RegisterError, register
from flows.serving.registry import ALIAS, DECISION, Registry
from flows.tracking import open_store
from tests.flows.serving.conftest import Project
from tests.flows.serving.small_project import NAME, SIZES

LABEL, END = f"{NAME}-label", f"{NAME}-end"


@pytest.fixture
def model(registered: Project, request: pytest.FixtureRequest) -> Any:
    mlflow.set_tracking_uri(registered.uri)
    return mlflow.pyfunc.load_model(f"models:/{request.param}@{ALIAS}")


@pytest.fixture
def dev(registered: Project) -> pd.DataFrame:
    return read_table(Paths(registered.root, NAME).text("dev"))


def versions(project: Project, name: str) -> dict[str, Any]:
    client = open_store(project.root).client
    return {str(found.version): found for found in client.search_model_versions(f"name = '{name}'")}


def champion(project: Project, name: str) -> str:
    return str(open_store(project.root).client.get_model_version_by_alias(name, ALIAS).version)


# --- what is registered -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("model", "kind"), [(LABEL, "label"), (END, "end")], indirect=["model"])
def test_a_model_takes_raw_documents_and_says_what_it_gives(model: Any, kind: str) -> None:
    inputs = {column.name: column for column in model.metadata.get_input_schema().inputs}
    assert set(inputs) == {"id", "subject", "object", "sentence", "subject_type", "object_type"}
    assert [name for name, column in inputs.items() if not column.required] == ["id"]
    outputs = set(model.metadata.get_output_schema().input_names())
    assert {"subject", "probability"} & outputs == {"probability"}
    assert ({"votes", "voted"} <= outputs) == (kind == "label")
    answers = model.predict(model.input_example)  # of invented text: no sentence of the corpus
    assert set(answers.columns) == outputs
    assert model.input_example["sentence"].tolist() == ["The text of sentence."]


@pytest.mark.parametrize("model", [LABEL], indirect=True)
def test_the_label_model_labels_as_the_pipeline_did(model: Any, registered: Project, dev: pd.DataFrame) -> None:
    paths = Paths(registered.root, NAME)
    tasks = read_tasks(paths.labels("metal") / "dev.parquet")
    _, posterior, voted = read_probabilities(paths.labels("metal") / "dev.parquet", tasks)
    answers = model.predict(dev)
    for task in tasks.names:
        columns = [f"task:{task}={value}" for value in tasks.values(task)]
        np.testing.assert_allclose(answers[columns], tasks.marginal(posterior, task), atol=1e-12)
    np.testing.assert_array_equal(answers["voted"], voted)


@pytest.mark.parametrize("model", [END], indirect=True)
def test_the_end_model_is_the_trial_that_does_best_on_dev(model: Any, registered: Project, dev: pd.DataFrame) -> None:
    paths = Paths(registered.root, NAME)
    tasks = read_tasks(paths.labels("metal") / "dev.parquet")
    gold = read_gold(paths.gold("dev"), tasks, list(dev["id"]))
    table = read_table(paths.model("metal") / "predictions.parquet")
    table = table[table["split"] == "dev"]
    scores = {}
    for seed, rows in table.groupby("seed"):
        found = rows.set_index("id").loc[dev["id"], [vector_column(vector) for vector in tasks.feasible]].to_numpy()
        nll = -np.log(found[np.arange(len(gold)), gold]).mean()
        scores[str(seed)] = (-(found.argmax(axis=1) == gold).mean(), nll), found
    best = min(scores, key=lambda seed: scores[seed][0])
    [version] = versions(registered, END).values()
    assert version.tags["seed"] == best
    np.testing.assert_allclose(model.predict(dev)["probability"], scores[best][1].max(axis=1), atol=1e-5)
    assert float(version.tags["dev.accuracy"]) == pytest.approx(-scores[best][0][0], abs=1e-4)


@pytest.mark.parametrize("model", [LABEL, END], indirect=True)
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda frame: frame.drop(columns="object"), "missing inputs"),
        (lambda frame: frame.iloc[:0], "there is no document"),
        (lambda frame: frame.assign(object=[None, *frame["object"][1:]]), "row 0: column 'object' is null"),
        (lambda frame: frame.assign(object=[5, *frame["object"][1:]]), "row 0: column 'object' holds 5"),
        (lambda frame: frame.assign(object=5), "Incompatible input types for column object"),
    ],
)
def test_a_document_that_cannot_be_read_is_the_clients_mistake(
    model: Any, dev: pd.DataFrame, change: Any, reason: str
) -> None:
    with pytest.raises(MlflowException, match=reason) as caught:
        model.predict(change(dev))
    assert caught.value.error_code == "INVALID_PARAMETER_VALUE"  # a server answers 400


@pytest.mark.parametrize("model", [LABEL, END], indirect=True)
def test_no_pickle_crosses_and_all_that_is_needed_is_declared(model: Any, registered: Project) -> None:
    folder = Path(mlflow.artifacts.download_artifacts(model.metadata.model_uuid and f"models:/{model.model_id}"))
    files = [path for path in folder.rglob("*") if path.is_file()]
    kept = {".py", ".json", ".npz", ".safetensors", ".txt", ".yaml", ".md", ".svg", ""}
    assert {path.suffix for path in files} <= kept
    for path in files:
        if path.suffix == ".npz":
            np.load(path, allow_pickle=False)
    needed = (folder / "requirements.txt").read_text(encoding="utf-8")
    assert f"pandas=={pd.__version__}" in needed
    assert f"mlflow=={mlflow.__version__}" in needed
    assert "metal" not in needed  # it comes with the model, and is in no public registry under this name
    assert (folder / "code" / "metal" / "applications" / NAME / "__init__.py").is_file()


def test_a_version_names_its_run_and_that_its_data(registered: Project) -> None:
    for name in (LABEL, END):
        [version] = versions(registered, name).values()
        run = open_store(registered.root).client.get_run(version.run_id)
        assert run.data.tags["metal.supervision"] == "metal"
        assert run.data.tags["metal.seed"] == version.tags.get("seed", "all")
        assert run.info.status == "FINISHED"
        assert version.tags["dev.n"] == str(SIZES["dev"])
        assert version.tags[DECISION] == "champion: there was none before"


# --- once, and only what the pipeline made ----------------------------------------------------------------------------


def test_the_same_is_registered_once(registered: Project, capsys: pytest.CaptureFixture[str]) -> None:
    register(registered.root, registered.config, NAME, "metal")
    assert list(versions(registered, LABEL)) == list(versions(registered, END)) == ["1"]
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith(f"{LABEL}, version 1 (registered before): dev accuracy ")
    assert first.endswith("%; is the champion")
    assert second.startswith(f"{END}, version 1 (registered before)")


def test_a_model_that_labels_otherwise_than_the_pipeline_is_refused(registered: Project) -> None:
    path = Paths(registered.root, NAME).model("metal") / "predictions.parquet"
    before = path.read_bytes()
    table = read_table(path)
    columns = [str(name) for name in table if str(name).startswith("p:")]
    table[columns] = table[columns].to_numpy()[:, ::-1]
    try:
        write_table(table, path)
        with pytest.raises(RegisterError, match=r"otherwise than the pipeline did.*dvc repro"):
            register(registered.root, registered.config, NAME, "metal", ["end"])
    finally:
        path.write_bytes(before)


def test_what_dev_cannot_judge_is_refused(registered: Project) -> None:
    with pytest.raises(RegisterError, match="gold_dev is trained on the development split"):
        register(registered.root, registered.config, NAME, GOLD_DEV)
    with pytest.raises(RegisterError, match="holds no label model"):
        register(registered.root, registered.config, NAME, "majority_vote", ["label"])


# --- the champion -----------------------------------------------------------------------------------------------------


def test_a_model_that_is_no_better_leaves_the_champion_and_one_that_is_takes_its_place(
    registered: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    project = registered.copy(tmp_path / "project")
    label = replace(project.config.label, on_error="abstain")  # another model that labels alike
    alike = replace(project.config, label=label)
    register(project.root, alike, NAME, "metal", ["label"])  # asks the champion, in a process of its own
    assert sorted(versions(project, LABEL)) == ["1", "2"]
    assert champion(project, LABEL) == "1"
    said = capsys.readouterr().out
    assert f"{LABEL}, version 2: dev accuracy" in said
    assert "not champion: +0.0 points of dev accuracy against version 1, 95% interval +0.0 to +0.0" in said
    assert versions(project, LABEL)["2"].tags[DECISION] in said

    def all_wrong(uri: str, source: Path, target: Path, root: Path) -> int:
        assert uri == f"models:/{LABEL}/1"
        frame = read_table(source)
        tasks = registered_tasks(project)
        write_table(frame[["id"]].assign(**dict.fromkeys(tasks, "never")), target)
        return len(frame)

    monkeypatch.setattr("flows.register.score_file", all_wrong)
    register(project.root, alike, NAME, "metal", ["label"])
    assert champion(project, LABEL) == "2"
    assert versions(project, LABEL)["2"].tags[DECISION].startswith("champion: +")
    assert "is the champion" not in capsys.readouterr().out


def registered_tasks(project: Project) -> tuple[str, ...]:
    return read_tasks(Paths(project.root, NAME).labels("metal") / "dev.parquet").names


def test_a_registry_without_the_model_has_no_champion(registered: Project) -> None:
    store = open_store(registered.root)
    assert Registry(registered.root, store.experiment(NAME)).champion("unheard-of") is None


def test_the_command_says_what_it_wants(registered: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(registered.root)
    monkeypatch.setattr("sys.argv", ["register", "--application", "unheard-of"])
    with pytest.raises(SystemExit) as ended:
        command.main()
    assert ended.value.code == 2
