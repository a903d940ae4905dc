"""Studies and the paper's page: one thing changed at a time, real and invented corpora apart, numbers by hand."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from flows import paper_results
from flows.artifacts import (
    LABELED,
    Paths,
    read_probabilities,
    read_tasks,
    write_json,
    write_probabilities,
    write_table,
    write_votes,
)
from flows.config import PARAMS, load_config
from flows.paper_run import at_hand, plan
from flows.steps.paper import paper
from flows.steps.study import changed, study, thin
from flows.studies import STUDIES
from metal.synthetic import random_world
from metal.tasks import TaskGraph

PET = TaskGraph.single("pet", ("bird", "fish"))


def row(
    application: str, corpus: str, supervision: str, model: str, seed: int, accuracy: float, n: int
) -> dict[str, object]:
    return {
        "application": application,
        "corpus": corpus,
        "scored": "all tasks",
        "supervision": supervision,
        "model": model,
        "seed": seed,
        "n_train": n,
        "micro_accuracy": accuracy,
        "task:pet": accuracy,
    }


def results() -> pd.DataFrame:
    """Two applications: mail on a real corpus, pets on invented text; two trials of everything."""
    rows = []
    for application, corpus, lift in (("mail", "letters", 0.0), ("pets", "sample", 0.2)):
        for supervision, label, ends, n in (
            ("gold_dev", None, (0.4, 0.5), 10),
            ("majority_vote", 0.5, (0.5, 0.6), 100),
            ("metal", 0.6, (0.6, 0.8), 100),
        ):
            if label is not None:
                rows.append(row(application, corpus, supervision, "label", 0, label + lift, n))
            rows += [row(application, corpus, supervision, "end", s, e + lift, n) for s, e in enumerate(ends)]
    return pd.DataFrame(rows)


def studies() -> pd.DataFrame:
    rows = []
    for application in ("mail", "pets"):
        rows.append(row(application, "", "tasks_separate", "label", 0, 0.55, 100))
        rows += [row(application, "", "tasks_separate", "end", seed, e, 100) for seed, e in enumerate((0.5, 0.6))]
        rows += [row(application, "", "share_20", "end", seed, e, 20) for seed, e in enumerate((0.45, 0.55))]
    return pd.DataFrame(rows).rename(columns={"supervision": "study"}).drop(columns="corpus")


def test_real_and_invented_corpora_never_share_a_table() -> None:
    real, invented = paper_results.blocks(results())

    assert (real.real, dict(real.corpora)) == (True, {"mail": "letters"})
    assert (invented.real, dict(invented.corpora)) == (False, {"pets": "sample"})
    table = paper_results.table1(real)
    assert list(table.columns) == ["Supervision", "mail"]  # of one application no average
    assert list(table["Supervision"]) == ["Gold (dev)", "Majority vote", "MeTaL"]


def test_scores_of_fewer_tasks_stand_in_a_table_of_their_own_without_the_papers_numbers() -> None:
    found = results().replace({"corpus": {"sample": "photos"}})
    found.loc[found["application"] == "pets", "scored"] = "pet"

    whole, partial = paper_results.blocks(found)

    assert (whole.comparable, dict(whole.corpora)) == (True, {"mail": "letters"})
    assert (partial.comparable, dict(partial.corpora)) == (False, {"pets": "photos"})
    assert partial.title == "Real corpora; gold labels tell only pet, which alone is scored"


def test_applications_are_averaged() -> None:
    [block] = paper_results.blocks(results().replace({"corpus": {"sample": "photos"}}))

    table = paper_results.table1(block)

    assert list(table.columns) == ["Supervision", "mail", "pets", "Average"]
    assert list(table["Average"]) == ["55.0", "65.0", "80.0"]  # .45 and .65, .55 and .75, .7 and .9


def test_an_average_needs_every_application() -> None:
    assert paper_results.average([0.5, 0.7]) == "60.0"
    assert paper_results.average([0.5, None]) == "–"


def test_scaling_runs_from_gold_alone_to_all_unlabeled_examples() -> None:
    table = paper_results.scaling(results(), studies(), "mail")

    assert list(table["n"]) == [0, 20, 100]
    assert list(table["mean"]) == pytest.approx([0.45, 0.5, 0.7])


def test_ablations_are_paired_by_seed() -> None:
    table = paper_results.ablations(results(), studies(), "mail").set_index("study")

    assert table.loc["MeTaL as configured", "end"] == pytest.approx(0.7)
    found = table.loc["every task modelled alone"]
    # Seeds 0 and 1 lose .1 and .2: mean -.15, standard deviation .0707, t(.975, 1) = 12.706, half width .635.
    assert found["difference"] == pytest.approx(-0.15)
    assert found["low"] == pytest.approx(-0.15 - 12.7062 * 0.05, abs=1e-4)
    assert found["label"] == pytest.approx(0.55)
    assert "20 % of the unlabeled examples" not in table.index


def test_a_label_model_that_the_votes_do_not_determine_is_told_and_the_rest_goes_on(tmp_path: Path) -> None:
    """Two sources: Algorithm 1 needs three groups that vote on what is related."""
    paths = Paths(tmp_path, "mail")
    votes, gold = random_world(PET, [["pet"]] * 2, seed=0).sample(200, 0)
    for split in LABELED:
        write_votes(paths.votes(split), [f"{split}{i}" for i in range(200)], votes)
    known = pd.DataFrame({"id": [f"dev{i}" for i in range(200)], "pet": [PET.feasible[y][0] for y in gold]})
    write_table(known, paths.gold("dev"))
    write_json(
        paths.gate / "report.json", {"identifiable": True, "required": True, "undetermined": [], "dependencies": []}
    )
    write_json(paths.validation / "summary.json", {"success": True})
    put(tmp_path, results()[results()["application"] == "mail"], studies()[studies()["application"] == "mail"])

    study(paths, "algorithm1", load_config(PARAMS))
    paper(tmp_path, ["mail"], ["tasks_separate", "algorithm1", "share_20"])

    out = tmp_path / "data" / "results" / "paper"
    table = pd.read_csv(out / "ablations_mail.csv").set_index("study")
    assert table.loc["algorithm1", "trials"] == 0
    assert table.loc["algorithm1", ["label", "end", "difference"]].isna().all()
    assert table.loc["every task modelled alone", "trials"] == 2
    page = re.sub(r"\s+", " ", (out / "paper.html").read_text(encoding="utf-8"))
    assert "<strong>algorithm1</strong>: not fitted, for the moments do not determine" in page
    assert "fewer than three groups vote on what is related" in page
    assert ">nan<" not in page


def put(root: Path, scores: pd.DataFrame, studies: pd.DataFrame) -> None:
    """Write results where the evaluations and studies leave them."""
    for name, rows in scores.groupby("application"):
        folder = root / "data" / "evaluation" / str(name)
        folder.mkdir(parents=True)
        rows.to_csv(folder / "trials.csv", index=False)
    for (application, chosen), scored in studies.groupby(["application", "study"]):
        folder = root / "data" / "studies" / str(application) / str(chosen)
        folder.mkdir(parents=True)
        scored.to_csv(folder / "scores.csv", index=False)


def test_the_page_holds_every_number_and_needs_no_network(tmp_path: Path) -> None:
    put(tmp_path, results(), studies())

    paper(tmp_path, ["mail", "pets"], ["tasks_separate", "share_20"])

    out = tmp_path / "data" / "results" / "paper"
    page = (out / "paper.html").read_text(encoding="utf-8")
    assert "Synthetic corpora: invented text" in page
    assert "every task modelled alone" in page
    assert page.count("<svg") == 6  # three figures of two applications
    assert "http" not in page.replace("http://www.w3.org", "")
    markdown = (out / "table1.md").read_text(encoding="utf-8")
    assert markdown.index("## Real corpora") < markdown.index("## Synthetic corpora")
    assert pd.read_csv(out / "gains_mail.csv")["gain"].tolist() == pytest.approx([0.05, 0.1])


def test_a_share_is_drawn_among_examples_with_a_vote(tmp_path: Path) -> None:
    voted = np.arange(100) % 2 == 0
    probabilities = np.column_stack([np.linspace(0, 1, 100), np.linspace(1, 0, 100)])
    ids = [str(i) for i in range(100)]
    write_probabilities(tmp_path / "all.parquet", ids, probabilities, voted, PET)

    for share in (0.2, 0.5):
        thin(tmp_path / "all.parquet", tmp_path / f"{share}.parquet", share)
    kept = {}
    for share in (0.2, 0.5):
        names, same, seen = read_probabilities(tmp_path / f"{share}.parquet", read_tasks(tmp_path / "all.parquet"))
        assert names == ids
        assert same == pytest.approx(probabilities)
        assert seen.sum() == round(50 * share)
        assert not (seen & ~voted).any()
        kept[share] = set(np.flatnonzero(seen))
    assert kept[0.2] < kept[0.5]  # a larger share adds examples and keeps the others


@pytest.mark.parametrize("name", STUDIES)
def test_every_study_is_a_valid_label_model(name: str) -> None:
    params = load_config(PARAMS).label_model

    assert (changed(params, STUDIES[name]) == params) == (not STUDIES[name].changes)


def test_the_plan_names_corpora_and_counts_trainings() -> None:
    config = load_config(PARAMS)
    trainings = len(config.supervisions) * config.trials + len(config.paper.studies) * config.paper.trials

    said = plan(config, workers=2)
    assert "report" in said
    assert f"{trainings} trainings" in said


def test_applications_without_a_corpus_at_hand_are_left_out() -> None:
    known, overrides = at_hand([])

    assert "report" in overrides[0]  # its corpus can be fetched
    assert known >= {"report"}
    assert at_hand(["applications=[report]"]) == (set(), ["applications=[report]"])
