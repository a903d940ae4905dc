"""MLflow's registry: a scorer becomes a version of a registered model, and one of them has the alias `champion`."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import mlflow
import pandas as pd
from mlflow.exceptions import MlflowException
from mlflow.models import ModelSignature
from mlflow.types import ColSpec, Schema, TensorSpec
from mlflow.types.schema import Array, Object, Property

import metal
from flows.serving.requirements import requirements
from flows.tracking import open_store
from flows.tracking_place import TrackingError, tracking_uri
from metal.labels_file import VOTED, label_column
from metal.partitions import code, folder_content, hashed
from metal.serving.documents import IDENTIFIER, PROBABILITY, VOTES, Scorer
from metal.serving.label import LabelScorer

ALIAS = "champion"
KEY, DECISION = "metal.key", "metal.decision"
"""Tags of a version: the hash of its content, and why it is the champion or not."""
EXAMPLES = {"long": 1, "double": 1.0, "boolean": True}
LIBRARY = Path(metal.__file__).parent
CODE, WEIGHTS = Path(__file__).with_name("pyfunc.py"), "scorer"
"""What MLflow runs to load a model, and what the folder of weights is called there."""


@dataclass(frozen=True)
class Version:
    """A version of a registered model; `new` unless the registry held it already."""

    name: str
    number: str
    new: bool


class Registry:
    """The registry beside the runs of one experiment.

    root : the checkout; experiment : the application's, whose current runs the models belong to
    """

    def __init__(self, root: Path, experiment: str) -> None:
        self.store = open_store(root)
        self.client = self.store.client
        self.experiment = experiment
        mlflow.set_tracking_uri(tracking_uri(root))
        os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")

    def version(
        self,
        name: str,
        folder: Path,
        scorer: Scorer,
        *,
        supervision: str,
        seed: int | None,
        tags: Mapping[str, str],
    ) -> Version:
        """Return the version of a model that holds a scorer; it is logged and registered now unless there is one.

        folder : what the scorer was saved in
        The model is logged with the current run of its supervision and seed, from which it has parameters and data.
        Raises TrackingError for whatever MLflow cannot do.
        """
        key = fingerprint(folder)
        with self.store.alone():
            for known in self.versions(name):
                if known.tags.get(KEY) == key:
                    return Version(name, str(known.version), new=False)
            run = self.run(supervision, seed)
            with self.store.reopened(run), mlflow.start_run(run_id=run), warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of MLflow's, about itself
                logged = mlflow.pyfunc.log_model(
                    name=name,
                    python_model=str(CODE),
                    artifacts={WEIGHTS: str(folder)},
                    code_paths=[str(LIBRARY)],
                    signature=signature(scorer),
                    input_example=example(scorer),
                    pip_requirements=requirements([type(scorer).__module__, applied(scorer)]),
                    tags=dict(tags),
                )
            if not self.client.search_registered_models(f"name = '{name}'"):
                self.client.create_registered_model(name, description=DESCRIPTIONS[type(scorer) is LabelScorer])
            made = self.client.create_model_version(
                name,
                logged.model_uri,
                run_id=run,
                model_id=logged.model_id,
                tags={**tags, KEY: key, "supervision": supervision, **({} if seed is None else {"seed": str(seed)})},
            )
        return Version(name, str(made.version), new=True)

    def versions(self, name: str) -> list[mlflow.entities.model_registry.ModelVersion]:
        """Return all versions of a registered model; none where it is not registered."""
        return list(self.client.search_model_versions(f"name = '{name}'"))

    def run(self, supervision: str, seed: int | None) -> str:
        """Return the current run of a trial, or of the aggregate. Raises TrackingError where it is not published."""
        wanted = "all" if seed is None else str(seed)
        condition = f"tags.`metal.supervision` = '{supervision}' AND tags.`metal.seed` = '{wanted}'"
        found = self.store.search(self.experiment, f"{condition} AND tags.`metal.current` = 'yes'")
        if not found:
            raise TrackingError(f"there is no current run of {supervision}, seed {wanted}: python -m flows.tracking")
        return str(found[0].info.run_id)

    def champion(self, name: str) -> str | None:
        """Return the number of the version that has the alias; None where none has."""
        try:
            return str(self.client.get_model_version_by_alias(name, ALIAS).version)
        except MlflowException as error:
            if error.error_code in ("INVALID_PARAMETER_VALUE", "RESOURCE_DOES_NOT_EXIST"):
                return None
            raise TrackingError(f"{self.store.uri}: {error}") from error

    def decide(self, version: Version, *, promoted: bool, reason: str) -> None:
        """Say in the version's tags what was decided, and give it the alias where that was promotion."""
        with self.store.alone():
            self.client.set_model_version_tag(version.name, version.number, DECISION, reason)
            if promoted:
                self.client.set_registered_model_alias(version.name, ALIAS, version.number)


DESCRIPTIONS = {
    True: "The application's sources and the label model: raw documents in, labels, probabilities and who voted what.",
    False: "The end model: raw documents in, labels and probabilities.",
}
"""Of a registered model, by whether it is a label model."""


def fingerprint(folder: Path) -> str:
    """Return the SHA-256 of a scorer's files and of the library's code."""
    return hashed(folder_content(folder), code())


def signature(scorer: Scorer) -> ModelSignature:
    """Return what a scorer takes and gives, in MLflow's terms; `id` is optional."""
    inputs: list[ColSpec | TensorSpec] = [ColSpec("string", IDENTIFIER, required=False)]
    inputs += [ColSpec(kind, name) for name, kind in scorer.columns.items()]
    outputs: list[ColSpec | TensorSpec] = [ColSpec("string", task) for task in scorer.tasks.names]
    outputs.append(ColSpec("double", PROBABILITY))
    outputs += [
        ColSpec("double", label_column(task, value))
        for task in scorer.tasks.names
        for value in scorer.tasks.values(task)
    ]
    if isinstance(scorer, LabelScorer):
        vote = Object([Property("source", "string"), Property("label", "string"), Property("accuracy", "double")])
        outputs += [ColSpec("boolean", VOTED), ColSpec(Array(vote), VOTES)]
    return ModelSignature(Schema(inputs), Schema(outputs))


def example(scorer: Scorer) -> pd.DataFrame:
    """Return an invented document: whoever may see the registry need not be one who may read the corpus."""
    return pd.DataFrame([{name: EXAMPLES.get(kind, f"The text of {name}.") for name, kind in scorer.columns.items()}])


def applied(scorer: Scorer) -> str:
    """Return the name of the application's package."""
    return f"metal.applications.{scorer.application.name}"
