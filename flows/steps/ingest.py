"""Step 2, ingest: a corpus as published becomes Parquet splits, texts and gold labels apart."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pandas as pd

from flows.artifacts import ArtifactError, Paths, write_json, write_partitions, write_table
from flows.cli import run
from flows.config import Config, LocalCorpus
from metal.application import Application, Corpus
from metal.applications import load_application
from metal.corpora import CorpusError
from metal.corpora.splits import DEV, REST, SPLITS, TEST, TRAIN, draw_splits, read_labels
from metal.known_tasks import KnownTasks
from metal.tasks import TaskGraph

READ = tuple(field.name for field in fields(LocalCorpus) if field.name not in ("path", "sha256"))
"""The keys of a corpus section that ingest and an application's reader see; DVC tracks these. The rest is acquire's."""


def ingest(
    application: Application[Any], section: LocalCorpus, paths: Paths, *, partition_rows: int | None = None
) -> None:
    """Read the file in `paths.raw` and write, for each split, the texts, the gold labels and a summary.

    Splits are those of the labels file (`section.labels`) where there is one, else the corpus's own, else drawn
    (see `draw`). Examples outside the labels file become "rest". Text tables never hold gold. A split with more than
    `partition_rows` examples becomes a folder of partitions (None: never).

    Raises CorpusError and ArtifactError naming the file or example, what is wrong and the remedy.
    """
    corpus = read(application, section, _archive(paths.raw))
    check(corpus, application.tasks)
    origin: dict[str, Any]
    if section.labels is not None:
        corpus = relabel(corpus, Path(section.labels), application.tasks)
        origin = {"from": "labels file", "file": Path(section.labels).name}
    elif corpus.splits is not None:
        origin = {"from": "corpus"}
    else:
        corpus = replace(corpus, splits=draw(corpus, application, section))
        origin = {"from": "draw", "seed": section.seed, "test_from": section.test_from}
    check_splits(corpus, application.tasks)
    splits = corpus.examples["id"].map(corpus.splits or {}).fillna(REST)
    gold = corpus.examples[["id"]].merge(corpus.gold, on="id", validate="one_to_one")
    summary: dict[str, Any] = {"counts": corpus.counts, "splits": origin}
    for split in SPLITS:
        text = corpus.examples[splits == split].reset_index(drop=True)
        graded = gold[gold["id"].isin(text["id"])].reset_index(drop=True)
        known = told(graded, application.tasks)
        if not known.complete:
            print(f"ingest: {split}: {known.explain()}; what is not told is not scored")
        write_partitions(text, paths.text(split), partition_rows)
        write_table(graded, paths.gold(split))
        summary[split] = {
            "examples": len(text),
            "graded": len(graded),
            "gold_tasks": known.names,
            "classes": class_counts(graded, known.graph),
        }
    write_json(paths.corpus_summary, summary)
    print("ingest: " + ", ".join(f"{split} {summary[split]['examples']}" for split in SPLITS))


def read(application: Application[Any], section: LocalCorpus, file: Path) -> Corpus:
    """Let the application's reader read a file. Raises CorpusError, also where the reader fails otherwise."""
    seen = {key: getattr(section, key) for key in (*READ, "patches") if hasattr(section, key)}
    name = f"{application.read.__module__}.{getattr(application.read, '__qualname__', application.read)}"
    try:
        corpus = application.read(file, seen)
    except CorpusError:
        raise
    except Exception as error:  # the application's own code: whatever it raises is told with the file
        raise CorpusError(
            f"the reader {name} of application {application.name!r} failed on {file}: {type(error).__name__}: {error}. "
            "Mend the reader, or the file; --traceback shows where"
        ) from error
    if not isinstance(corpus, Corpus):
        raise CorpusError(f"the reader {name} returned {type(corpus).__name__}; it should return a metal Corpus")
    if corpus.examples.empty:
        raise CorpusError(f"the reader {name} found no example in {file}; name another file, or mend the reader")
    return corpus


def check_splits(corpus: Corpus, tasks: TaskGraph) -> None:
    """Hold splits to what scores need: none empty, gold for all of dev and test, and of more than one class.

    Raises CorpusError naming the split and the remedy.
    """
    by_split: dict[str, set[str]] = {split: set() for split in SPLITS}
    for identifier in corpus.examples["id"]:
        by_split[(corpus.splits or {}).get(identifier, REST)].add(identifier)
    for split in (TRAIN, DEV, TEST):
        if not by_split[split]:
            raise CorpusError(f"the {split} split is empty; mend the corpus's own splits, or leave them to be drawn")
    for split in (DEV, TEST):
        graded = corpus.gold[corpus.gold["id"].isin(by_split[split])]
        missing = sorted(by_split[split] - set(graded["id"]))
        if missing:
            raise CorpusError(
                f"{len(missing)} of {len(by_split[split])} examples of the {split} split have no gold label, the first "
                f"{missing[0]!r}; label them, or put them into train or rest"
            )
        counts = class_counts(graded, told(graded, tasks).graph)
        [name, most] = max(counts.items(), key=lambda count: count[1])
        if len(graded) > 1 and most == len(graded):
            raise CorpusError(
                f"all {most} gold labels of the {split} split are {name!r}: nothing can be told from them. Use a "
                "larger split or another seed, or mend the labels"
            )


