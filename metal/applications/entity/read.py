"""Reading mentions of persons and organizations: texts for the sources and features, and gold apart from them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from metal.application import Corpus
from metal.applications.entity.kinds import (
    BUSINESS,
    BUSINESSPERSON,
    COMPANY,
    OTHER_ORGANIZATION,
    OTHER_PERSON,
    POLITICIAN,
    POLITICS,
)
from metal.applications.entity.view import COLUMNS, columns
from metal.corpora import BrokenRecordError, CorpusError, Skips, fewnerd, fine_types, ontonotes
from metal.corpora.mentions import Sentence, Span
from metal.corpora.splits import DEV, REST, TEST, TRAIN, given_splits, split_files, split_folders

POLITICS_VECTORS = dict(zip(POLITICS.vector_names, POLITICS.feasible, strict=True))
BUSINESS_VECTORS = dict(zip(BUSINESS.vector_names, BUSINESS.feasible, strict=True))


def read_fewnerd(path: Path, section: Mapping[str, Any]) -> Corpus:
    """Read a file in Few-NERD's form, or a folder of such files named train, dev and test (see `split_files`).

    Of the configuration section only `on_error` matters here. Mentions of one sentence, wherever it recurs, come into
    one split. Raises CorpusError (see `metal.corpora.fewnerd.read_sentences`).
    """
    skips = Skips(section["on_error"])
    files = split_files(path)
    mentions = Mentions()
    for split, file in files.items():
        for sentence in fewnerd.read_sentences(file, skips):
            mentions.sentences += 1
            for span in sentence.spans:
                coarse, _, fine = span.type.partition("-")
                number = f"{sentence.number}" if split == REST else f"{split}:{sentence.number}"
                if coarse in ("person", "organization"):
                    label = label_of(coarse, POLITICIAN if fine == "politician" else None, fine == "company")
                    mentions.add(split, number, sentence, span, POLITICS_VECTORS[label])
    return mentions.corpus(section, skips, given=REST not in files)


def read_ontonotes(path: Path, section: Mapping[str, Any]) -> Corpus:
    """Read a folder of OntoNotes' .name or CoNLL files, and of fine types in JSON lines beside them.

    Mentions without fine types have no gold; where there are none at all, gold tells of every mention its kind, and
    nothing more. Folders train, dev and test in the folder are the splits (see `split_folders`); in dev and test a
    mention without gold is a broken record, no_gold, which goes to "rest" where such are skipped. Otherwise mentions of
    one document come into one split.

    Of the configuration section only `on_error` matters here, and `dev`, `test` and `seed` where folders leave dev or
    test to be drawn. Raises CorpusError (see `metal.corpora.ontonotes` and `metal.corpora.fine_types`), and where there
    are fine types, but none of them is of a mention.
    """
    skips = Skips(section["on_error"])
    files = [file for pattern in fine_types.PATTERNS for file in sorted(path.rglob(pattern))]
    types = fine_types.FineTypes(files, skips)
    folders = split_folders(path)
    mentions = Mentions()
    for split, folder in folders.items():
        for sentence in ontonotes.read_sentences(folder, skips):
            mentions.sentences += 1
            number = f"{'' if split == REST else f'{split}:'}{sentence.document}:{sentence.number}"
            for span in sentence.spans:
                if span.type not in ("PERSON", "ORG"):
                    continue
                vector = business_vector(span.type, types.of(sentence, span), known=bool(types))
                if vector is None and split in (DEV, TEST):
                    name = " ".join(sentence.tokens[span.start : span.end])
                    skips.skip(
                        BrokenRecordError("no_gold", f"{folder}: {name!r} in sentence {number} has no fine types")
                    )
                mentions.add(split if vector or split == TRAIN else REST, number, sentence, span, vector)
    if mentions.rows and not mentions.gold:
        raise CorpusError(
            f"{path}: none of {len(mentions.rows)} mentions is among the {len(types)} that have fine types in "
            f"{', '.join(file.name for file in files)}; put the JSON lines of Gillick et al. (2014) for this very text "
            "beside it, or take the files away to have persons and organizations scored alone"
        )
    return mentions.corpus(section, skips, given=REST not in folders)


def business_vector(kind: str, fine: Collection[str] | None, *, known: bool) -> Sequence[str | None] | None:
    """Return the label vector of a PERSON or ORG with fine types, None without; the kind alone where none are known."""
    if fine is None and known:
        return None
    if kind == "PERSON":
        label = label_of("person", BUSINESSPERSON if has(fine or (), "/person/business") else None, False)
    else:
        label = label_of("organization", None, has(fine or (), "/organization/company"))
    return BUSINESS_VECTORS[label] if known else (BUSINESS_VECTORS[label][0], None, None)


def has(labels: Iterable[str], kind: str) -> bool:
    """Say whether a type, or one below it, is among the labels."""
    return any(label == kind or label.startswith(f"{kind}/") for label in labels)


def label_of(coarse: str, marked: str | None, company: bool) -> str:
    """Return the name of the label vector of a person, `marked` or not, or of an organization."""
    if coarse == "person":
        return marked or OTHER_PERSON
    return COMPANY if company else OTHER_ORGANIZATION


class Mentions:
    """Mentions as they are read, with their gold, their groups and the file's split."""

    def __init__(self) -> None:
        self.rows: list[tuple[str | int, ...]] = []
        self.gold: dict[str, Sequence[str | None]] = {}
        self.groups: dict[str, str] = {}
        self.members: dict[str, list[str]] = {}
        self.sentences = 0

    def add(self, split: str, number: str, sentence: Sentence, span: Span, vector: Sequence[str | None] | None) -> None:
        """Take a mention; its id is the sentence's number and the position, its group the document, or the sentence."""
        identifier = f"{number}:{span.start}-{span.end}"
        self.rows.append(columns(identifier, sentence, span))
        if vector is not None:
            self.gold[identifier] = vector
        self.groups[identifier] = sentence.document or " ".join(sentence.tokens)
        self.members.setdefault(split, []).append(identifier)

    def corpus(self, section: Mapping[str, Any], skips: Skips, *, given: bool) -> Corpus:
        """Return the corpus; its splits where files gave them."""
        if not self.rows:
            raise CorpusError(
                f"{section['name']}: none of its {self.sentences} sentences mentions a person or organization"
            )
        counts = {"sentences": self.sentences, "mentions": len(self.rows), "ungraded": len(self.rows) - len(self.gold)}
        return Corpus(
            examples=pd.DataFrame(self.rows, columns=list(COLUMNS)),
            gold=pd.DataFrame(
                [(identifier, *vector) for identifier, vector in self.gold.items()], columns=["id", *POLITICS.names]
            ),
            counts=counts | {f"skipped_{kind}": number for kind, number in skips.counts.items()},
            splits=given_splits(
                {split: ids for split, ids in self.members.items() if split != REST},
                self.gold,
                self.groups,
                dev=section["dev"],
                test=section["test"],
                seed=section["seed"],
            )
            if given
            else None,
            groups=self.groups,
        )
