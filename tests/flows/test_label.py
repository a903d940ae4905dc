from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from flows.artifacts import (
    ArtifactError,
    read_json,
    read_metadata,
    read_table,
    read_votes,
    write_partitions,
    write_table,
)
from flows.config import LabelParams
from flows.steps.label import label
from metal.application import Application
from metal.conditions import keywords
from metal.dask_engine import dask_here
from metal.engine import HERE, Engine
from metal.sources import SourceError, declare, labeling_function
from tests.flows.small_application import WEATHER, falls, no_reader, sun, texts, umbrella, weather
from tests.local_imports import ROOT

STRICT = LabelParams(on_error="raise", recheck_every=50)


def apply(
    folder: Path,
    application: Application[str],
    params: LabelParams = STRICT,
    frames: dict[str, pd.DataFrame] | None = None,
    engine: Engine = HERE,
) -> dict[str, Path]:
    frames = texts() if frames is None else frames
    for split, frame in frames.items():
        write_table(frame, folder / f"text/{split}.parquet")
    votes = {split: folder / f"votes/{split}.parquet" for split in frames}
    given = {split: folder / f"text/{split}.parquet" for split in frames}
    label(application, given, votes, folder / "votes/summary.json", folder / "scratch", params, engine)
    return votes


def test_votes_of_each_sentence(tmp_path: Path) -> None:
    votes = apply(tmp_path, weather())
    ids, matrix = read_votes(votes["dev"])
    assert ids == [str(number) for number in range(20, 30)]
    assert matrix.names == ("sun", "falls", "umbrella")
    # sun | cloud and rain | cloud and snow | rain, umbrella | sun, umbrella; then the same five again
    five = [[1, 0, 0], [2, 1, 0], [2, 2, 0], [0, 1, 1], [1, 0, 1]]
    assert matrix.codes.tolist() == five * 2
    assert matrix.tasks == WEATHER
    assert matrix.spaces[1].labels == (("Wet", "Rain"), ("Wet", "Snow"))


def test_summary_counts_examples_votes_and_failures(tmp_path: Path) -> None:
    apply(tmp_path, weather())
    assert read_json(tmp_path / "votes/summary.json") == {
        "sources": 3,
        "examples": {"train": 20, "dev": 10, "test": 10},
        "votes": {"train": 36, "dev": 18, "test": 18},  # 1 + 2 + 2 + 2 + 2 = 9 votes on each five sentences
        "failures": {name: {"train": 0, "dev": 0, "test": 0} for name in ("sun", "falls", "umbrella")},
        "on_error": "raise",
    }


