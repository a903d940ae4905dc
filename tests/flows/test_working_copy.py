"""Working copies of triggered runs: made, removed, pruned; the checkout and its experiments under way left alone."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from flows.dvc_process import command
from flows.run_lock import exclusive
from flows.working_copy import (
    KEPT,
    RUNS,
    WorkingCopy,
    WorkingCopyError,
    bring_inputs,
    bring_outputs,
    check_name,
    prune,
    save_experiment,
    working_copy,
)
from tests.local_imports import ROOT

DAG = """
stages:
  first:
    cmd: python first.py
    deps: [first.py, mine/text.txt]
    outs: [out/first/words]
  last:
    cmd: python last.py
    deps: [last.py, out/first]
    params: [times]
    metrics: [out/last.json]
"""
FIRST = """
from pathlib import Path
Path("out/first").mkdir(parents=True, exist_ok=True)
Path("out/first/words").write_text(Path("mine/text.txt").read_text())
"""
LAST = """
import json, time
from pathlib import Path
times = int(Path("params.yaml").read_text().split()[1])
while times == 50 and not Path("go").exists():
    time.sleep(0.05)
Path("out/last.json").write_text(json.dumps({"count": times * len(Path("out/first/words").read_text().split())}))
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with two stages, the corpus `mine/text.txt` outside of git, and a commit."""
    root = tmp_path / "checkout"
    (root / "mine").mkdir(parents=True)
    for name, text in {"dvc.yaml": DAG, "first.py": FIRST, "last.py": LAST, "params.yaml": "times: 1\n"}.items():
        (root / name).write_text(text)
    (root / "mine" / "text.txt").write_text("three words here")
    (root / ".gitignore").write_text("/out/\n/mine/\n/.prefect/\n")
    git(root, "init", "--quiet")
    dvc(root, "init", "--quiet")
    (root / ".dvcignore").write_text("/.prefect\n")
    git(root, "config", "user.name", "Test")
    git(root, "config", "user.email", "test@example.org")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "Start")
    return root


def git(root: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=root, check=True, capture_output=True, text=True).stdout.strip()


def dvc(root: Path, *arguments: str) -> str:
    done = subprocess.run(command(*arguments), cwd=root, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def run(checkout: Path, identifier: str, times: int, name: str) -> str:
    """Do what a triggered run does; return what DVC said."""
    with working_copy(checkout, identifier, pytest.fail) as copy:
        (copy.root / "params.yaml").write_text(f"times: {times}\n")
        check_name(copy, name)
        bring_inputs(copy)
        bring_outputs(copy, "dvc.yaml")
        said = dvc(copy.root, "repro")
        save_experiment(copy, name, "dvc.yaml")
    return said


def experiments(checkout: Path) -> dict[str, Any]:
    """Return the metric of each experiment that `dvc exp show` lists in the checkout."""
    [_, baseline] = json.loads(dvc(checkout, "exp", "show", "--json"))
    found = [experiment["revs"][0] for experiment in baseline["experiments"] or []]
    return {one["name"]: one["data"]["metrics"]["out/last.json"]["data"]["count"] for one in found}


def test_a_run_comes_back_as_an_experiment_and_leaves_the_checkout_alone(checkout: Path) -> None:
    (checkout / "params.yaml").write_text("times: 5\n")  # somebody is editing
    before = {path: path.read_bytes() for path in checkout.iterdir() if path.is_file()}

    run(checkout, "one", 2, "twice")

    assert experiments(checkout) == {"twice": 6}
    assert {path: path.read_bytes() for path in checkout.iterdir() if path.is_file()} == before
    assert not (checkout / "out").exists()
    assert git(checkout, "status", "--short").split() == ["M", "params.yaml"]
    assert not any((checkout / RUNS).iterdir())
    assert git(checkout, "worktree", "list").count("\n") == 0
    # Applied, the outputs come out of the cache that the run shared.
    git(checkout, "checkout", "params.yaml")
    dvc(checkout, "exp", "apply", "twice")
    assert json.loads((checkout / "out" / "last.json").read_text()) == {"count": 6}
    assert "didn't change" in dvc(checkout, "repro")


def test_the_second_run_does_nothing_again(checkout: Path) -> None:
    run(checkout, "one", 2, "twice")

    said = run(checkout, "two", 2, "again")

    assert "Running stage" not in said
    assert experiments(checkout) == {"twice": 6, "again": 6}


def test_outputs_come_from_the_cache_even_without_a_record_of_their_runs(checkout: Path) -> None:
    """As after `dvc pull`, which brings outputs but not the history of runs."""
    dvc(checkout, "repro")
    git(checkout, "add", "dvc.lock")
    git(checkout, "commit", "--quiet", "--message", "Lock")
    for file in (checkout / ".dvc" / "cache" / "runs").rglob("*"):
        if file.is_file():
            file.unlink()

    assert "Running stage" not in run(checkout, "one", 1, "same")


@pytest.mark.parametrize("name", ["a/b", "-x", "x..y", "with space", "x.lock"])
def test_a_name_that_git_refuses_is_named(checkout: Path, name: str) -> None:
    copy = WorkingCopy(checkout, checkout, git(checkout, "rev-parse", "HEAD"), lock=0)

    with pytest.raises(WorkingCopyError, match="use letters"):
        check_name(copy, name)


def test_a_name_that_is_taken_is_refused_before_anything_runs(checkout: Path) -> None:
    run(checkout, "one", 2, "twice")

    with pytest.raises(WorkingCopyError, match=r"'twice' on commit \w{7} already; .*dvc exp remove twice"):
        run(checkout, "two", 3, "twice")

    assert experiments(checkout) == {"twice": 6}
    assert not any((checkout / RUNS).iterdir())


def test_an_experiment_under_way_in_the_checkout_is_not_disturbed(checkout: Path) -> None:
    """DVC keeps the state of `dvc exp run` in git references, which linked worktrees would share."""
    dvc(checkout, "repro")
    words = [*command("exp", "run", "--name", "mine", "--set-param", "times=50")]
    with subprocess.Popen(words, cwd=checkout, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        while not git(checkout, "for-each-ref", "refs/exps/exec/EXEC_BASELINE"):
            assert process.poll() is None
            time.sleep(0.05)
        run(checkout, "one", 2, "twice")
        assert process.poll() is None
        (checkout / "go").touch()
        assert process.stderr is not None
        said = process.stderr.read()

    assert process.returncode == 0, said
    assert experiments(checkout) == {"mine": 150, "twice": 6}


# Makes a working copy, leaves something to resume in it, says so and waits.
CRASHING = """
import sys, time
from pathlib import Path
from flows.working_copy import working_copy
with working_copy(Path(), "crashed", print) as copy:
    scratch = copy.root / "data" / "scratch" / "mail"
    (scratch / "metal").mkdir(parents=True)
    (scratch / "metal" / "checkpoint").write_text("epoch 7")
    (scratch / "validation").mkdir()
    print("there", flush=True)
    time.sleep(60)
