"""An invented application on 40 sentences about the weather, for tests: task graph, sources, texts, a label model."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from flows.config import LabelModelParams
from metal.application import Application, Corpus
from metal.sources import Source, labeling_function
from metal.tasks import Task, TaskGraph

WEATHER = TaskGraph.hierarchy(Task("sky", ("Dry", "Wet")), Task("wet", ("Rain", "Snow"), parent=("sky", "Wet")))


@labeling_function(tasks="sky", labels=["Dry", "Wet"])
def sun(view: str) -> str | None:
    """Vote by the sun."""
    return "Dry" if "sun" in view else "Wet" if "cloud" in view else None


@labeling_function(tasks=["sky", "wet"], labels=[("Wet", "Rain"), ("Wet", "Snow")])
def falls(view: str) -> tuple[str, str] | None:
    """Vote by what falls."""
    return ("Wet", "Rain") if "rain" in view else ("Wet", "Snow") if "snow" in view else None


@labeling_function(tasks="sky", labels=["Wet"])
def umbrella(view: str) -> str | None:
    """Vote where someone carries an umbrella."""
    return "Wet" if "umbrella" in view else None


MAP = LabelModelParams(
    estimator="map",
    class_balance="dev",
    tune_on_dev=False,
    use_abstains=None,
    shrinkage=0.7,
    prior_precision=0.7,
    prior_strength=5.0,
    unipolar_correction=True,
    parameterisation="proj",
    smoothing=0.1,
    max_iterations=1000,
    tolerance=1e-6,
)
"""The label model at its defaults, and nothing tuned."""
SENTENCES = ("a day of sun", "cloud and rain", "cloud and snow", "rain, an umbrella", "sun, but an umbrella")


def no_reader(path: Path, section: Mapping[str, Any]) -> Corpus:
    """Stand for a reader where a test writes the texts itself."""
    raise NotImplementedError


def view_of(row: Mapping[str, Any]) -> str:
    """Show the sources the sentence."""
    return str(row["sentence"])


def weather(
    *sources: Source[str], dependencies: tuple[tuple[str, str], ...] = (), tasks: TaskGraph = WEATHER
) -> Application[str]:
    """Return the application with the given sources, or its own three."""
    return Application(
        "weather", tasks, sources or (sun, falls, umbrella), no_reader, view_of, view_of, dependencies=dependencies
    )


def texts() -> dict[str, pd.DataFrame]:
    """Return 20, 10, 10 sentences for train, dev, test; ids "0" to "39"."""
    frame = pd.DataFrame(
        {"id": [str(number) for number in range(40)], "sentence": [SENTENCES[number % 5] for number in range(40)]}
    )
    return {
        "train": frame.iloc[:20].reset_index(drop=True),
        "dev": frame.iloc[20:30].reset_index(drop=True),
        "test": frame.iloc[30:].reset_index(drop=True),
    }
