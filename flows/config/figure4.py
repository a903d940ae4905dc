"""The `figure4` section of params.yaml: how large each experiment of `metal.experiments` is."""

from __future__ import annotations

from dataclasses import dataclass

from flows.config.checks import ConfigError, at_least


def sizes_of(name: str, values: list[int], least: int) -> None:
    """Refuse a list of fewer than two sizes, doubled ones and small ones. Raises ConfigError."""
    if len(set(values)) < max(2, len(values)):
        raise ConfigError(f"{name}={values} must list at least two sizes, none of them twice")
    at_least(f"{name}, the least", min(values), least)


@dataclass(frozen=True)
class ErrorParams:
    """Error against n: the numbers of rows, and worlds drawn for each."""

    sizes: list[int]
    trials: int

    def __post_init__(self) -> None:
        sizes_of("figure4.error.sizes", self.sizes, 100)
        at_least("figure4.error.trials", self.trials, 2)


@dataclass(frozen=True)
class DependenciesParams:
    """Error against the density of dependencies: rows, sources, and worlds drawn for each number of groups."""

    rows: int
    sources: int
    trials: int

    def __post_init__(self) -> None:
        at_least("figure4.dependencies.rows", self.rows, 100)
        at_least("figure4.dependencies.sources", self.sources, 7)
        at_least("figure4.dependencies.trials", self.trials, 2)


@dataclass(frozen=True)
class RuntimeParams:
    """Seconds against n: the numbers of rows, the largest that Gibbs sampling gets, and repeats of ours."""

    sizes: list[int]
    gibbs_up_to: int
    repeats: int

    def __post_init__(self) -> None:
        sizes_of("figure4.runtime.sizes", self.sizes, 100)
        at_least("figure4.runtime.gibbs_up_to", self.gibbs_up_to, min(self.sizes))
        at_least("figure4.runtime.repeats", self.repeats, 1)


@dataclass(frozen=True)
class StructureParams:
    """Structure learning: rows, graphs drawn of each shape; then superfluous edges, their rows and worlds."""

    sizes: list[int]
    trials: int
    superfluous: list[int]
    superfluous_rows: int
    superfluous_trials: int

    def __post_init__(self) -> None:
        sizes_of("figure4.structure.sizes", self.sizes, 100)
        sizes_of("figure4.structure.superfluous", self.superfluous, 0)
        at_least("figure4.structure.superfluous_rows", self.superfluous_rows, 100)
        for name in ("trials", "superfluous_trials"):
            at_least(f"figure4.structure.{name}", getattr(self, name), 2)


@dataclass(frozen=True)
class EstimatorsParams:
    """Which estimator when: rows, and worlds drawn of each setting."""

    rows: int
    trials: int

    def __post_init__(self) -> None:
        at_least("figure4.estimators.rows", self.rows, 100)
        at_least("figure4.estimators.trials", self.trials, 2)


@dataclass(frozen=True)
class Figure4Params:
    """The experiments, one a stage of flows/figure4/dvc.yaml."""

    error: ErrorParams
    dependencies: DependenciesParams
    runtime: RuntimeParams
    structure: StructureParams
    estimators: EstimatorsParams


PANELS = {
    "error": ErrorParams,
    "dependencies": DependenciesParams,
    "runtime": RuntimeParams,
    "structure": StructureParams,
    "estimators": EstimatorsParams,
}
"""The schema of each experiment's part of the section."""