"""


def test_what_a_killed_run_left_is_pruned_and_what_it_can_resume_is_taken_up(checkout: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [sys.executable, "-c", CRASHING], cwd=checkout, env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "there\n"
        gone: list[str] = []
        with working_copy(checkout, "beside", gone.append):
            assert gone == []
            assert sorted(path.name for path in (checkout / RUNS).iterdir()) == ["beside", "crashed"]
        process.send_signal(signal.SIGKILL)

    with working_copy(checkout, "next", gone.append) as copy:
        assert gone == ["crashed"]
        assert [path.name for path in (checkout / RUNS).iterdir()] == ["next"]
        kept = copy.root / "data" / "scratch" / "mail"
        assert [path.name for path in kept.iterdir()] == ["metal"]
        assert (kept / "metal" / "checkpoint").read_text() == "epoch 7"
        assert not any((checkout / KEPT / "mail").iterdir())
    # It was not used up, and waits for the next.
    assert (checkout / KEPT / "mail" / "metal" / "checkpoint").read_text() == "epoch 7"


def test_half_a_clone_is_pruned(checkout: Path) -> None:
    (checkout / RUNS / "half" / ".git").mkdir(parents=True)

    assert prune(checkout) == ["half"]


def test_a_path_is_linked_only_where_no_stage_writes_it(checkout: Path) -> None:
    dvc(checkout, "repro")  # the checkout has out/first, which a stage of the copy reads and another makes

    with working_copy(checkout, "one", pytest.fail) as copy, exclusive(checkout):
        assert bring_inputs(copy) == ["mine/text.txt"]
        assert (copy.root / "mine" / "text.txt").resolve() == checkout / "mine" / "text.txt"
        assert not (copy.root / "out").exists()
