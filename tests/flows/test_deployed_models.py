"""The deployments that read the checkout, with real processes: `monitor` and `score`, by `prefect deployment run`."""

import json
import re
from collections.abc import Iterator

import httpx
import pandas as pd
import pytest

from flows import artifacts
from tests.flows.served import Served, serving
from tests.flows.test_main_job import GREETINGS, MAIL, commit, make_checkout

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A checkout that took over what a triggered run computed, with a registered label model and mail not seen yet."""
    checkout = make_checkout(tmp_path_factory.mktemp("deployed"))
    commit(checkout)
    usual = [
        {"id": f"n{number}", "text": f"{GREETINGS[number % 5]}. {text}"}
        for number, (text, _, _) in enumerate(MAIL * 20)
    ]
    # The same without a word that one source looks for.
    changed = [{**row, "text": re.sub("won a prize|win a free prize", "got a gift", row["text"])} for row in usual]
    for name, rows in {"usual": usual, "changed": changed, "textless": [{"id": "n0", "words": "Hello"}]}.items():
        artifacts.write_table(pd.DataFrame(rows), checkout / f"{name}.parquet")
    with serving(checkout) as found:
        run = found.trigger("first")
        assert found.ended(run) == "Completed", found.state(run)
        assert "python -m flows.apply first" in found.state(run)[1]
        found.run("flows.apply", "first")
        found.run("flows.register", "--application", "mail", "--model", "label")
        yield found


def monitored(served: Served, file: str) -> str:
    return served.deploy("monitor/monitor", application="mail", file=file, refits=20)


def test_the_monitor_is_triggered_and_shows_verdict_page_and_run(served: Served) -> None:
    run = monitored(served, "usual.parquet")

    assert served.ended(run) == "Completed", served.state(run)
    shown = served.artifacts(run)
    assert "mail: ok" in shown["verdict-mail"]
    [page] = re.findall(r"\((http://127\.0\.0\.1:\S+index\.html)\)", shown["drift-of-mail"])
    assert "invoice" in httpx.get(page).text
    [tracked] = re.findall(r"\((http://127\.0\.0\.1:\S+)\)", shown["mlflow-drift-of-mail"])
    assert httpx.get(tracked).status_code == 200
    # Its results are among the pages of runs; those of the command line are not touched.
    assert not (served.checkout / "data" / "monitor").exists()


def test_a_triggered_monitor_fails_on_drift(served: Served) -> None:
    run = monitored(served, "changed.parquet")

    assert served.ended(run) == "Failed"
    assert "source prize voted in training, and on none of the new examples" in served.state(run)[1]
    assert "mail: broken" in served.artifacts(run)["verdict-mail"]


def test_a_file_is_scored_by_the_champion(served: Served) -> None:
    model = "models:/mail-label@champion"
    run = served.deploy("score/score", model=model, source="usual.parquet", target="scored.parquet")

    assert served.ended(run) == "Completed", served.state(run)
    [row] = json.loads(served.artifacts(run)["scored"])
    assert row == {"model": model, "documents": 120, "answers": "scored.parquet"}
    scored = pd.read_parquet(served.checkout / "scored.parquet")
    # The sources name the right label of every text.
    given = scored[["id", "kind", "topic"]].itertuples(index=False, name=None)
    expected = [(f"n{number}", kind, topic or "N/A") for number, (_, kind, topic) in enumerate(MAIL * 20)]
    assert list(given) == expected


def test_what_the_model_refuses_is_the_runs_message_and_leaves_no_file(served: Served) -> None:
    model = "models:/mail-label@champion"
    run = served.deploy("score/score", model=model, source="textless.parquet", target="none.parquet")

    assert served.ended(run) == "Failed"
    assert "textless.parquet" in served.state(run)[1]
    assert "text" in served.state(run)[1]
    assert not (served.checkout / "none.parquet").exists()
