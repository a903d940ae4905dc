"""The code of a registered model: MLflow runs this file wherever the model is loaded.

It comes with the library as it was (`metal`, as code paths) and a folder of weights; nothing of it is pickled. What is
wrong with documents is an invalid parameter to MLflow, so that a server answers 400 with the reason.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import mlflow.models
import pandas as pd
from mlflow.exceptions import MlflowException
from mlflow.pyfunc.model import PythonModel, PythonModelContext

from metal.serving.documents import DocumentError
from metal.serving.folders import load_scorer

WEIGHTS = "scorer"
"""Name of the artifact: the folder that a scorer was saved in."""


class Documents(PythonModel):
    """A scorer as MLflow calls it."""

    def load_context(self, context: PythonModelContext) -> None:
        """Read the weights."""
        self.scorer = load_scorer(Path(context.artifacts[WEIGHTS]))

    def predict(
        self, context: PythonModelContext, model_input: pd.DataFrame, params: dict[str, Any] | None = None
    ) -> pd.DataFrame:
        """Return one row a document: labels, probabilities and, of a label model, who voted what."""
        try:
            return self.scorer.score(model_input)
        except DocumentError as error:
            raise MlflowException.invalid_parameter_value(str(error)) from None


mlflow.models.set_model(Documents())
