"""A working copy of the checkout for one triggered run: its own files, DVC's cache shared, experiments handed back.

It is a clone that shares git's objects, as DVC makes for `dvc exp run --temp`. A linked worktree (`git worktree`) would
share git's references too, and DVC keeps the state of an experiment under way in some: `dvc exp save` in the one
breaks `dvc exp run` in the other.

Where things lie below the checkout, in folders that git and DVC ignore:

    .prefect/runs/ID     the working copy of a run, as long as it is under way
    .prefect/scratch     what unfinished trainings of ended runs need to resume; the next run takes it up
"""

from __future__ import annotations

import fcntl
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from flows.artifacts import SCRATCH
from flows.dvc_process import command
from flows.run_lock import exclusive, under_way

HOME = Path(".prefect")
"""Everything of the server, the worker and triggered runs, below the checkout."""
RUNS = HOME / "runs"
KEPT = HOME / "scratch"
PAGES_ONLY = "validation"
"""The folder of an application's scratch that no training resumes from."""


class WorkingCopyError(RuntimeError):
    """A working copy could not be made, or its experiment could not be handed back."""


@dataclass(frozen=True)
class WorkingCopy:
    """A clone at a commit of the checkout's; `lock` is the descriptor of its run lock."""

    checkout: Path
    root: Path
    commit: str
    lock: int


@contextmanager
def working_copy(checkout: Path, identifier: str, gone: Callable[[str], None]) -> Iterator[WorkingCopy]:
    """Make a working copy of the checkout's last commit and remove it at the end; first remove those of dead runs.

    identifier : names the folder; unique among runs
    gone : called with the identifier of every run whose processes are gone, but whose working copy is there

    Uncommitted changes of the checkout are not in it. Raises WorkingCopyError where git or DVC refuse.
    """
    root = (checkout / RUNS / identifier).resolve()
    root.parent.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        with alone(checkout):
            for name in prune(checkout):
                gone(name)
            git(checkout, "clone", "--quiet", "--shared", str(checkout.resolve()), str(root))
            lock = stack.enter_context(exclusive(root))
            stack.callback(retire, checkout, root)
            claim_scratch(checkout, root)
        share_cache(checkout, root)
        yield WorkingCopy(checkout, root, git(root, "rev-parse", "HEAD"), lock)


def retire(checkout: Path, root: Path) -> None:
    """Remove the working copy of this process's run, while nobody looks for what it keeps."""
    with alone(checkout):
        remove(checkout, root)


def remove(checkout: Path, root: Path) -> None:
    """Remove a working copy whose run has ended; what can be resumed is kept. The caller holds the lock (`alone`)."""
    keep_scratch(checkout, root)
    shutil.rmtree(root, ignore_errors=True)  # what is left, the next run removes


