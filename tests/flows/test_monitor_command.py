"""The monitor by the command that people run, on the worked application: verdicts as exit codes, results, errors."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from flows import artifacts
from tests.flows.mail import lasting_checkout, run, succeed
from tests.flows.test_main_job import GREETINGS, MAIL

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout with votes and a label model, and mail that nobody has seen yet."""
    folder = tmp_path_factory.mktemp("monitored")
    lasting_checkout(folder)
    succeed(folder, "dvc", "repro", "fit@mail-metal")
    usual = [
        {"id": f"n{number}", "text": f"{GREETINGS[number % 5]}. {text}"}
        for number, (text, _, _) in enumerate(MAIL * 20)
    ]
    artifacts.write_table(pd.DataFrame(usual), folder / "usual.parquet")
    # The same without the word that one source looks for: every prize is now a "gift".
    words = [{**row, "text": row["text"].replace("prize", "gift").replace("won a", "got a")} for row in usual]
    changed = [{**row, "text": row["text"].replace("win a free", "get a")} for row in words]
    artifacts.write_table(pd.DataFrame(changed), folder / "changed.parquet")
    return folder


def monitor(checkout: Path, file: str, *more: str) -> tuple[int, str]:
    done = run(checkout, "flows.monitor", "--application", "mail", "--input", file, "--refits", "20", *more)
    return done.returncode, done.stdout + done.stderr


def test_usual_mail_is_ok_and_leaves_page_table_and_run(checkout: Path) -> None:
    code, said = monitor(checkout, "usual.parquet", "--fail-on-drift", "--out", "watched")

    assert code == 0, said
    assert "mail: ok" in said
    content = json.loads((checkout / "watched" / "drift.json").read_text(encoding="utf-8"))
    assert content["verdict"] == "ok"
    assert content["new_rows"] == 120
    assert list(pd.read_csv(checkout / "watched" / "sources.csv")["source"])[:2] == ["invoice", "prize"]
    assert (checkout / "watched" / "index.html").is_file()
    assert (checkout / "mlflow.db").is_file()


def test_changed_mail_names_the_source_and_ends_with_three_where_asked(checkout: Path) -> None:
    code, said = monitor(checkout, "changed.parquet", "--fail-on-drift")

    assert code == 3, said
    assert "source prize voted in training, and on none of the new examples" in said
    content = json.loads((checkout / "data" / "monitor" / "mail" / "drift.json").read_text(encoding="utf-8"))
    assert content["verdict"] == "broken"
    assert content["voting"] == ["prize"]
    assert monitor(checkout, "changed.parquet")[0] == 0  # not asked


def test_what_is_not_there_is_told_in_a_line(checkout: Path) -> None:
    code, said = monitor(checkout, "none.parquet")

    assert code == 1
    assert "error: none.parquet: no such file; give a Parquet table" in said
