"""params.yaml is composed from flows/conf, by hand and by DVC alike."""

import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from dvc.utils.hydra import compose_and_dump

from flows.compose import HEADER, compose, params_text
from flows.config import ConfigError, load_config
from tests.local_imports import ROOT


def test_the_committed_parameters_are_the_composed_ones() -> None:
    """If this fails: python -m flows.compose."""
    assert (ROOT / "params.yaml").read_text(encoding="utf-8") == params_text()


def test_dvc_composes_the_same(tmp_path: Path) -> None:
    """`dvc exp run -S` composes by itself: same content, same overrides."""
    out = tmp_path / "params.yaml"
    overrides = ["trials=2", "corpus.labels=published.csv"]
    compose_and_dump(str(out), str(ROOT / "flows" / "conf"), None, "config", str(ROOT), overrides)

    assert HEADER + out.read_text() == params_text(overrides)
    assert load_config(out).corpora["report"].labels == "published.csv"


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("end_model.learning_rat=3", "learning_rat"),
        ("trails=3", "trails"),
        ("end_model=lstmm", "lstmm"),
        ("+end_model.learning_rat=3", r"unknown key end_model\.learning_rat"),
        ("end_model.batch_size=many", r"end_model\.batch_size: Value 'many'"),
        ("applications=[reprot]", "unknown application 'reprot'"),
        ("trials=0", "trials=0 is too small"),
        ("trials", "trials"),
    ],
)
def test_wrong_overrides_are_refused(override: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        compose([override])


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
