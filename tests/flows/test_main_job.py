"""The whole chain by the command that runs it: the worked application, brought as the README says, to its table."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

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


def make_checkout(tmp_path: Path) -> Path:
    """Make a checkout with an application `mail` of its own and a corpus for it."""
    for name in ("metal", "flows", ".dvc"):
        shutil.copytree(
            ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "cache", "tmp", "config.local")
        )
    for name in ("dvc.yaml", "params.yaml", "prefect.yaml", ".dvcignore", ".gitignore"):
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "metal" / "applications" / "mail").mkdir()
    shutil.copy(ROOT / "tests" / "worked_application.py", tmp_path / "metal" / "applications" / "mail" / "__init__.py")
    rows = [
        {"id": f"m{number}", "text": f"{GREETINGS[number % 5]}. {text}", "kind": kind, "topic": topic}
        for number, (text, kind, topic) in enumerate(MAIL * 40)
    ]
    mail = pd.DataFrame(rows)
    mail.loc[120:, ["kind", "topic"]] = ""  # half of it nobody labelled
    mail.to_csv(tmp_path / "mail.csv", index=False)
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    return tmp_path


def commit(checkout: Path) -> None:
    """Commit all but the corpus, which nobody need commit."""
    identity = ["-c", "user.name=Test", "-c", "user.email=test@example.org"]
    for command in (["add", "--all", "--", ":!mail.csv"], [*identity, "commit", "--quiet", "--message", "Start"]):
        subprocess.run(["git", *command], cwd=checkout, check=True)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    return make_checkout(tmp_path)


def run(checkout: Path, *command: str) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "PREFECT_HOME": str(checkout / "prefect"),
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "OMP_NUM_THREADS": "1",
    }
    return subprocess.run(
        [sys.executable, "-m", *command], cwd=checkout, env=environment, capture_output=True, text=True, check=False
    )


def test_the_flow_runs_from_a_corpus_to_the_comparison(checkout: Path) -> None:
    done = run(checkout, "flows.pipeline", "--applications", "mail", "--", *OVERRIDES)

    assert done.returncode == 0, done.stdout + done.stderr
    results = pd.read_csv(checkout / "data" / "results" / "results.csv")
    assert set(results.columns) >= {"application", "corpus", "supervision", "model", "seed", "n_train", "task:kind"}
    # Two trials of each end model, one row for the label model alone.
    assert results.value_counts(["supervision", "model"]).to_dict() == {
        ("gold_dev", "end"): 2,
        ("metal", "end"): 2,
        ("metal", "label"): 1,
    }
    # The sources name the right label of every text, so that the label model alone does.
    assert results.query("model == 'label'")["micro_accuracy"].tolist() == [1.0]
    assert done.stdout.count("test accuracy over whole label vectors") == 1  # at the end, and not by the stage too
    assert "MeTaL" in done.stdout
    assert (checkout / "data" / "results" / "report.html").is_file()

    # DVC knows all of it: nothing is left to run, and its own commands show it.
    again = run(checkout, "dvc", "repro")
    assert again.returncode == 0, again.stderr
    assert "Running stage" not in again.stdout
    (checkout / "mail.csv").write_text((checkout / "mail.csv").read_text().replace("Hello", "Good day"))
    status = run(checkout, "dvc", "status", "--json")
    assert "acquire@mail" in json.loads(status.stdout), "another corpus under the same name was not noticed"
    metrics = run(checkout, "dvc", "metrics", "show")
    assert metrics.returncode == 0
    assert "mail.metal.end.mean" in metrics.stdout


def test_an_experiment_composes_its_parameters_and_refuses_misspelt_keys(checkout: Path) -> None:
    commit(checkout)

    def experiment(*overrides: str) -> subprocess.CompletedProcess[str]:
        settings = [word for override in overrides for word in ("-S", override)]
        return run(checkout, "dvc", "exp", "run", *settings, "ingest@mail")

    misspelt = experiment("end_model.stepz=3")
    assert misspelt.returncode != 0
    assert "stepz" in misspelt.stderr

    mail = [override for override in OVERRIDES if "mail" in override]
    done = experiment("applications=[mail]", *mail, "mail.seed=7")
    assert done.returncode == 0, done.stderr
    assert "seed: 7" in (checkout / "params.yaml").read_text()
    assert (checkout / "data" / "corpora" / "mail" / "text" / "train.parquet").is_file()
