"""The studies of the paper's section 5.3: one thing changed at a time, all else as configured.

An ablation takes something from the label model; a share takes unlabeled examples from the end model (Figure 5).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Study:
    """What differs from MeTaL as configured.

    title : how readers call it
    method : the label model fitted, a method of the pipeline
    changes : of `label_model`; tuning leaves what is changed alone
    ignore_dependencies : fit as if every source were independent given Y
    share : the share of the train examples, drawn with a fixed seed, that the end model sees
    """

    title: str
    method: str = "metal"
    changes: Mapping[str, Any] = field(default_factory=dict)
    ignore_dependencies: bool = False
    share: float = 1.0


STUDIES: Mapping[str, Study] = {
    "tasks_separate": Study("every task modelled alone", method="separate_tasks"),
    "unipolar_uncorrected": Study("without the unipolar correction", changes={"unipolar_correction": False}),
    "dependencies_ignored": Study("dependencies ignored", ignore_dependencies=True),
    "abstains_heard": Study("silence is evidence", changes={"use_abstains": True}),
    "map_untuned": Study("map, not tuned", changes={"tune_on_dev": False}),
    "mle": Study("mle", changes={"estimator": "mle", "tune_on_dev": False}),
    "wls": Study("wls", changes={"estimator": "wls", "tune_on_dev": False}),
    "algorithm1": Study("algorithm1", changes={"estimator": "algorithm1", "tune_on_dev": False}),
    "share_05": Study("5 % of the unlabeled examples", share=0.05),
    "share_20": Study("20 % of the unlabeled examples", share=0.2),
    "share_50": Study("50 % of the unlabeled examples", share=0.5),
}
"""By name, as `paper.studies` lists them."""

UNDETERMINED = "undetermined.json"
"""What a study leaves in place of scores where the votes do not determine its label model: the `reason`."""
