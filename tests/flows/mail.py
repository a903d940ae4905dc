"""A checkout with the worked application, brought as the README says, and an invented corpus of mail for it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd

from tests.local_imports import ROOT

# Text, kind, topic. The first words differ so that the texts do; what the sources look for does not.
MAIL = [
    ("You won a prize, claim it at http://prizes.example", "spam", ""),
    ("Please refund me, I was charged twice", "request", "bill"),
    ("Please help, it shows an error and will crash", "request", "fault"),
    ("Your invoice is ready: http://pay.example, and win a free prize", "spam", ""),
    ("The invoice says I was charged for a year", "request", "bill"),
    ("Please mend it: errors, and then it freezes", "request", "fault"),
]
GREETINGS = ["Hello", "Dear team", "Hi", "Good morning", "To whom it may concern"]
OVERRIDES = [
    "methods=[majority_vote,metal]",
    "supervisions=[gold_dev,metal]",
    "trials=2",
    "end_model.steps=10",
    "embeddings=random",
    "validation.max_abstain_drift=0.5",  # rates scatter on forty examples
    "+corpus@mail=local",
    "corpus.path=mail.csv",
    "mail.train=100",
    "mail.dev=40",
    "mail.test=40",
]
CONFIGURATION = {
    "  - corpus@report: openi": "  - corpus@mail: local",
    "  - embeddings: minilm": "  - embeddings: random",
    "applications: [report]": "applications: [mail]",
    "methods: [majority_vote, data_programming, metal]": "methods: [majority_vote, metal]",
    "supervisions: [gold_dev, majority_vote, data_programming, metal]": "supervisions: [gold_dev, metal]",
    "trials: 10": "trials: 2",
    "  path: flows/conf/none": "  path: mail.csv",
}
"""Lines of flows/conf/config.yaml, to their first letters that matter, and what replaces these for mail."""


def make_checkout(folder: Path) -> None:
    """Fill a folder: a git repository with nothing committed, the application, its corpus in mail.csv."""
    for name in ("metal", "flows", ".dvc"):
        shutil.copytree(
            ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "cache", "tmp", "config.local")
        )
    for name in ("dvc.yaml", "params.yaml", ".dvcignore", ".gitignore"):
        shutil.copy(ROOT / name, folder / name)
    (folder / "metal" / "applications" / "mail").mkdir()
    shutil.copy(ROOT / "tests" / "worked_application.py", folder / "metal" / "applications" / "mail" / "__init__.py")
    rows = [
        {"id": f"m{number}", "text": f"{GREETINGS[number % 5]}. {text}", "kind": kind, "topic": topic}
        for number, (text, kind, topic) in enumerate(MAIL * 40)
    ]
    mail = pd.DataFrame(rows)
    mail.loc[120:, ["kind", "topic"]] = ""  # half of it nobody labelled
    mail.to_csv(folder / "mail.csv", index=False)
    git(folder, "init", "--quiet")
    git(folder, "config", "user.name", "Test")
    git(folder, "config", "user.email", "test@example.org")


def keep_for_good(folder: Path) -> None:
    """Write mail into flows/conf, as the README says, and compose: `dvc exp run -S` starts from there."""
    config = folder / "flows" / "conf" / "config.yaml"
    text = config.read_text(encoding="utf-8")
    for old, new in CONFIGURATION.items():
        assert old in text, f"{config} has no {old!r} any more"
        text = text.replace(old, new)
    config.write_text(text, encoding="utf-8")
    sizes = [override for override in OVERRIDES if override.startswith(("mail.", "end_model.", "validation."))]
    for override in sizes:
        name, value = override.split("=")
        section, key = name.split(".")
        file = {"mail": "corpus/local", "end_model": "end_model/bilstm", "validation": "validation/default"}[section]
        path = folder / "flows" / "conf" / f"{file}.yaml"
        lines = [f"{key}: {value}" if x.startswith(f"{key}:") else x for x in path.read_text().splitlines()]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    done = run(folder, "flows.compose")
    assert done.returncode == 0, done.stderr


def git(folder: Path, *arguments: str) -> None:
    """Run git, quietly."""
    subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True)


def environment(checkout: Path) -> dict[str, str]:
    """Return the environment of commands in a checkout."""
    return {
        **os.environ,
        "PREFECT_HOME": str(checkout / "prefect"),
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "OMP_NUM_THREADS": "1",
    }


def run(checkout: Path, *command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a Python module in a checkout."""
    env = environment(checkout) | variables
    return subprocess.run(
        [sys.executable, "-m", *command], cwd=checkout, env=env, capture_output=True, text=True, check=False
    )


def succeed(checkout: Path, *command: str, **variables: str) -> str:
    """Run a Python module in a checkout and return what it printed; fails the test if it fails."""
    done = run(checkout, *command, **variables)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
