"""params.yaml is composed from flows/conf, by hand and by DVC alike."""

import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from dvc.repo import Repo
from dvc.utils.hydra import compose_and_dump
from omegaconf import OmegaConf

import flows.compose
from flows.compose import EXAMPLE, HEADER, compose, params_text
from flows.config import ConfigError, load_config
from tests.local_imports import ROOT


def test_the_committed_parameters_are_the_composed_ones() -> None:
    """If this fails: python -m flows.compose."""
    assert (ROOT / "params.yaml").read_text(encoding="utf-8") == params_text()


def test_dvc_composes_the_same(tmp_path: Path) -> None:
    """`dvc exp run -S` composes by itself, in a process that finds ours through its plugins alone: same content."""
    out = tmp_path / "params.yaml"
    overrides = ["trials=2", "corpus.labels=published.csv"]
    with Repo(str(ROOT)) as repo:
        hydra = repo.config["hydra"]
    arguments = [
        str(out),
        str(ROOT / hydra["config_dir"]),
        None,
        hydra["config_name"],
        str(ROOT / hydra["plugins_path"]),
    ]
    code = f"from dvc.utils.hydra import compose_and_dump; compose_and_dump(*{arguments!r}, {overrides!r})"
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True)

    assert HEADER + out.read_text() == params_text(overrides)
    assert load_config(out).corpora["report"].labels == "published.csv"


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("end_model.learning_rat=3", r"unknown key 'end_model\.learning_rat'.*mean 'end_model\.learning_rate'"),
        ("tirals=3", r"unknown key 'tirals'; known are \['applications'.*mean 'trials'"),
        ("end_modle.steps=3", r"unknown key 'end_modle\.steps'; known are \['applications'.*mean 'end_model\.steps'"),
        ("end_modle=bilstm", r"unknown key 'end_modle'.*mean 'end_model'"),
        ("~tirals", r"unknown key 'tirals'"),
        ("end_model=lstmm", r"group 'end_model' has no 'lstmm'; it has .*'transformer'.*mean 'bilstm'"),
        ("corpus@report=opneii", r"group 'corpus' has no 'opneii'; it has \[.*'local', .*'openi'.*\].*mean 'openi'"),
        ("corpsu@report=openi", r"unknown group 'corpsu'; known are \['corpus', .*mean 'corpus'"),
        ("+end_model.learning_rat=3", r"unknown key end_model\.learning_rat.*mean 'learning_rate'"),
        ("+tirals=3", r"unknown key 'tirals'.*mean 'trials'"),
        ("end_model.batch_size=many", r"end_model\.batch_size: Value 'many'"),
        ("applications=[reprot]", r"unknown application 'reprot'; known are \[.*'report'.*\]\. Did you mean 'report'"),
        ("trials=0", "trials=0 is too small"),
        ("trials", r"override 'trials' cannot be read; write KEY=VALUE, such as end_model\.steps=410"),
        ("trials=[", r"override 'trials=\[' cannot be read"),
        ("corpus.path=${nope}", r"'corpus\.path=\$\{nope\}'.*: Interpolation key 'nope' not found"),
        ("corpus.path=${corpus.path}", r"corpus\.path.*: Recursive interpolation"),
    ],
)
def test_wrong_overrides_are_refused(override: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message) as refused:
        compose([override])
    for hydras in ("To append to your config", "provider=", "hydra.cc", "\n"):
        assert hydras not in str(refused.value)


def test_the_files_are_listed_for_the_chosen_applications_with_their_own_paths() -> None:
    """What DVC watches: an application's own file, or else the one for every corpus; where DVC composes, too."""
    config = compose(["corpus.path=all.txt", "report.path=mine.tgz", "corpus.labels=labels.csv"])

    assert config.files == {"report": {"path": "mine.tgz", "labels": "labels.csv", "patches": "flows/conf/none"}}


def test_an_application_has_an_end_model_of_its_own_where_its_section_says_so() -> None:
    own = ["+end_model@report.end_model=bilstm", "report.end_model.steps=40", "end_model.steps=80"]

    config = compose(own)
    assert (config.end_models.report.steps, config.end_model.steps) == (40, 80)
    assert list(config.end_models) == list(config.applications)
    config = compose(["end_model.steps=80"])
    assert config.end_models.report.steps == 80

    transformer = ["end_model=transformer", "embeddings=transformer"]
    assert compose(transformer).end_models.report.encoder == "transformer"
    message = r"end_models\.report\.encoder=lstm does not read .*: report\.end_model=null"
    with pytest.raises(ConfigError, match=message):
        compose([*own[:2], *transformer])
    assert compose([*own[:1], *transformer, "report.end_model=null"]).end_models.report.encoder == "transformer"


def test_what_an_application_would_train_with_is_checked_before_it_is_run() -> None:
    assert "relation" not in compose().applications
    with pytest.raises(ConfigError, match=r"relation\.end_model\.steps: Value 'abc'"):
        compose(["relation.end_model.steps=abc"])


def test_the_example_of_the_help_works() -> None:
    key, _, value = EXAMPLE.partition("=")
    assert str(OmegaConf.select(compose([EXAMPLE]), key)) == value
    for module in ("flows.compose", "flows.pipeline"):
        said = subprocess.run(
            [sys.executable, "-m", module, "--help"], cwd=ROOT, capture_output=True, text=True, check=True
        )
        assert EXAMPLE in said.stdout
    assert EXAMPLE in str(flows.compose.__doc__)


def test_groups_and_keys_of_the_chosen_group_may_be_overridden_together() -> None:
    config = compose(["label_model=mle", "label_model.smoothing=.2", "corpus@report=local", "report.train=6"])
    assert (config.label_model.estimator, config.label_model.smoothing) == ("mle", 0.2)
    assert (config.report.name, config.report.train) == ("local", 6)


@pytest.mark.parametrize("override", ["end_model.learning_rat=3", "trails=3", "+trails=3"])
def test_dvc_refuses_misspelt_keys(tmp_path: Path, override: str) -> None:
    """What Hydra lets pass, the step's own loading refuses."""
    out = tmp_path / "params.yaml"
    with pytest.raises(Exception, match=r"learning_rat|trails"):  # noqa: PT012  either of the two must refuse
        compose_and_dump(str(out), str(ROOT / "flows" / "conf"), None, "config", str(tmp_path), [override])
        load_config(out)


def test_the_command_writes_atomically_and_reports_errors(tmp_path: Path) -> None:
    out = tmp_path / "params.yaml"

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "flows.compose", "--out", str(out), *arguments]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert run("trials=3").returncode == 0
    assert yaml.safe_load(out.read_text())["trials"] == 3
    before = out.read_text()
    failed = run("trials=none_at_all")
    assert failed.returncode == 1
    assert failed.stderr.startswith("error: ")
    assert "Traceback" not in failed.stderr
    assert out.read_text() == before
