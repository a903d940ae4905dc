"""The sections of params.yaml about how steps work: engine, labeling, validation, gate, the paper's studies."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields

from flows.config.checks import ConfigError, at_least, one_of


@dataclass(frozen=True)
class EngineParams:
    """Where the steps label and fit work on partitions; it decides nothing of what comes out, so DVC does not see it.

    name : "local", this process, or "dask"
    address : of a running scheduler of Dask; null starts a cluster on this machine
    workers : processes of that cluster; null: one for each core
    memory_limit : of each of them, such as 2GiB; one that needs more is ended and replaced
    partition_rows : a split with more examples is kept as a folder of partitions, the unit of work; ingest's alone
    """

    name: str
    address: str | None
    workers: int | None
    memory_limit: str
    partition_rows: int

    def __post_init__(self) -> None:
        one_of("engine.name", self.name, ("local", "dask"))
        if self.name == "local" and self.address is not None:
            raise ConfigError(f"engine.address={self.address!r} is for engine=dask, not for engine=local; choose one")
        if self.address is not None and not re.fullmatch(r"[a-z]+://\S+", self.address):
            raise ConfigError(f"engine.address={self.address!r} is no address; write it like tcp://127.0.0.1:8786")
        if self.workers is not None:
            at_least("engine.workers", self.workers, 1)
        if not re.fullmatch(r"\d+(\.\d+)? ?[kMGT]i?B", self.memory_limit):
            raise ConfigError(f"engine.memory_limit={self.memory_limit!r} is no size; write it like 2GiB or 500MB")
        at_least("engine.partition_rows", self.partition_rows, 1)


@dataclass(frozen=True)
class LabelParams:
    """Applying the sources: see `metal.sources.apply_sources`; on_error is "raise" or "abstain"."""

    on_error: str
    recheck_every: int

    def __post_init__(self) -> None:
        one_of("label.on_error", self.on_error, ("raise", "abstain"))
        at_least("label.recheck_every", self.recheck_every, 0)


@dataclass(frozen=True)
class ValidationParams:
    """Bounds that corpus, votes and sources must keep, all shares between 0 and 1.

    max_empty_text : of a split's examples, without any text for the end model
    max_unvoted_rows, max_infeasible_rows : of a split's examples, without any vote, and with votes that no
        feasible label vector agrees with
    min_coverage, min_abstain_rate : of the train examples, on which each source votes, and abstains
    min_overlap, max_conflict : of each source's votes on train, beside another source's vote, and against one
    min_polarity : of the labels that each source declares, emitted on train
    max_abstain_drift : between each source's abstain rates on train and on dev or test
    """

    max_empty_text: float
    max_unvoted_rows: float
    max_infeasible_rows: float
    min_coverage: float
    min_abstain_rate: float
    min_overlap: float
    max_conflict: float
    min_polarity: float
    max_abstain_drift: float

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not 0.0 <= value <= 1.0:
                raise ConfigError(f"validation.{field.name}={value} is no share; it must lie between 0 and 1")


@dataclass(frozen=True)
class GateParams:
    """The identifiability check.

    require : whether an application whose sources are not determined stops; if not, the report warns
    parameterisation : of the label model, "tied" (map, wls, algorithm1), "proj" or "full"
    dependencies : which dependencies of sources are checked and used: "declared" by the application, "none", or
        "suggested" by the votes on train
    suggested_by : how they are suggested, "robust_pca" or "likelihood" (`metal.label_model.suggest_structure`)
    """

    require: bool
    parameterisation: str
    dependencies: str
    suggested_by: str

    def __post_init__(self) -> None:
        one_of("gate.dependencies", self.dependencies, ("declared", "none", "suggested"))
        one_of("gate.suggested_by", self.suggested_by, ("robust_pca", "likelihood"))
        one_of("gate.parameterisation", self.parameterisation, ("tied", "proj", "full"))


@dataclass(frozen=True)
class PaperParams:
    """The paper's experiments beside Table 1: which of `flows.studies`, and how many trials each."""

    trials: int
    studies: list[str]

    def __post_init__(self) -> None:
        from flows.studies import STUDIES

        at_least("paper.trials", self.trials, 1)
        for name in self.studies:
            one_of("paper.studies", name, tuple(STUDIES))
        doubled = sorted({name for name in self.studies if self.studies.count(name) > 1})
        if doubled:
            raise ConfigError(f"paper.studies lists {doubled} twice")
