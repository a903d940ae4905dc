"""What is to stand in MLflow: one record a trial and one for the aggregate, read from results and dvc.lock."""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from flows.artifacts import RESULTS, ArtifactError, Paths, existing
from flows.comparison import compare

ALL_SEEDS = "all"
"""What stands in place of a seed in the tags of an aggregate."""
LOCK = Path("dvc.lock")


@dataclass(frozen=True)
class Record:
    """One run: what identifies it, what it was made with, what came out.

    seed : None for the aggregate over trials
    params : the configuration that its stages ran with, as dvc.lock holds it
    curve : training loss by epoch, of an aggregate the mean over trials
    tags : where it comes from; they do not enter the key
    """

    application: str
    supervision: str
    seed: int | None
    params: Mapping[str, str]
    metrics: Mapping[str, float]
    curve: Mapping[int, float] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What the run is called."""
        return self.supervision if self.seed is None else f"{self.supervision}, seed {self.seed}"

    @property
    def trial(self) -> tuple[str, str]:
        """Supervision and seed as tags hold them."""
        return self.supervision, ALL_SEEDS if self.seed is None else str(self.seed)

    @property
    def key(self) -> str:
        """SHA-256 of the content: the same result is the same run, a changed one is another."""
        content = [self.application, *self.trial, self.params, self.metrics, sorted(self.curve.items())]
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class Group:
    """The runs of one application and supervision: the aggregate, its trials, and files that go with the aggregate."""

    parent: Record
    children: tuple[Record, ...]
    files: tuple[Path, ...]


def read_groups(root: Path) -> list[Group]:
    """Read what is to be published. Raises ArtifactError if there are no results or no dvc.lock yet."""
    results = pd.read_csv(existing(root / RESULTS / "results.csv"))
    lock = read_lock(root)
    revision = git_revision(root)
    return [
        group for name in results["application"].unique() for group in groups_of(root, name, results, lock, revision)
    ]


def groups_of(
    root: Path, application: str, results: pd.DataFrame, lock: Mapping[str, Any], revision: Mapping[str, str]
) -> Iterator[Group]:
    """Yield a group for every supervision of an application."""
    rows = results[results["application"] == application]
    paths = Paths(root, application)
    curves = pd.read_csv(existing(paths.evaluation / "curves.csv"))
    files = [root / RESULTS / "report.html", root / RESULTS / "table1.md"]
    files += [paths.evaluation / f"{name}.csv" for name in ("trials", "differences", "sources", "confusion")]
    for supervision in rows.loc[rows["model"] == "end", "supervision"].unique():
        params, hashes = provenance(lock, application, supervision)
        tags = {**revision, **hashes, "corpus": str(rows["corpus"].iloc[0])}
        ends = rows[(rows["supervision"] == supervision) & (rows["model"] == "end")]
        children = tuple(
            Record(
                application,
                supervision,
                int(row["seed"]),
                params,
                {f"test/{metric_name(name)}": float(row[name]) for name in score_columns(rows) if pd.notna(row[name])}
                | {"n_train": float(row["n_train"])},
                losses(curves, supervision, int(row["seed"])),
                tags,
            )
            for _, row in ends.iterrows()
        )
        mean = curves[curves["supervision"] == supervision].groupby("epoch")["train_loss"].mean()
        parent = Record(
            application,
            supervision,
            None,
            params,
            aggregate(rows, application, supervision),
            {int(str(epoch)): float(loss) for epoch, loss in mean.items()},
            tags,
        )
        yield Group(parent, children, tuple(path for path in files if path.is_file()))


def score_columns(rows: pd.DataFrame) -> list[str]:
    """Return the columns of results.csv that hold scores."""
    return [name for name in rows.columns if name in ("micro_accuracy", "macro_f1", "nll", "ece") or ":" in name]


def metric_name(column: str) -> str:
    """Return what a column of results.csv is called in MLflow, which groups charts by slashes."""
    return column.replace(":", "/")


def aggregate(rows: pd.DataFrame, application: str, supervision: str) -> dict[str, float]:
    """Return mean and 95% interval of every score of the end model, and the scores of the label model alone."""
    found: dict[str, float] = {}
    of_supervision = rows[rows["supervision"] == supervision]
    for column in score_columns(rows):
        known = of_supervision[of_supervision[column].notna()]
        if known.empty:  # a task of another application
            continue
        models = compare(known, column)[application][supervision]
        end, name = models["end"], metric_name(column)
        found[f"test/{name}"] = end.mean
        if end.low is not None and end.high is not None:
            found |= {f"test/{name}/low": end.low, f"test/{name}/high": end.high}
        if "label" in models:
            found[f"label_model/{name}"] = models["label"].mean
        found["trials"] = float(end.trials)
    return found


def losses(curves: pd.DataFrame, supervision: str, seed: int) -> dict[int, float]:
    """Return the training loss by epoch of one trial."""
    rows = curves[(curves["supervision"] == supervision) & (curves["seed"] == seed)]
    return {int(epoch): float(loss) for epoch, loss in zip(rows["epoch"], rows["train_loss"], strict=True)}


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


def flatten(values: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """Return nested parameters under dotted names, values as JSON unless they are text already."""
    found: dict[str, str] = {}
    for name, value in values.items():
        if isinstance(value, Mapping):
            found |= flatten(value, f"{prefix}{name}.")
        else:
            found[f"{prefix}{name}"] = value if isinstance(value, str) else json.dumps(value)
    return found


def git_revision(root: Path) -> dict[str, str]:
    """Return the revision of the checkout as a tag; nothing outside of a git repository."""
    done = subprocess.run(
        ["git", "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    return {"git.revision": done.stdout.strip()} if done.returncode == 0 else {}
