"""Taking over an experiment in a checkout where another pipeline, as that of `make figures`, has never run."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from flows.apply import ApplyError, apply

ROOT = Path(__file__).parents[2]
PIPELINE = """\
stages:
  copy:
    wdir: {up}
    cmd: mkdir -p data && cp params.yaml data/{out}
    params: [x]
    outs: [data/{out}]
"""


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with two pipelines, of which dvc.yaml has run, for x=1 and, as the experiment `two`, for x=2."""
    folder = tmp_path_factory.mktemp("checkout")
    files = {
        "dvc.yaml": PIPELINE.format(up=".", out="own.yaml"),
        "figures/dvc.yaml": PIPELINE.format(up="..", out="figures.yaml"),
        "params.yaml": "x: 1\n",
        ".gitignore": "/data/\n",
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    call(folder, "git", "init", "--quiet")
    call(folder, "git", "config", "user.name", "Test")
    call(folder, "git", "config", "user.email", "test@example.org")
    for command in (["init", "--quiet"], ["repro", "--quiet"]):
        call(folder, sys.executable, "-m", "dvc", *command)
    call(folder, "git", "add", "--all")
    call(folder, "git", "commit", "--quiet", "--message", "Start")
    call(folder, sys.executable, "-m", "dvc", "exp", "run", "--name", "two", "--set-param", "x=2", "dvc.yaml")
    return folder


@pytest.fixture
def clean(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The checkout as it was committed, and where the process stands."""
    call(checkout, "git", "reset", "--quiet", "--hard")
    shutil.rmtree(checkout / "data", ignore_errors=True)
    monkeypatch.chdir(checkout)
    return checkout


def call(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its success."""
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def test_an_experiment_is_taken_over_whatever_other_pipelines_lack(clean: Path) -> None:
    native = subprocess.run(
        [sys.executable, "-m", "dvc", "exp", "apply", "two"], cwd=clean, capture_output=True, text=True, check=False
    )
    assert native.returncode != 0  # once it does, flows.apply has no use any more
    assert "figures.yaml" in native.stderr
    call(clean, "git", "reset", "--quiet", "--hard")
    shutil.rmtree(clean / "data")

    done = call(clean, sys.executable, "-m", "flows.apply", "two")

    assert done.stdout.startswith("Experiment two is in the workspace")
    assert done.stderr == ""
    assert (clean / "params.yaml").read_text(encoding="utf-8") == "x: 2\n"
    assert (clean / "data" / "own.yaml").read_text(encoding="utf-8") == "x: 2\n"
    status = call(clean, sys.executable, "-m", "dvc", "status", "dvc.yaml", "--json")
    assert status.stdout.strip() == "{}"


def test_what_the_cache_lacks_of_the_experiment_is_an_error(clean: Path) -> None:
    cache = clean / ".dvc" / "cache"
    cache.rename(clean / ".dvc" / "elsewhere")
    try:
        with pytest.raises(ApplyError, match=r"'two' is applied but for .*: data/own\.yaml; dvc pull"):
            apply(clean, "two")
    finally:
        shutil.rmtree(cache, ignore_errors=True)
        (clean / ".dvc" / "elsewhere").rename(cache)


def test_a_name_that_is_no_experiment_is_refused(clean: Path) -> None:
    with pytest.raises(ApplyError, match=r"experiment 'tow': .*dvc exp show"):
        apply(clean, "tow")
    assert (clean / "params.yaml").read_text(encoding="utf-8") == "x: 1\n"
