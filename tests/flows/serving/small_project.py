"""The pipeline's results on a few hundred invented sentences, by its own steps, with two small end models."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from flows import artifacts
from flows.artifacts import LABELED, Paths
from flows.compose import params_text
from flows.config import Config, load_config
from flows.steps.embed import embed
from flows.steps.evaluate import evaluate
from flows.steps.fit import fit
from flows.steps.label import label
from flows.steps.summarize import summarize
from flows.steps.train import train
from metal.applications import load_application
from metal.corpora.sample_tacred import write_tacred
from metal.engine import HERE

NAME, CORPUS = "relation", "sample"
SIZES = {"train": 240, "dev": 60, "test": 40}
OVERRIDES = [
    f"applications=[{NAME}]",
    "embeddings=random",
    "embeddings.dimension=8",
    "end_model.hidden=8",
    "end_model.layers=[8]",
    "end_model.steps=24",
    "end_model.train_unvoted=true",
    "label_model.tune_on_dev=false",
    "trials=2",
]


def write_project(root: Path) -> Config:
    """Write params.yaml, dvc.lock and all that publishing and registering read; return the configuration."""
    (root / "params.yaml").write_text(params_text(OVERRIDES), encoding="utf-8")
    config = load_config(root / "params.yaml")
    application, paths = load_application(NAME, CORPUS), Paths(root, NAME)
    sentences = root / "sentences.json"
    write_tacred(sentences, examples=sum(SIZES.values()) + 60, seed=3)
    corpus = application.read(sentences, {"on_error": "raise", "dev": 1, "test": 1, "seed": 0})
    start = 0
    for split, size in SIZES.items():
        text = corpus.examples.iloc[start : start + size].reset_index(drop=True)
        artifacts.write_table(text, paths.text(split))
        artifacts.write_table(corpus.gold[corpus.gold["id"].isin(text["id"])], paths.gold(split))
        start += size
    texts = {split: paths.text(split) for split in LABELED}
    votes = {split: paths.votes(split) for split in LABELED}
    label(application, texts, votes, paths.votes_summary, paths.scratch("votes"), config.label, HERE)
    write_verdicts(paths, application)
    fit(
        "metal",
        votes,
        paths.gold("dev"),
        *verdicts(paths),
        paths.labels("metal"),
        config.label_model,
        scratch=paths.scratch("labels"),
        engine=HERE,
    )
    embed(application, texts, paths.embeddings, root / "cache", config.embeddings)
    labels = paths.labels("metal") / "train.parquet"
    train(
        paths.embeddings,
        labels,
        "train",
        paths.model("metal"),
        paths.scratch("metal"),
        config.end_models[NAME],
        trials=2,
        workers=1,
    )
    evaluate(paths, CORPUS, ["metal"])
    summarize(root, [NAME], "")
    (root / "dvc.lock").write_text(yaml.safe_dump({"schema": "2.0", "stages": {}}), encoding="utf-8")
    return replace(config, supervisions=("metal",))


def verdicts(paths: Paths) -> tuple[Path, Path]:
    """Return where the gate and the validation leave theirs."""
    return paths.gate / "report.json", paths.validation / "summary.json"


def write_verdicts(paths: Paths, application: Any) -> None:
    """Let the application through."""
    gate, validation = verdicts(paths)
    report = {"identifiable": True, "required": True, "undetermined": [], "dependencies": application.dependencies}
    artifacts.write_json(gate, report)
    artifacts.write_json(validation, {"success": True, "expectations": 1, "failures": [], "rows": SIZES})
    artifacts.write_json(
        paths.gate / "structure.json", {"used": "declared", "suggested_by": "", "said": "", "pairs": []}
    )
    artifacts.write_text(paths.gate / "report.txt", "Determined.\n")
