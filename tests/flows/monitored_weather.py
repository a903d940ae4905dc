"""Invented weather to monitor: sentences by likelihood, the training snapshot of four sources, votes on new ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from flows import artifacts
from flows.monitor.inputs import (
    NewVotes,
    Snapshot,
    read_new,
)
from metal.label_model import LabelModel
from metal.sources import Source, apply_sources, labeling_function
from metal.statistics import Statistics
from tests.flows.small_application import WEATHER, falls, sun, umbrella, weather


@labeling_function(tasks="sky", labels=["Dry", "Wet"])
def wind(view: str) -> str | None:
    """Vote by the wind."""
    return "Dry" if "breeze" in view else "Wet" if "storm" in view else None


SOURCES: tuple[Source[str], ...] = (sun, falls, umbrella, wind)
WORDS = {
    "Dry": {"sun": 0.8, "cloud": 0.1, "breeze": 0.5, "storm": 0.1, "umbrella": 0.05, "rain": 0.02, "snow": 0.02},
    "Rain": {"sun": 0.1, "cloud": 0.7, "breeze": 0.1, "storm": 0.5, "umbrella": 0.6, "rain": 0.8, "snow": 0.05},
    "Snow": {"sun": 0.1, "cloud": 0.7, "breeze": 0.1, "storm": 0.4, "umbrella": 0.3, "rain": 0.05, "snow": 0.8},
}


def days(n: int, seed: int, **changed: float) -> pd.DataFrame:
    """Invented sentences, each of the words that its weather makes likely; `changed`: other likelihoods of words."""
    random = np.random.default_rng(seed)
    kinds = random.choice(list(WORDS), size=n, p=[0.5, 0.3, 0.2])
    said = []
    for kind in kinds:
        likely = WORDS[kind] | changed
        said.append(" and ".join(word for word in WORDS[kind] if random.random() < likely[word]) or "nothing")
    return pd.DataFrame({"id": [f"{seed}-{number}" for number in range(n)], "sentence": said})


def training_snapshot() -> Snapshot:
    application = weather(*SOURCES)
    views = [(row["id"], row["sentence"]) for row in days(2000, 1).to_dict("records")]
    votes, _ = apply_sources(application.sources, views, WEATHER)
    model = LabelModel(WEATHER, class_balance=[0.5, 0.3, 0.2], shrinkage=0.5)
    return Snapshot(application, ("id", "sentence"), Statistics.of(votes), model.get_params())


def new_votes(snapshot: Snapshot, folder: Path, frame: pd.DataFrame) -> NewVotes:
    artifacts.write_table(frame, folder / "new.parquet")
    return read_new(snapshot, folder / "new.parquet")
