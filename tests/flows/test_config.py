"""The configuration refuses what is misspelt, mistyped, missing or makes no sense, and says what to do."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from flows.config import NO_FILE, ConfigError, LocalCorpus, OpenICorpus, load_config
from tests.local_imports import ROOT

DASK = {"name": "dask", "address": None, "workers": 2, "memory_limit": "2GiB", "partition_rows": 10}


@pytest.fixture
def params() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((ROOT / "params.yaml").read_text())
    return content


def load(content: object, folder: Path) -> Any:
    file = folder / "params.yaml"
    file.write_text(yaml.safe_dump(content))
    return load_config(file)


def test_the_committed_configuration_loads_with_its_types(params: dict[str, Any], tmp_path: Path) -> None:
    config = load(params, tmp_path)

    assert config.applications == ("report",)
    assert config.trials == 10
    assert isinstance(config.corpora["report"], OpenICorpus)
    # The sizes of the paper's splits.
    assert (config.corpora["report"].train, config.corpora["report"].dev, config.corpora["report"].test) == (
        2630,
        376,
        378,
    )


def test_a_corpus_section_takes_what_all_corpora_share(params: dict[str, Any], tmp_path: Path) -> None:
    params["corpus"]["labels"] = params["files"]["report"]["labels"] = "published.csv"
    params["report"]["labels"] = "${corpus.labels}"

    assert load(params, tmp_path).corpora["report"].labels == "published.csv"


def test_an_application_may_bring_a_local_corpus(params: dict[str, Any], tmp_path: Path) -> None:
    params["files"]["report"]["path"] = "mine.csv"
    params["report"] = {
        "name": "local",
        "path": "mine.csv",
        "sha256": None,
        "labels": NO_FILE,
        "on_error": "raise",
        "train": 6,
        "dev": 2,
        "test": 2,
        "seed": 0,
        "test_from": None,
    }

    assert type(load(params, tmp_path).corpora["report"]) is LocalCorpus


def test_an_application_trains_with_its_own_end_model_or_with_that_of_all(
    params: dict[str, Any], tmp_path: Path
) -> None:
    assert load(params, tmp_path).end_models == {"report": load(params, tmp_path).end_model}

    own = params["end_model"] | {"steps": 7}
    params["report"]["end_model"] = params["end_models"]["report"] = own
    config = load(params, tmp_path)
    assert (config.end_models["report"].steps, config.end_model.steps) == (7, params["end_model"]["steps"])

    params["report"]["end_model"] = own | {"stepz": 7}
    with pytest.raises(ConfigError, match=r"unknown key report\.end_model\.stepz; known are .*mean 'steps'"):
        load(params, tmp_path)


@pytest.mark.parametrize("where", ["end_model", "end_models"])
def test_dvc_watches_the_end_model_that_an_application_trains_with(
    params: dict[str, Any], tmp_path: Path, where: str
) -> None:
    section = params["end_model"] if where == "end_model" else params["end_models"]["report"]
    section["steps"] += 1

    with pytest.raises(ConfigError, match=r"end_models\.report, which DVC watches .*python -m flows\.compose"):
        load(params, tmp_path)


def test_a_file_that_is_none_is_none(params: dict[str, Any], tmp_path: Path) -> None:
    config = load(params, tmp_path)

    assert (config.corpus.path, config.corpus.labels, config.embeddings.path) == (None, None, None)
    assert (config.corpora["report"].path, config.corpora["report"].labels) == (None, None)


def test_an_application_has_a_file_of_its_own_only_where_dvc_watches_it(params: dict[str, Any], tmp_path: Path) -> None:
    params["report"]["path"] = params["files"]["report"]["path"] = "mine.tgz"
    assert load(params, tmp_path).corpora["report"].path == "mine.tgz"

    params["files"]["report"]["path"] = NO_FILE
    message = r"report\.path='mine\.tgz' is not files\.report\.path='flows/conf/none'.*python -m flows\.compose"
    with pytest.raises(ConfigError, match=message):
        load(params, tmp_path)


def test_dvc_has_stages_for_the_applications_and_no_others(params: dict[str, Any], tmp_path: Path) -> None:
    params["files"]["mail"] = params["files"]["report"]

    with pytest.raises(ConfigError, match=r"files lists \['mail', 'report'\], but applications=\['report'\]"):
        load(params, tmp_path)


@pytest.mark.parametrize(
    ("keys", "value", "message"),
    [
        (["trails"], 3, r"unknown key 'trails'; known are \[.*'trials'"),
        (["end_model", "learning_rat"], 3, r"unknown key end_model\.learning_rat; known are \[.*'learning_rate'"),
        (["report", "sha265"], "0", r"unknown key report\.sha265; known are \[.*'sha256'"),
        (["end_model", "batch_size"], "many", r"end_model\.batch_size: Value 'many'"),
        (["trials"], "ten", r"trials: Value 'ten'"),
        (["trials"], 0, r"trials=0 is too small; it must be at least 1"),
        (["report", "dev"], 0, r"openi\.dev=0 is too small; it must be at least 1"),
        (["applications"], ["reprot"], r"unknown application 'reprot'; known are \[.*'report'"),
        (["applications"], [], r"applications=\[\] must list at least one"),
        (["applications"], ["report", "report"], r"none of them twice"),
        (["methods"], ["majority"], r"methods='majority' is not known; choose one of \['majority_vote'"),
        (["supervisions"], ["gold"], r"supervisions='gold' is not known; choose one of \['gold_dev'"),
        (["methods"], ["majority_vote"], r"supervision 'data_programming' needs the label model of that name"),
        (["report", "name"], "openai", r"report\.name='openai' is not known; choose one of \[.*'local', .*'openi'.*\]"),
        (
            ["corpus", "on_error"],
            "ignore",
            r"corpus\.on_error='ignore' is not known; choose one of \['raise', 'skip'\]",
        ),
        (["report", "seed"], -1, r"openi\.seed=-1 is too small; it must be at least 0"),
        (["end_model", "learning_rate"], -1, r"end_model: learning_rate must be above 0, not -1"),
        (["end_model", "learning_rate"], 0, r"end_model: learning_rate must be above 0, not 0"),
        (["end_model", "dropout"], 2, r"end_model: dropout must be in \[0, 1\), not 2"),
        (["end_model", "input_dropout"], 1, r"end_model: input_dropout must be in \[0, 1\), not 1"),
        (["end_model", "steps"], 0, r"end_model: steps must be above 0, not 0"),
        (["end_model", "hidden"], 0, r"end_model: hidden units must be at least 1; got hidden=0"),
        (["end_model", "layers"], [0], r"end_model: hidden units must be at least 1; got .*layers=\(0,\)"),
        (["end_model", "warmup"], 1, r"end_model: warmup .* \[0, 1\), not 1"),
        (["end_model", "weight_decay"], -1, r"end_model: weight_decay must not be negative, but is -1"),
        (["end_model", "pooling"], "sum", r"end_model: unknown pooling 'sum'; known are"),
        (["end_model", "loss"], "marginal", r"end_model: unknown loss 'marginal'; known are \['joint', 'tasks'\]"),
        (["label_model", "shrinkage"], 7, r"label_model: shrinkage must lie in \[0, 1\]; got 7"),
        (["label_model", "prior_precision"], 0.2, r"label_model: prior_precision must lie in \(.5, 1\).*; got 0\.2"),
        (["label_model", "prior_strength"], -1, r"label_model: prior_strength and .* not be negative"),
        (["label_model", "max_iterations"], 0, r"label_model: max_iterations must be at least 1 .*; got 0"),
        (["label_model", "tolerance"], 0, r"label_model: .* tolerance positive; got 1000, 0"),
        (["label_model", "parameterisation"], "none", r"label_model: unknown parameterisation 'none'; known are"),
        (["engine", "name"], "dusk", r"engine\.name='dusk' is not known; .*Did you mean 'dask'\?"),
        (["engine", "adress"], "x", r"unknown key engine\.adress; .*Did you mean 'address'\?"),
        (["engine", "address"], "tcp://127.0.0.1:8786", r"engine\.address=.* is for engine=dask"),
        (["engine"], DASK | {"address": "localhost"}, r"engine\.address='localhost' .* like tcp://127\.0\.0\.1:8786"),
        (["engine"], DASK | {"workers": 0}, r"engine\.workers=0 is too small; it must be at least 1"),
        (["engine"], DASK | {"memory_limit": "2 gigs"}, r"engine\.memory_limit='2 gigs' is no size; .* like 2GiB"),
        (["engine", "partition_rows"], 0, r"engine\.partition_rows=0 is too small; it must be at least 1"),
        (["embeddings", "dimension"], 0, r"embeddings\.dimension=0 is too small; it must be at least 1"),
        (["embeddings", "seed"], -1, r"embeddings\.seed=-1 is too small; it must be at least 0"),
        (["report", "path"], "${corpus.pth}", r"section 'report': .*corpus\.pth"),
        (["report"], None, r"section 'report' is missing"),
        (["report", "path"], "", r"report\.path='' is empty and names no file; write report\.path=FILE, or"),
        (["embeddings", "path"], " ", r"embeddings\.path=' ' is empty"),
        (["corpus", "path"], None, r"corpus\.path is null, which DVC cannot depend on; for no file: flows/conf/none"),
        (["corpus", "labels"], None, r"corpus\.labels is null.*for no file: flows/conf/none"),
        (["report", "labels"], None, r"report\.labels is null.*for no file: flows/conf/none"),
        (["embeddings", "path"], None, r"embeddings\.path is null.*for no file: flows/conf/none"),
        (
            ["report", "labels"],
            "mine.csv",
            r"report\.labels='mine\.csv' is not files\.report\.labels='flows/conf/none'.*python -m flows\.compose",
        ),
        (
            ["report", "test_from"],
            "unseen.txt",
            r"report\.test_from='unseen\.txt' is not in metal/applications/report, which DVC watches",
        ),
        (["report", "test_from"], "metal/applications/report/../unseen.txt", r"put the file there"),
    ],
)
def test_what_is_wrong_is_named(
    params: dict[str, Any], tmp_path: Path, keys: list[str], value: object, message: str
) -> None:
    section = params
    for key in keys[:-1]:
        section = section[key]
    section[keys[-1]] = value

    with pytest.raises(ConfigError, match=message):
        load(params, tmp_path)


def test_a_refused_value_says_how_to_restore_the_file(params: dict[str, Any], tmp_path: Path) -> None:
    """`dvc exp run -S trials=0` leaves trials: 0 in params.yaml."""
    with pytest.raises(ConfigError, match=r"trials=0 .*git checkout .*params\.yaml, or python -m flows\.compose"):
        load(params | {"trials": 0}, tmp_path)


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        (["label"], "section 'label' is missing; write it with: python -m flows.compose"),
        (["trials"], "trials missing; write it with: python -m flows.compose"),
        (["end_model", "batch_size"], r"end_model\.batch_size missing; write it with"),
        (["report"], r"application 'report' has no corpus section; add `- corpus@report: NAME`"),
    ],
)
def test_nothing_is_filled_in_silently(params: dict[str, Any], tmp_path: Path, keys: list[str], message: str) -> None:
    section = params
    for key in keys[:-1]:
        section = section[key]
    del section[keys[-1]]

    with pytest.raises(ConfigError, match=message):
        load(params, tmp_path)


def test_a_missing_file_names_the_command_that_writes_it(tmp_path: Path) -> None:
    with pytest.raises(
        ConfigError, match=r"no configuration at .*params\.yaml; write it with: python -m flows\.compose"
    ):
        load_config(tmp_path / "params.yaml")


@pytest.mark.parametrize("text", ["- a\n- b\n", "a: [1\n", "a: 1\na: 2\n"])
def test_a_file_that_holds_no_keys_and_values_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "params.yaml"
    file.write_text(text)

    with pytest.raises(ConfigError, match=r"params\.yaml"):
        load_config(file)


def test_importing_the_configuration_brings_no_heavy_library() -> None:
    """Every step imports it: the start-up of each would grow."""
    heavy = ["torch", "pandas", "mlflow", "prefect", "hydra", "great_expectations", "matplotlib", "sklearn", "dvc"]
    code = f"import sys, flows.config, flows.cli; print([name for name in {heavy} if name in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)

    assert result.stdout.strip() == "[]"
