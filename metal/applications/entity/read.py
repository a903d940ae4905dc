"""Reading mentions of persons and organizations: texts for the sources and features, and gold apart from them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from metal.application import Corpus
from metal.applications.entity.kinds import COMPANY, OTHER_ORGANIZATION, OTHER_PERSON, POLITICIAN, POLITICS
from metal.applications.entity.view import COLUMNS, columns
from metal.corpora import CorpusError, Skips
from metal.corpora.fewnerd import read_sentences
from metal.corpora.mentions import Sentence
from metal.corpora.splits import REST, given_splits, split_files
from metal.tasks import LabelVector

VECTORS = dict(zip(POLITICS.vector_names, POLITICS.feasible, strict=True))


def read_fewnerd(path: Path, section: Mapping[str, Any]) -> Corpus:
    """Read a file in Few-NERD's form, or a folder of such files named train, dev and test (see `split_files`).

    Of the configuration section only `on_error` matters here. Mentions of one sentence, wherever it recurs, come into
    one split. Raises CorpusError (see `metal.corpora.fewnerd.read_sentences`).
    """
    skips = Skips(section["on_error"])
    files = split_files(path)
    mentions = Mentions(label_of)
    for split, file in files.items():
        mentions.add(split, read_sentences(file, skips), prefix="" if split == REST else f"{split}:")
    return mentions.corpus(section, skips, given=len(files) > 1 or REST not in files)


def label_of(fine: str) -> LabelVector | None:
    """Return the label vector of one of Few-NERD's types; None for what is neither person nor organization."""
    coarse, _, kind = fine.partition("-")
    if coarse == "person":
        return VECTORS[POLITICIAN if kind == "politician" else OTHER_PERSON]
    if coarse == "organization":
        return VECTORS[COMPANY if kind == "company" else OTHER_ORGANIZATION]
    return None


class Mentions:
    """Mentions as they are read, with their gold, their groups and the file's split."""

    def __init__(self, label_of: Callable[[str], LabelVector | None]) -> None:
        self.label_of = label_of
        self.rows: list[tuple[str | int, ...]] = []
        self.gold: list[tuple[str, ...]] = []
        self.groups: dict[str, str] = {}
        self.members: dict[str, list[str]] = {}
        self.sentences = 0

    def add(self, split: str, sentences: Iterable[Sentence], *, prefix: str) -> None:
        """Take the mentions of a file's sentences; ids are the prefix, the number and the position."""
        ids = self.members.setdefault(split, [])
        for sentence in sentences:
            self.sentences += 1
            for span in sentence.spans:
                vector = self.label_of(span.type)
                if vector is None:
                    continue
                identifier = f"{prefix}{sentence.number}:{span.start}-{span.end}"
                self.rows.append(columns(identifier, sentence, span))
                self.gold.append((identifier, *vector))
                self.groups[identifier] = sentence.document or " ".join(sentence.tokens)
                ids.append(identifier)

    def corpus(self, section: Mapping[str, Any], skips: Skips, *, given: bool) -> Corpus:
        """Return the corpus; its splits where files gave them."""
        if not self.rows:
            raise CorpusError(
                f"{section['name']}: none of its {self.sentences} sentences mentions a person or organization"
            )
        graded = {identifier for identifier, *_ in self.gold}
        counts = {"sentences": self.sentences, "mentions": len(self.rows)}
        return Corpus(
            examples=pd.DataFrame(self.rows, columns=list(COLUMNS)),
            gold=pd.DataFrame(self.gold, columns=["id", *POLITICS.names]),
            counts=counts | {f"skipped_{kind}": number for kind, number in skips.counts.items()},
            splits=given_splits(
                self.members, graded, self.groups, dev=section["dev"], test=section["test"], seed=section["seed"]
            )
            if given
            else None,
            groups=self.groups,
        )
