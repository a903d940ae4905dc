"""Imports point one way: from the pipeline down to the tasks."""

from pathlib import Path

import pytest

from tests.local_imports import imported, local_imports, python_files

# From the bottom up; a module may import its own layer and the ones below. The first prefix that fits decides.
LAYERS = [
    ("metal/atomic.py", "metal/codes.py", "metal/engine.py", "metal/indicators.py", "metal/npz.py", "metal/tasks.py"),
    ("metal/label_matrix.py", "metal/conditions.py", "metal/known_tasks.py"),
    (
        "metal/sources.py",
        "metal/dependencies.py",
        "metal/statistics.py",
        "metal/votes_file.py",
        "metal/labels_file.py",
        "metal/partitions.py",
        "metal/dask_engine.py",
        "metal/identifiability",
    ),
    ("metal/label_model", "metal/baselines", "metal/end_model", "metal/evaluation.py", "metal/synthetic.py"),
    ("metal/experiments", "metal/drift"),
    ("metal/application.py", "metal/labeling.py", "metal/corpora", "metal/applications", "metal/__init__.py"),
    ("metal/serving",),
    (
        "flows/config",
        "flows/studies.py",
        "flows/artifacts.py",
        "flows/__init__.py",
    ),
    ("flows/steps", "flows/pipeline.py", "flows"),
]
ORCHESTRATION = ("prefect", "dvc", "mlflow", "great_expectations", "hydra", "omegaconf", "flows")


def layer(file: Path) -> int:
    for level, prefixes in enumerate(LAYERS):
        if any(file.is_relative_to(prefix) for prefix in prefixes):
            return level
    raise AssertionError(f"{file} belongs to no layer; give it one in tests/test_layers.py")


@pytest.mark.parametrize("file", python_files("metal", "flows"), ids=str)
def test_imports_point_downwards(file: Path) -> None:
    upwards = {str(other) for other in local_imports(file) if layer(other) > layer(file)}

    assert not upwards, f"{file} (layer {layer(file)}) imports from a higher layer: {sorted(upwards)}"


@pytest.mark.parametrize("file", python_files("metal"), ids=str)
def test_the_library_knows_no_orchestration(file: Path) -> None:
    known = {name for name in imported(file) if name.split(".")[0] in ORCHESTRATION}

    assert not known, f"{file} imports {sorted(known)}; the library stands without them"


def test_only_the_flows_and_their_page_know_prefect() -> None:
    knowing = [str(file) for file in python_files("flows") if any(n.split(".")[0] == "prefect" for n in imported(file))]

    assert knowing == [
        "flows/deployments.py",
        "flows/monitor/flow.py",
        "flows/notify.py",
        "flows/pipeline.py",
        "flows/run_page.py",
        "flows/score.py",
    ]


def test_nothing_but_the_deployed_flow_imports_the_pipeline() -> None:
    importing = [
        str(file) for file in python_files("metal", "flows") if Path("flows/pipeline.py") in local_imports(file)
    ]

    assert importing == ["flows/deployments.py"]