def test_progress_and_no_votes_go_to_stderr(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    apply(tmp_path, weather())
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "label train: 100%" in captured.err


@labeling_function(tasks="sky", labels=["Dry", "Wet"])
def brittle(view: str) -> str | None:
    """Raise on snow."""
    if "snow" in view:
        raise KeyError("no word for snow")
    return "Dry"


def test_a_source_that_raises_stops_the_step_naming_source_example_and_cause(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"source 'brittle' raised on example '2': KeyError: 'no word for snow'"):
        apply(tmp_path, weather(sun, brittle))
    assert not (tmp_path / "votes").exists()


def test_nothing_is_written_where_only_the_last_split_fails(tmp_path: Path) -> None:
    frames = texts()
    for split in ("train", "dev"):
        frames[split] = frames[split].assign(sentence="a day of sun")
    with pytest.raises(SourceError, match="'brittle' raised on example '32'"):
        apply(tmp_path, weather(sun, brittle), frames=frames)
    assert not (tmp_path / "votes").exists()


def test_as_configured_a_raise_is_counted_as_an_abstain(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    votes = apply(tmp_path, weather(sun, brittle), LabelParams(on_error="abstain", recheck_every=1))
    summary = read_json(tmp_path / "votes/summary.json")
    # one sentence in five tells of snow; asking twice counts once
    assert summary["failures"] == {
        "sun": {"train": 0, "dev": 0, "test": 0},
        "brittle": {"train": 4, "dev": 2, "test": 2},
    }
    assert read_table(votes["train"])["brittle"].tolist() == [1, 1, 0, 1, 1] * 4
    assert "warning: source 'brittle' raised on 8 of 40 examples; counted as abstains" in capsys.readouterr().err


def test_an_undeclared_label_is_named(tmp_path: Path) -> None:
    @labeling_function(tasks="sky", labels=["Dry"])
    def hail(view: str) -> str | None:
        return "Hail" if "snow" in view else None

    with pytest.raises(SourceError, match=r"source 'hail' returned 'Hail' on example '2'; it declares \['Dry'\]"):
        apply(tmp_path, weather(sun, hail), LabelParams(on_error="abstain", recheck_every=0))


def test_a_source_that_is_not_deterministic_is_named(tmp_path: Path) -> None:
    asked: list[str] = []

    @labeling_function(tasks="sky", labels=["Dry", "Wet"])
    def moody(view: str) -> str | None:
        asked.append(view)
        return "Dry" if len(asked) % 2 else "Wet"

    with pytest.raises(SourceError, match=r"source 'moody' is not deterministic: on example '0' it voted 1 and then 2"):
        apply(tmp_path, weather(sun, moody))


def test_a_view_that_raises_names_the_example(tmp_path: Path) -> None:
    def view(row: object) -> str:
        raise LookupError("no sentence")

    application = Application("weather", WEATHER, (sun, falls, umbrella), no_reader, view, str)
    with pytest.raises(SourceError, match=r"application 'weather' raised on example '0': LookupError: no sentence"):
        apply(tmp_path, application)


def test_views_are_built_once_an_example(tmp_path: Path) -> None:
    seen: list[str] = []

    def view(row: object) -> str:
        assert isinstance(row, dict)
        seen.append(row["id"])
        return str(row["sentence"])

    apply(tmp_path, Application("weather", WEATHER, (sun, falls, umbrella), no_reader, view, str))
    assert seen == [str(number) for number in range(40)]


def test_texts_without_ids_are_refused(tmp_path: Path) -> None:
    frames = texts()
    frames["dev"] = frames["dev"].drop(columns="id")
    with pytest.raises(ArtifactError, match=r"dev\.parquet must have a column 'id' without gaps"):
        apply(tmp_path, weather(), frames=frames)


def test_declared_sources_need_views_of_rechecked_examples_only(tmp_path: Path) -> None:
    seen: list[str] = []

    def view(row: Mapping[str, Any]) -> Mapping[str, Any]:
        seen.append(row["id"])
        return row

    wet = declare("wet", tasks="sky", votes={"Wet": keywords("sentence", ["rain", "snow"])})
    application = Application("weather", WEATHER, (wet,), no_reader, view, str)
    votes = apply(tmp_path, application, LabelParams(on_error="raise", recheck_every=10))

    assert seen == ["0", "10", "20", "30"]  # every tenth of each split
    assert read_table(votes["dev"])["wet"].tolist() == [0, 1, 1, 1, 0] * 2


def test_texts_in_partitions_give_votes_in_partitions(tmp_path: Path) -> None:
    whole = apply(tmp_path / "whole", weather())
    for split, frame in texts().items():
        write_partitions(frame, tmp_path / f"parts/text/{split}.parquet", 8)
    given = {split: tmp_path / f"parts/text/{split}.parquet" for split in whole}
    votes = {split: tmp_path / f"parts/votes/{split}.parquet" for split in whole}
    stale = tmp_path / "parts/scratch/train.parquet/part-00007.parquet"  # of a run on other texts
    stale.parent.mkdir(parents=True)
    stale.write_bytes(b"")

    with dask_here(workers=2, processes=False) as engine:
        label(
            weather(), given, votes, tmp_path / "parts/votes/summary.json", tmp_path / "parts/scratch", STRICT, engine
        )

    assert sorted(file.name for file in votes["train"].iterdir()) == [f"part-0000{i}.parquet" for i in range(3)]
    assert not (tmp_path / "parts/scratch").exists()
    for split, file in whole.items():
        (ids, expected), (found_ids, found) = read_votes(file), read_votes(votes[split])
        assert found_ids == ids
        assert (found.codes == expected.codes).all()
        assert read_metadata(votes[split]) == read_metadata(file)
    assert read_json(tmp_path / "parts/votes/summary.json") == read_json(tmp_path / "whole/votes/summary.json")


def test_an_interrupted_run_goes_on_with_the_splits_that_are_missing(tmp_path: Path) -> None:
    asked: list[str] = []

    @labeling_function(tasks="sky", labels=["Dry", "Wet"])
    def fragile(view: str) -> str | None:
        asked.append(view)
        if len(asked) == 25:
            raise KeyboardInterrupt
        return "Dry"

    params = LabelParams(on_error="raise", recheck_every=0)
    with pytest.raises(KeyboardInterrupt):
        apply(tmp_path, weather(fragile), params)
    assert not (tmp_path / "votes").exists()
    asked.clear()
    votes = apply(tmp_path, weather(fragile), params)

    assert len(asked) == 20  # dev and test; train was finished
    assert read_table(votes["train"])["fragile"].tolist() == [1] * 20


def test_dask_is_imported_only_where_it_is_asked_for() -> None:
    code = "import sys, flows.steps.label, flows.steps.fit; print('distributed' in sys.modules, 'dask' in sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)

    assert result.stdout.split() == ["False", "False"]
