"""Votes and labels by partition: the same wherever and in however many parts they are made, and taken up again."""

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from metal import labeling
from metal.application import Application
from metal.conditions import keywords
from metal.dask_engine import dask_here
from metal.engine import HERE, Engine
from metal.label_model import LabelModel
from metal.labeling import label_partitions
from metal.labels_file import label_column, vector_column
from metal.sources import Source, SourceError, apply_sources, declare, labeling_function
from metal.synthetic import random_world
from metal.tasks import TaskGraph
from metal.votes_file import VotesFileError, read_votes, write_votes
from tests.flows.small_application import WEATHER, falls, no_reader, sun, texts, umbrella, view_of

FRAME = pd.concat(texts().values(), ignore_index=True)
WET = declare("wet", tasks="sky", votes={"Wet": keywords("sentence", ["rain", "snow"])})
SUNNY: Source[Mapping[str, str]] = Source("sunny", sun.tasks, sun.labels, lambda row: sun.function(row["sentence"]))
SOURCES: tuple[Source[str], ...] = (sun, falls, umbrella)
WORLD = random_world(TaskGraph.single("spam", ("no", "yes")), [["spam"]] * 6, seed=3)


def application(*sources: Source[str]) -> Application[str]:
    return Application("weather", WEATHER, sources or SOURCES, no_reader, view_of, view_of)


def cut(folder: Path, rows: int) -> Path:
    """The 40 sentences in files of so many rows."""
    folder.mkdir(parents=True)
    for number, start in enumerate(range(0, len(FRAME), rows)):
        FRAME.iloc[start : start + rows].to_parquet(folder / f"part-{number:02}.parquet", index=False)
    return folder


