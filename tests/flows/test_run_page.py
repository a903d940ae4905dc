"""What a run's page shows, as text."""

import time
from pathlib import Path

import pandas as pd
import pytest

from flows import run_page
from flows.artifacts import Paths, write_json, write_text
from flows.run_page import keep_pages, key, read_comparison, results_table, validation_markdown

FAILURE = {
    "severity": "critical",
    "subject": "source prize on train",
    "statement": "abstains about\nas often as on dev",
    "bound": "at most 0.2 | 20%",
    "observed": "0.7",
    "remedy": "look at the pattern",
}


def summary(failures: list[dict[str, str]]) -> dict[str, object]:
    rows = {"train": 1200, "dev": 40}
    content = {"application": "mail", "expectations": 57, "sources": [{}, {}], "rows": rows}
    return {**content, "failures": failures, "success": not failures}


def test_a_validation_that_passed_is_told_in_a_line() -> None:
    assert validation_markdown(summary([])).splitlines() == [
        "## Validation of mail: passed",
        "",
        "57 expectations over 2 sources; rows: train 1,200, dev 40.",
    ]


def test_a_failure_is_a_row_of_its_own_whatever_its_text() -> None:
    lines = validation_markdown(summary([FAILURE])).splitlines()

    assert lines[0] == "## Validation of mail: 1 failures"
    assert lines[-1] == (
        "| critical | source prize on train: abstains about as often as on dev | at most 0.2 \\| 20% | 0.7 "
        "| look at the pattern |"
    )


def test_the_results_of_evaluated_applications_are_shown_beside_one_that_failed(tmp_path: Path) -> None:
    rows = [
        {"application": "mail", "supervision": "metal", "model": "label", "seed": None, "micro_accuracy": 0.75},
        {"application": "mail", "supervision": "metal", "model": "end", "seed": 0, "micro_accuracy": 0.5},
        {"application": "mail", "supervision": "gold_dev", "model": "end", "seed": 0, "micro_accuracy": 0.25},
    ]
    write_text(Paths(tmp_path, "mail").evaluation / "trials.csv", pd.DataFrame(rows).to_csv(index=False))

    table = results_table(read_comparison(tmp_path, ["mail", "failed"]))

    gold = {
        "application": "mail",
        "supervision": "Gold (dev)",
        "label model alone": "–",
        "end model": "25.0",
        "trials": 1,
    }
    metal = {
        "application": "mail",
        "supervision": "MeTaL",
        "label model alone": "75.0",
        "end model": "50.0",
        "trials": 1,
    }
    assert table == [gold, metal]
    assert read_comparison(tmp_path, ["failed"]) == {}


def test_pages_are_kept_of_the_latest_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root, kept = tmp_path / "copy", tmp_path / "pages"
    write_text(root / "data" / "results" / "report.html", "report")
    write_text(Paths(root, "mail").validation / "index.html", "passed")
    write_text(Paths(root, "post").scratch("validation") / "index.html", "failed")
    monkeypatch.setattr(run_page, "KEPT_PAGES", 2)

    for number in range(3):
        pages = keep_pages(root, ["mail", "post", "none"], kept / str(number))
        time.sleep(0.01)

    assert list(map(str, pages)) == ["2/report.html", "2/validation-mail/index.html", "2/validation-post/index.html"]
    assert (kept / "2" / "validation-post" / "index.html").read_text() == "failed"
    assert sorted(path.name for path in kept.iterdir()) == ["1", "2"]


@pytest.mark.parametrize(
    ("stage", "said"), [("validate@mail", "Validation of mail"), ("gate@mail", "Gate of mail: stopped")]
)
def test_validations_and_gates_are_shown_also_where_they_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stage: str, said: str
) -> None:
    shown: list[tuple[str, str]] = []
    monkeypatch.setattr(run_page, "create_markdown_artifact", lambda text, name: shown.append((text, name)))
    paths = Paths(tmp_path, "mail")
    write_json(paths.scratch("validation") / "summary.json", summary([FAILURE]))
    write_json(paths.gate / "report.json", {"verdict": "stopped"})
    write_text(paths.gate / "report.txt", "Not determined: prize.\n")

    run_page.post_stage(tmp_path, stage)
    run_page.post_stage(tmp_path, "fit@mail-metal")
    run_page.post_stage(tmp_path, stage.replace("mail", "other"))

    [(text, name)] = shown
    assert said in text
    assert name == stage.replace("@", "-")


def test_keys_are_what_prefect_takes() -> None:
    assert key("MLflow comparison of my_mail") == "mlflow-comparison-of-my-mail"
