"""Where results come from: parameters, hashes and data sets out of dvc.lock, the revision, the DVC experiment."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from flows.artifacts import ArtifactError, existing
from flows.config import GOLD_DEV

LOCK = Path("dvc.lock")


@dataclass(frozen=True)
class DataSet:
    """A file that runs were made from.

    name : application, kind and split, e.g. "report text/train"
    path : below the root; md5 : as dvc.lock holds it, the name under which DVC's cache and remotes keep the content
    context : "training", "validation" (chose hyperparameters, the class balance) or "testing"
    """

    name: str
    path: str
    md5: str
    context: str


def read_lock(root: Path) -> dict[str, Any]:
    """Return the stages of dvc.lock. Raises ArtifactError if it is missing or damaged."""
    path = existing(root / LOCK)
    try:
        return dict(yaml.safe_load(path.read_text(encoding="utf-8"))["stages"])
    except (yaml.YAMLError, KeyError, TypeError) as error:
        raise ArtifactError(f"{path} cannot be read: {error}. Restore it from git, or run dvc repro") from error


def provenance(lock: Mapping[str, Any], application: str, supervision: str) -> tuple[dict[str, str], dict[str, str]]:
    """Return the parameters that a supervision's stages ran with, and the hashes of what they wrote, as tags."""
    params: dict[str, str] = {"application": application, "supervision": supervision}
    hashes: dict[str, str] = {}
    for address, stage in lock.items():
        if address.partition("@")[2] not in (application, f"{application}-{supervision}"):
            continue
        for values in stage.get("params", {}).values():
            params |= flatten(values)
        hashes |= {f"md5/{out['path']}": str(out["md5"]) for out in stage.get("outs", []) if "md5" in out}
    return params, hashes


def data_sets(lock: Mapping[str, Any], application: str, supervision: str) -> tuple[DataSet, ...]:
    """Return the texts and gold labels that a supervision's runs rest on, as far as dvc.lock names them.

    Trained on dev's gold labels, dev is what the end model learns from; else it is train, which has none.
    """
    known = {
        dep["path"]: str(dep["md5"])
        for address, stage in lock.items()
        if address.partition("@")[2].split("-")[0] == application
        for dep in stage.get("deps", [])
        if "md5" in dep
    }
    on_dev = supervision == GOLD_DEV
    contexts = {"dev": "training" if on_dev else "validation", "test": "testing"}
    if not on_dev:
        contexts = {"train": "training", **contexts}
    files = [(f"{kind}/{split}", contexts[split]) for split in contexts for kind in ("text", "gold")]
    found = []
    for name, context in files:
        path = f"data/corpora/{application}/{name}.parquet"
        if path in known:  # train's gold is nobody's dependency
            found.append(DataSet(f"{application} {name}", path, known[path], context))
    return tuple(found)


def flatten(values: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """Return nested parameters under dotted names, values as JSON unless they are text already."""
    found: dict[str, str] = {}
    for name, value in values.items():
        if isinstance(value, Mapping):
            found |= flatten(value, f"{prefix}{name}.")
        else:
            found[f"{prefix}{name}"] = value if isinstance(value, str) else json.dumps(value)
    return found


def origin(root: Path) -> dict[str, str]:
    """Return revision and DVC experiment of the checkout as tags; nothing outside of a git repository."""
    described = git(root, "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*")
    tags = {} if described is None else {"git.revision": described}
    experiment = os.environ.get("DVC_EXP_NAME") or saved_experiment(root)
    return tags | ({"dvc.experiment": experiment} if experiment else {})


def saved_experiment(root: Path) -> str | None:
    """Return the name of the DVC experiment whose dvc.lock is the checkout's; None where there is none.

    DVC keeps an experiment as a commit under refs/exps/; the same lock is the same artifacts. Of several, as where one
    was saved twice, all names, with commas.
    """
    refs = git(root, "for-each-ref", "--format=%(refname)", "refs/exps")
    lock = git(root, "hash-object", "--", str(LOCK))
    if not refs or lock is None:
        return None
    if lock == git(root, "rev-parse", "--verify", "--quiet", f"HEAD:{LOCK}"):
        return None  # what is committed is no experiment, though some may have come to the same
    ours = ("stash", "exec", "apply", "celery")  # DVC's own bookkeeping
    names = [
        ref.rsplit("/", 1)[1]
        for ref in refs.splitlines()
        if ref.split("/")[2] not in ours and git(root, "rev-parse", "--verify", "--quiet", f"{ref}:{LOCK}") == lock
    ]
    return ",".join(sorted(set(names))) or None


def git(root: Path, *arguments: str) -> str | None:
    """Return what a git command says; None where it fails."""
    done = subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else None
