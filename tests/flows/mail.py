"""A checkout of the worked application that is there to stay: configured for good, its corpus tracked by DVC."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.flows.test_main_job import OVERRIDES, make_checkout

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


def lasting_checkout(folder: Path) -> None:
    """Fill a folder with a checkout whose configuration is for mail, and whose corpus DVC tracks; nothing committed."""
    make_checkout(folder)
    git(folder, "config", "user.name", "Test")
    git(folder, "config", "user.email", "test@example.org")
    keep_for_good(folder)
    succeed(folder, "dvc", "add", "mail.csv")  # an experiment in the queue sees what git and DVC track, no more


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
