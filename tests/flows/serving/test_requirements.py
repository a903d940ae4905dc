"""What a model declares to need."""

from __future__ import annotations

from importlib.metadata import version

from flows.serving.requirements import requirements

REPORT = "metal.applications.report"


def names(modules: list[str]) -> set[str]:
    return {line.partition("==")[0] for line in requirements(modules)}


def test_a_label_model_needs_no_torch_and_nobody_needs_the_pipeline() -> None:
    label, end = (names([f"metal.serving.{kind}", REPORT]) for kind in ("label", "end"))
    assert {"numpy", "pandas", "pyarrow", "scipy", "defusedxml"} <= label
    assert "torch" not in label
    assert {"torch", "safetensors"} <= end
    assert not {"metal", "prefect", "dvc", "hydra-core", "optuna"} & (label | end)


def test_versions_are_those_installed_as_registries_know_them() -> None:
    found = dict(line.split("==") for line in requirements(["metal.serving.end"]))
    assert found["pandas"] == version("pandas")
    assert found["torch"] == version("torch").partition("+")[0]