@contextmanager
def alone(checkout: Path) -> Iterator[None]:
    """Hold the lock under which working copies are made, removed, and hand experiments back."""
    with (checkout / HOME / "runs.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def prune(checkout: Path) -> list[str]:
    """Remove the working copies that no process holds; return their identifiers. What can be resumed is kept."""
    removed = []
    for root in sorted((checkout / RUNS).iterdir()):
        if not under_way(root):
            remove(checkout, root)
            removed.append(root.name)
    return removed


def keep_scratch(checkout: Path, root: Path) -> None:
    """Put what unfinished trainings need to resume where the next run finds it; the newest of a training is kept."""
    for folder in sorted((root / SCRATCH).glob("*/*")):
        if folder.name != PAGES_ONLY:
            place = checkout / KEPT / folder.parent.name / folder.name
            shutil.rmtree(place, ignore_errors=True)
            place.parent.mkdir(parents=True, exist_ok=True)
            folder.rename(place)


def claim_scratch(checkout: Path, root: Path) -> None:
    """Take up what was kept: one run has it at a time. A training begins anew where its inputs are other ones."""
    for folder in sorted((checkout / KEPT).glob("*/*")):
        place = root / SCRATCH / folder.parent.name / folder.name
        place.parent.mkdir(parents=True, exist_ok=True)
        folder.rename(place)


def share_cache(checkout: Path, root: Path) -> None:
    """Make a working copy use the checkout's cache; what DVC keeps by a repository's path stays in the copy itself."""
    from dvc.repo import Repo

    with Repo(str(checkout)) as repo:
        cache = str(Path(repo.cache.local_cache_dir).resolve())
    with Repo(str(root)) as repo, repo.config.edit("local") as config:
        config.setdefault("cache", {})["dir"] = cache
        config.setdefault("core", {})["site_cache_dir"] = str(root / ".dvc" / "tmp" / "site")


def bring_inputs(copy: WorkingCopy) -> list[str]:
    """Link the files that stages read and only the checkout has, such as a corpus; return their paths.

    A path relative to the checkout thus means the same file in the working copy, and the same stage to DVC.
    """
    from dvc.repo import Repo

    with Repo(str(copy.root)) as repo:
        made = {Path(out.fs_path) for out in repo.index.outs}
        read = {Path(dep.fs_path) for dep in repo.index.deps if dep.protocol == "local"}
    linked = []
    for path in sorted(read):
        if not path.is_relative_to(copy.root) or path.exists() or any(overlap(path, out) for out in made):
            continue
        name = path.relative_to(copy.root)
        there = copy.checkout.resolve() / name
        if there.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.symlink_to(there)
            linked.append(str(name))
    return linked


def overlap(one: Path, other: Path) -> bool:
    """Say whether one path is, or lies in, the other."""
    return one.is_relative_to(other) or other.is_relative_to(one)


def bring_outputs(copy: WorkingCopy, dag: str) -> None:
    """Take the outputs that dvc.lock names, as far as the cache holds them."""
    call(command("checkout", "--quiet", "--allow-missing", dag), copy.root, "dvc checkout")


def experiment_ref(commit: str, name: str) -> str:
    """Return the git reference under which DVC keeps an experiment on a commit."""
    return f"refs/exps/{commit[:2]}/{commit[2:]}/{name}"


def check_name(copy: WorkingCopy, name: str) -> None:
    """Raise WorkingCopyError where an experiment cannot have the name, or another on the same commit has it."""
    ref = experiment_ref(copy.commit, name)
    if "/" in name or name.startswith("-") or subprocess.run(["git", "check-ref-format", ref], check=False).returncode:
        raise WorkingCopyError(f"experiment {name!r}: no name for a git reference; use letters, digits, '-' and '_'")
    if git(copy.checkout, "for-each-ref", ref):
        raise WorkingCopyError(
            f"there is an experiment {name!r} on commit {copy.commit[:7]} already; choose another name, or remove it: "
            f"dvc exp remove {name}"
        )


def save_experiment(copy: WorkingCopy, name: str, dag: str) -> None:
    """Save the stages of a dvc.yaml as a DVC experiment and hand it to the checkout, where `dvc exp show` lists it.

    Raises WorkingCopyError where it cannot be saved, or where another of that name has come in between.
    """
    author = {"user.name": "metal", "user.email": "metal@localhost"}
    for key, default in author.items():
        git(copy.root, "config", key, git(copy.checkout, "config", "--default", default, "--get", key))
    call(command("exp", "save", "--name", name, dag), copy.root, "dvc exp save")
    with alone(copy.checkout):
        git(copy.root, "push", "--quiet", "origin", experiment_ref(copy.commit, name))


def git(folder: Path, *arguments: str) -> str:
    """Run git in a folder and return what it says. Raises WorkingCopyError with its own words."""
    return call(["git", *arguments], folder, f"git {arguments[0]}")


def call(words: list[str], folder: Path, name: str) -> str:
    """Run a command and return what it says. Raises WorkingCopyError with its own words."""
    done = subprocess.run(words, cwd=folder, text=True, capture_output=True, check=False)
    if done.returncode:
        raise WorkingCopyError(f"{name} in {folder} failed: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout.strip()