@pytest.fixture(scope="module")
def dask() -> Iterator[Engine]:
    with dask_here(workers=2, processes=False) as engine:
        yield engine


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Votes on 2,000 rows in four partitions, with ids."""
    votes, _ = WORLD.sample(2_000, 0)
    for part in range(4):
        rows = slice(500 * part, 500 * (part + 1))
        write_votes(tmp_path / f"votes/part_{part}.parquet", votes.rows(rows), [str(i) for i in range(2_000)[rows]])
    return tmp_path / "votes"


@pytest.mark.parametrize("rows", [40, 13, 1])
def test_the_votes_are_those_of_the_examples_however_they_are_cut(tmp_path: Path, dask: Engine, rows: int) -> None:
    examples = [(str(row["id"]), str(row["sentence"])) for row in FRAME.to_dict("records")]
    expected, _ = apply_sources(SOURCES, examples, WEATHER)
    given = cut(tmp_path / "texts", rows)

    for name, engine in (("here", HERE), ("dask", dask)):
        told = label_partitions(application(), given, tmp_path / name, version="1", engine=engine)
        ids, votes = read_votes(tmp_path / name)

        assert ids == list(FRAME["id"])
        assert (votes.spaces, votes.tasks) == (expected.spaces, expected.tasks)
        np.testing.assert_array_equal(votes.codes, expected.codes)
        assert told.rows == 40
        assert told.votes == np.count_nonzero(expected.codes)
        assert told.failures == {"sun": 0, "falls": 0, "umbrella": 0}
    for file in (tmp_path / "here").glob("*.parquet"):
        assert file.read_bytes() == (tmp_path / "dask" / file.name).read_bytes()


def test_a_partition_is_read_some_rows_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = cut(tmp_path / "texts", 40) / "part-00.parquet"
    rows = Application("weather", WEATHER, (WET, SUNNY), no_reader, dict, str)
    label_partitions(rows, given, tmp_path / "whole.parquet", version="1")
    monkeypatch.setattr(labeling, "ROWS", 7)

    told = label_partitions(rows, given, tmp_path / "pieces.parquet", version="1")

    assert told.rows == 40
    np.testing.assert_array_equal(
        read_votes(tmp_path / "pieces.parquet")[1].codes, read_votes(tmp_path / "whole.parquet")[1].codes
    )


def test_what_is_finished_is_kept_until_something_changes(tmp_path: Path) -> None:
    asked: list[str] = []

    @labeling_function(tasks="sky", labels=["Dry"])
    def counting(view: str) -> str | None:
        asked.append(view)
        return None

    given, out = cut(tmp_path / "texts", 10), tmp_path / "votes"

    def examples_asked(version: str = "1") -> int:
        asked.clear()
        told = label_partitions(application(counting), given, out, version=version, recheck_every=0)
        assert told.rows == 40  # of finished partitions, too
        return len(asked)

    assert examples_asked() == 40
    assert examples_asked() == 0
    (out / "part-02.parquet").unlink()
    assert examples_asked() == 10
    FRAME.iloc[:5].to_parquet(given / "part-01.parquet", index=False)
    (given / "part-03.parquet").rename(given / "part-04.parquet")
    with pytest.raises(VotesFileError, match=r"holds 'part-03.parquet', which no partition of .* has the name of"):
        examples_asked()
    (given / "part-04.parquet").rename(given / "part-03.parquet")
    FRAME.iloc[5:15].to_parquet(given / "part-01.parquet", index=False)
    assert examples_asked() == 10
    assert examples_asked(version="2") == 40


def test_a_failure_keeps_the_partitions_before_it_and_leaves_no_half_of_its_own(tmp_path: Path) -> None:
    @labeling_function(tasks="sky", labels=["Dry"])
    def brittle(view: str) -> str | None:
        if "umbrella" in view:
            raise KeyError(view)
        return "Dry"

    folder = tmp_path / "texts"
    folder.mkdir()
    FRAME.iloc[:2].to_parquet(folder / "a.parquet", index=False)
    FRAME.iloc[2:9].to_parquet(folder / "b.parquet", index=False)

    with pytest.raises(SourceError, match="source 'brittle' raised on example '3'"):
        label_partitions(application(brittle), folder, tmp_path / "votes", version="1")
    assert [file.name for file in (tmp_path / "votes").iterdir() if file.suffix == ".parquet"] == ["a.parquet"]
    told = label_partitions(application(brittle), folder, tmp_path / "votes", version="1", on_error="abstain")
    assert told.failures == {"brittle": 3}  # sentences 3, 4 and 8


def test_wrong_texts_are_named(tmp_path: Path) -> None:
    folder = cut(tmp_path / "texts", 20)
    shutil.copy(folder / "part-00.parquet", tmp_path / "part-00.parquet")
    with pytest.raises(VotesFileError, match=r"two partitions are called 'part-00.parquet'"):
        label_partitions(application(), [folder, tmp_path / "part-00.parquet"], tmp_path / "votes", version="1")
    with pytest.raises(VotesFileError, match="holds the partitions that are read; write to another folder"):
        label_partitions(application(), folder, folder, version="1")
    with pytest.raises(VotesFileError, match=r"is a folder, but .* a file"):
        label_partitions(application(), folder / "part-00.parquet", tmp_path, version="1")
    content = (folder / "part-01.parquet").read_bytes()
    (folder / "part-01.parquet").write_bytes(content[: len(content) // 2])
    with pytest.raises(VotesFileError, match=r"part-01.parquet cannot be read"):
        label_partitions(application(), folder, tmp_path / "votes", version="1")
    pq.write_table(pa.table({"id": ["a", None], "sentence": ["sun", "sun"]}), folder / "part-01.parquet")
    with pytest.raises(VotesFileError, match=r"part-01.parquet must have a column 'id' without gaps"):
        label_partitions(application(), folder, tmp_path / "votes", version="1")


def test_a_fit_and_its_labels_are_the_same_on_dask_to_the_last_bit(folder: Path, tmp_path: Path, dask: Engine) -> None:
    here, there = LabelModel(WORLD.tasks).fit(folder), LabelModel(WORLD.tasks).fit(folder, engine=dask)
    assert here.balance_.tobytes() == there.balance_.tobytes()
    assert here.accuracies_ == there.accuracies_
    assert here.report_ == there.report_
    assert (
        here.predict_to(folder, tmp_path / "here") == there.predict_to(folder, tmp_path / "there", engine=dask) == 2_000
    )
    for part in range(4):
        name = f"part_{part}.parquet"
        assert (tmp_path / "here" / name).read_bytes() == (tmp_path / "there" / name).read_bytes()

    few = [LabelModel(WORLD.tasks, max_distinct_rows=100).fit(folder, engine=engine) for engine in (HERE, dask)]
    assert few[0].balance_.tobytes() == few[1].balance_.tobytes()
    assert few[0].report_ == few[1].report_
    assert "random sample" in few[0].report_.messages[0]


def test_labels_are_written_as_they_are_predicted(folder: Path, tmp_path: Path) -> None:
    model = LabelModel(WORLD.tasks).fit(folder)
    out = tmp_path / "labels"

    model.predict_to(folder, out)

    table = pd.read_parquet(out)
    ids, votes = read_votes(folder)
    assert list(table["id"]) == ids
    np.testing.assert_array_equal(table["voted"], ~votes.unvoted)
    columns = [vector_column(vector) for vector in WORLD.tasks.feasible]
    np.testing.assert_array_equal(table[columns], model.predict_proba(votes))
    np.testing.assert_array_equal(table[label_column("spam", "yes")], model.predict_proba(votes)[:, 1])


def test_labels_are_made_anew_for_other_votes_or_another_model(folder: Path, tmp_path: Path) -> None:
    model, out = LabelModel(WORLD.tasks).fit(folder), tmp_path / "labels"

    def written(by: LabelModel) -> set[int]:
        """The numbers of the partitions that were written."""
        before = {file: file.stat().st_ino for file in out.glob("*.parquet")}
        assert by.predict_to(folder, out) == 2_000
        return {part for part in range(4) if before.get(file := out / f"part_{part}.parquet") != file.stat().st_ino}

    assert written(model) == {0, 1, 2, 3}
    assert written(model) == set()
    model.save(tmp_path / "model")
    assert written(LabelModel.load(tmp_path / "model")) == set()  # the same model
    votes, _ = WORLD.sample(500, 9)
    write_votes(folder / "part_2.parquet", votes)
    assert written(model) == {2}
    assert "id" not in pq.read_schema(out / "part_2.parquet").names
    (out / "part_1.parquet").write_bytes(b"damaged")
    assert written(model) == {1}
    assert written(LabelModel(WORLD.tasks, shrinkage=0.5).fit(folder)) == {0, 1, 2, 3}


def test_a_damaged_partition_of_votes_is_named_wherever_it_is_read(folder: Path, tmp_path: Path, dask: Engine) -> None:
    model = LabelModel(WORLD.tasks).fit(folder)
    content = (folder / "part_1.parquet").read_bytes()
    (folder / "part_1.parquet").write_bytes(content[:-100])

    for engine in (HERE, dask):
        with pytest.raises(VotesFileError, match=r"part_1.parquet cannot be read"):
            LabelModel(WORLD.tasks).fit(folder, engine=engine)
        with pytest.raises(VotesFileError, match=r"part_1.parquet cannot be read"):
            model.predict_to(folder, tmp_path / "labels", engine=engine)
    (folder / "part_1.parquet").unlink()
    write_votes(folder / "part_1.parquet", random_world(WORLD.tasks, [["spam"]] * 5, seed=0).sample(9, 0)[0])
    with pytest.raises(VotesFileError, match=r"part_1.parquet: the votes' columns are not those of the fit"):
        model.predict_to(folder, tmp_path / "labels")
