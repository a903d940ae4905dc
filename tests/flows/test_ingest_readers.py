"""Ingest of an invented application: what its reader brings, and what readers get wrong."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from flows.artifacts import Paths, read_gold, read_json
from flows.config import LocalCorpus
from flows.steps.ingest import ingest
from metal.application import Corpus
from metal.corpora import CorpusError
from metal.sources import labeling_function
from metal.tasks import Task, TaskGraph
from tests.flows.ingested import LOCAL, ids, labels_file
from tests.flows.small_application import WEATHER, weather


@labeling_function(tasks="a", labels=["yes"])
def falling(view: str) -> str | None:
    """Say yes to rain."""
    return "yes" if "rain" in view else None


DAYS = pd.DataFrame({"id": [f"day{n}" for n in range(20)], "sentence": ["sun", "cloud and rain"] * 10})
SKIES = pd.DataFrame(
    {"id": DAYS["id"], "sky": ["Dry", "Wet"] * 10, "wet": ["N/A", "Rain"] * 10},
)
SMALL = replace(LOCAL, train=8, dev=4, test=4)


def ingest_days(tmp_path: Path, corpus: Corpus, section: LocalCorpus = SMALL) -> Paths:
    paths = Paths(tmp_path, "weather")
    paths.raw.mkdir(parents=True)
    (paths.raw / "days.csv").write_text("invented\n")

    def reader(path: Path, section: Mapping[str, Any]) -> Corpus:
        assert path.name == "days.csv"
        assert section["seed"] == 0
        return corpus

    ingest(replace(weather(), read=reader), section, paths)
    return paths


def test_the_splits_of_the_corpus_itself_are_kept(tmp_path: Path) -> None:
    own = {"day0": "train", "day1": "dev", "day2": "test", "day3": "train"}

    paths = ingest_days(tmp_path, Corpus(DAYS, SKIES, splits=own))

    found = ids(paths)
    assert (found["train"], found["dev"], found["test"]) == (["day0", "day3"], ["day1"], ["day2"])
    assert len(found["rest"]) == 16
    assert read_json(paths.corpus_summary)["splits"] == {"from": "corpus"}


def test_gold_survives_labels_of_the_same_name_in_several_tasks(tmp_path: Path) -> None:
    answers = ("yes", "no")
    tasks = TaskGraph.hierarchy(
        Task("a", answers), Task("b", answers, parent=("a", "yes")), Task("c", answers, parent=("a", "no"))
    )
    gold = pd.DataFrame([(f"day{n}", *tasks.feasible[n % 4]) for n in range(8)], columns=["id", *tasks.names])
    lines = ["day0,train,c=no", "day1,dev,b=no", "day2,test,c=yes", "day3,train,b=yes"]

    paths = Paths(tmp_path, "weather")
    paths.raw.mkdir(parents=True)
    (paths.raw / "days.csv").write_text("invented\n")
    asked = replace(weather(falling, tasks=tasks), read=lambda path, section: Corpus(DAYS, gold))
    ingest(asked, replace(SMALL, labels=labels_file(tmp_path, lines)), paths)

    for line in lines:
        identifier, split, name = line.split(",")
        (code,) = read_gold(paths.gold(split), tasks, [identifier])
        assert tasks.vector_names[code] == name
    assert tasks.feasible[3] == ("no", "N/A", "no")  # c=no, of day0
    assert read_json(paths.corpus_summary)["train"]["classes"] == {"b=yes": 1, "b=no": 0, "c=yes": 0, "c=no": 1}


def test_gold_for_some_is_enough(tmp_path: Path) -> None:
    paths = ingest_days(tmp_path, Corpus(DAYS, SKIES.iloc[:8]))

    found = ids(paths)
    assert {*found["dev"], *found["test"]} == set(SKIES["id"].iloc[:8])
    assert len(read_gold(paths.gold("dev"), WEATHER, found["dev"])) == 4
    assert read_json(paths.corpus_summary)["train"]["graded"] == 0


@pytest.mark.parametrize(
    ("examples", "gold", "message"),
    [
        (DAYS.drop(columns="id"), SKIES, r"examples with columns \['sentence'\]"),
        (DAYS, SKIES.drop(columns="wet"), r"gold with \['id', 'sky'\].*\['id', 'sky', 'wet'\]"),
        (pd.concat([DAYS, DAYS.iloc[:1]]), SKIES, "id 'day0' twice in its examples"),
        (DAYS, pd.concat([SKIES, SKIES.iloc[:1]]), "id 'day0' twice in its gold"),
        (DAYS.assign(sky="Dry"), SKIES, r"gold columns \['sky'\] among the texts"),
        (DAYS.iloc[1:], SKIES, "gold for 1 unknown ids, the first 'day0'"),
        (DAYS, SKIES.assign(sky="Dry"), r"gold label \('Dry', 'Rain'\) of 'day1' is not feasible"),
    ],
)
def test_a_reader_that_breaks_its_promise(
    tmp_path: Path, examples: pd.DataFrame, gold: pd.DataFrame, message: str
) -> None:
    with pytest.raises(CorpusError, match=message):
        ingest_days(tmp_path, Corpus(examples, gold))


def test_a_reader_that_fails_is_named_with_its_file(tmp_path: Path) -> None:
    paths = Paths(tmp_path, "weather")
    paths.raw.mkdir(parents=True)
    (paths.raw / "days.csv").write_text("invented\n")

    def broken(path: Path, section: Mapping[str, Any]) -> Corpus:
        raise KeyError("sky")

    message = r"the reader tests\.flows\.test_ingest_readers\..*broken of application 'weather' failed on .*days\.csv"
    with pytest.raises(CorpusError, match=message + ": KeyError: 'sky'. Mend the reader"):
        ingest(replace(weather(), read=broken), SMALL, paths)
    nothing: Any = lambda path, section: None  # noqa: E731
    with pytest.raises(CorpusError, match="returned NoneType; it should return a metal Corpus"):
        ingest(replace(weather(), read=nothing), SMALL, paths)
    with pytest.raises(CorpusError, match=r"found no example in .*days\.csv; name another file"):
        ingest(replace(weather(), read=lambda path, section: Corpus(DAYS.iloc[:0], SKIES.iloc[:0])), SMALL, paths)


@pytest.mark.parametrize(
    ("dev", "test", "gold", "message"),
    [
        ([1, 2], [3], SKIES.drop(3), "1 of 1 examples of the test split have no gold label, the first 'day3'; label"),
        ([1, 3, 5], [2], SKIES, "all 3 gold labels of the dev split are 'Rain': nothing can be told from them. Use"),
        ([], [2], SKIES, "the dev split is empty; mend the corpus's own splits"),
    ],
)
def test_splits_that_nothing_can_be_told_from_are_refused(
    tmp_path: Path, dev: list[int], test: list[int], gold: pd.DataFrame, message: str
) -> None:
    own = {f"day{n}": "dev" if n in dev else "test" if n in test else "train" for n in range(20)}

    with pytest.raises(CorpusError, match=message):
        ingest_days(tmp_path, Corpus(DAYS, gold, splits=own))