def check(corpus: Corpus, tasks: TaskGraph) -> None:
    """Hold a reader to its promise. Raises CorpusError for doubled ids, strange columns and infeasible gold."""
    columns = list(corpus.examples.columns)
    if "id" not in columns or list(corpus.gold.columns) != ["id", *tasks.names]:
        raise CorpusError(
            f"the reader gave examples with columns {columns} and gold with {list(corpus.gold.columns)}; expected are "
            f"`id` and texts, and {['id', *tasks.names]}"
        )
    for name, ids in (("examples", corpus.examples["id"]), ("gold", corpus.gold["id"])):
        if ids.duplicated().any():
            raise CorpusError(f"the reader gave id {ids[ids.duplicated()].iloc[0]!r} twice in its {name}")
    leaked = [column for column in columns if column in tasks.names]
    if leaked:
        raise CorpusError(f"the reader gave gold columns {leaked} among the texts; they belong into `gold` only")
    strangers = sorted(set(corpus.gold["id"]) - set(corpus.examples["id"]))
    if strangers:
        raise CorpusError(f"the reader gave gold for {len(strangers)} unknown ids, the first {strangers[0]!r}")
    known = told(corpus.gold, tasks)
    for identifier, *vector in corpus.gold[["id", *known.names]].itertuples(index=False, name=None):
        if tuple(vector) not in known.graph.feasible:
            raise CorpusError(f"the gold label {tuple(vector)} of {identifier!r} is not feasible")


def told(gold: pd.DataFrame, tasks: TaskGraph) -> KnownTasks:
    """Return which tasks gold tells. Raises CorpusError where it tells one of some examples only."""
    try:
        return KnownTasks.of(gold, tasks)
    except ValueError as error:
        raise CorpusError(f"{error}; mend the corpus or its reader") from error


def draw(corpus: Corpus, application: Application[Any], section: LocalCorpus) -> dict[str, str]:
    """Draw splits among the examples that have text; dev and test among those that have gold too."""
    written = [
        str(row["id"]) for row in corpus.examples.to_dict(orient="records") if application.text(_texts(row)).strip()
    ]
    return draw_splits(
        written,
        frozenset(corpus.gold["id"]),
        train=section.train,
        dev=section.dev,
        test=section.test,
        seed=section.seed,
        test_from=None if section.test_from is None else read_ids(Path(section.test_from)),
        groups=corpus.groups,
    )


def read_ids(path: Path) -> frozenset[str]:
    """Read ids, one a line; lines that start with # are comments. Raises CorpusError where there is no such file."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError as error:
        raise CorpusError(f"{path}: no such file; it should list the ids to draw the test split from") from error
    except UnicodeDecodeError as error:
        raise CorpusError(f"{path} is not UTF-8: {error.reason} at byte {error.start}; save it as UTF-8") from error
    return frozenset(line.strip() for line in lines if line.strip() and not line.startswith("#"))


def relabel(corpus: Corpus, path: Path, tasks: TaskGraph) -> Corpus:
    """Take splits and gold from a labels file; examples that it does not name keep their gold, in "rest"."""
    vectors = dict(zip(tasks.vector_names, tasks.feasible, strict=True))
    file = read_labels(path, ids=frozenset(corpus.examples["id"]), labels=vectors)
    kept = corpus.gold[~corpus.gold["id"].isin(list(file.labels))]
    given = pd.DataFrame(
        [(identifier, *vectors[label]) for identifier, label in file.labels.items()], columns=list(corpus.gold.columns)
    )
    return replace(corpus, gold=pd.concat([kept, given], ignore_index=True), splits=file.splits)


def class_counts(gold: pd.DataFrame, tasks: TaskGraph) -> dict[str, int]:
    """Count the gold labels, by the name of the feasible vector."""
    counts = Counter(gold[list(tasks.names)].itertuples(index=False, name=None))
    return {name: counts[vector] for name, vector in zip(tasks.vector_names, tasks.feasible, strict=True)}


def _texts(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {str(column): value for column, value in row.items()}


def _archive(raw: Path) -> Path:
    """Return the one file that acquire left. Raises ArtifactError where there is none, or more."""
    files = sorted(path for path in raw.glob("*") if not path.name.startswith("."))
    if len(files) != 1:
        raise ArtifactError(f"{raw} holds {len(files)} files, not one; run the acquire step again")
    return files[0]


def step(arguments: argparse.Namespace, config: Config) -> None:
    """Run the step on the paths of an application."""
    name = arguments.application
    section = config.corpora[name]
    ingest(
        load_application(name, section.name), section, Paths(Path(), name), partition_rows=config.engine.partition_rows
    )


def main() -> None:
    """Run from the command line."""
    run(step, description="Turn an application's corpus file into splits of texts and gold labels.")


if __name__ == "__main__":
    main()
