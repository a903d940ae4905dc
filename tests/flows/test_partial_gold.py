"""OntoNotes without its fine annotation, from acquire to summarize, on an invented corpus in that format."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from flows.artifacts import Paths, read_json, read_probabilities, read_tasks, read_votes, write_json
from flows.compose import params_text
from flows.config import load_config
from flows.show import show
from flows.steps import acquire, embed, evaluate, fit, gate, gold, ingest, label, summarize, train
from metal.corpora.sample_ontonotes import write_ontonotes

pytestmark = pytest.mark.slow  # half a minute; test_evaluate has the scores, tests/metal/test_known_tasks.py the sums
SUPERVISIONS = ("gold_dev", "majority_vote", "data_programming", "metal")
OVERRIDES = [
    *("applications=[entity]", "corpus@entity=ontonotes", "entity.path=invented", "trials=1"),
    *("entity.train=500", "entity.dev=150", "entity.test=150", "embeddings=random", "embeddings.dimension=8"),
    *("entity.end_model.steps=4", "entity.end_model.hidden=4", "entity.end_model.layers=[4]"),
]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("coarse")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        write_ontonotes(Path("invented"), mentions=900, seed=0, fine_types=False)
        Path("params.yaml").write_text(params_text(OVERRIDES), encoding="utf-8")
        config = load_config()
        for module in (acquire, ingest, label, gate):
            module.step(argparse.Namespace(application="entity"), config)
        # Validation never sees gold, and takes longer than all the rest.
        validated = {"success": True, "expectations": 1, "failures": [], "rows": {"train": 500}}
        write_json(Paths(Path(), "entity").validation / "summary.json", validated)
        for method in config.methods:
            fit.step(argparse.Namespace(application="entity", method=method), config)
        for module in (gold, embed):
            module.step(argparse.Namespace(application="entity"), config)
        for supervision in config.supervisions:
            train.step(argparse.Namespace(application="entity", supervision=supervision), config)
        for module in (evaluate, summarize):
            module.step(argparse.Namespace(application="entity"), config)
    return root


@pytest.fixture(scope="module")
def results(root: Path) -> pd.DataFrame:
    return pd.read_csv(root / "data" / "results" / "results.csv")


def test_what_is_known_is_scored_and_nothing_else(results: pd.DataFrame) -> None:
    assert set(results["scored"]) == {"kind"}
    assert [name for name in results.columns if name.startswith("task:")] == ["task:kind"]
    assert results["micro_accuracy"].equals(results["task:kind"])
    assert set(results["supervision"]) == set(SUPERVISIONS)


def test_a_label_model_is_right_where_its_likelier_kind_is(root: Path, results: pd.DataFrame) -> None:
    paths = Paths(root, "entity")
    tasks = read_tasks(paths.votes("test"))
    ids, probabilities, _ = read_probabilities(paths.labels("metal") / "test.parquet", tasks)
    person = [vector[0] == "Person" for vector in tasks.feasible]
    truth = pd.read_parquet(paths.gold("test")).set_index("id").loc[ids, "kind"].to_numpy()

    said = np.where(probabilities[:, person].sum(axis=1) >= 0.5, "Person", "Organization")
    measured = results[(results["supervision"] == "metal") & (results["model"] == "label")]["micro_accuracy"]
    assert measured.iloc[0] == pytest.approx((said == truth).mean())


def test_the_end_model_learns_from_gold_no_more_than_gold_tells(root: Path) -> None:
    paths = Paths(root, "entity")
    tasks = read_tasks(paths.votes("dev"))
    _, probabilities, _ = read_probabilities(paths.labels("gold_dev") / "dev.parquet", tasks)

    # Half on each sort of the kind.
    assert {tuple(row) for row in probabilities.tolist()} == {(0.5, 0.5, 0, 0), (0, 0, 0.5, 0.5)}


def test_sources_are_judged_where_gold_tells_their_task(root: Path) -> None:
    table = pd.read_csv(Paths(root, "entity").evaluation / "sources.csv").set_index("source")
    _, votes = read_votes(Paths(root, "entity").votes("dev"))
    kinds = pd.read_parquet(Paths(root, "entity").gold("dev"))["kind"]

    of_kind = table["tasks"] == "kind"
    assert table.loc[~of_kind, "dev_accuracy"].isna().all()
    cast = votes.codes[:, votes.names.index("given_name")] != 0  # it votes Person
    assert table.loc["given_name", "dev_accuracy"] == pytest.approx((kinds[cast] == "Person").mean())


def test_it_is_said_wherever_scores_are_shown(root: Path) -> None:
    remark = "Gold labels tell only kind: every score is of that alone."
    shown = [(root / "data" / "results" / name).read_text(encoding="utf-8") for name in ("table1.md", "report.html")]
    for text in (*shown, show(root)):
        assert remark in text
        assert "82.2" not in text, "the paper's accuracy is over whole label vectors"
    assert read_json(Paths(root, "entity").corpus_summary)["test"]["gold_tasks"] == ["kind"]
