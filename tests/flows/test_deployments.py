"""Triggered runs with real processes: server, worker, `prefect deployment run`, a browser, and kill -9 of each."""

import http.server
import json
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from flows.services import read_services
from flows.working_copy import RUNS
from tests.flows.served import FOREVER, Served, serving, wait_for
from tests.flows.test_main_job import commit, make_checkout

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

STAGES = {"acquire@mail", "ingest@mail", "label@mail", "validate@mail", "gate@mail", "gold@mail", "embed@mail"}
STAGES |= {"fit@mail-metal", "train@mail-metal", "evaluate@mail", "summarize"}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    checkout = make_checkout(tmp_path_factory.mktemp("served"))
    commit(checkout)
    with serving(checkout) as found:
        yield found


@pytest.fixture(scope="module")
def first(served: Served) -> str:
    """The ID of a run that came to its end."""
    identifier = served.trigger("one")
    assert served.ended(identifier) == "Completed", served.state(identifier)
    return identifier


def test_a_triggered_run_comes_back_as_an_experiment(served: Served, first: str) -> None:
    assert served.experiments() == {"one"}
    assert set(served.stages(first)) == STAGES
    assert set(served.stages(first).values()) == {"Ran"}
    # The corpus, in the checkout alone, was named by a relative path; nothing else has changed there.
    status = subprocess.run(
        ["git", "status", "--short"], cwd=served.checkout, capture_output=True, text=True, check=True
    )
    assert status.stdout.splitlines() == ["?? mail.csv"]
    assert not (served.checkout / "data").exists()
    assert not any((served.checkout / RUNS).iterdir())


def test_the_runs_page_holds_results_and_links(served: Served, first: str) -> None:
    shown = served.artifacts(first)

    assert set(shown) == {
        "results",
        "validate-mail",
        "gate-mail",
        "report",
        "validation-of-mail",
        "mlflow-comparison-of-mail",
    }
    assert "100.0" in shown["results"]
    assert "Validation of mail: passed" in shown["validate-mail"]
    assert "Gate of mail: passed" in shown["gate-mail"]
    [report] = re.findall(r"\((http://127\.0\.0\.1:\S+report\.html)\)", shown["report"])
    assert "MeTaL" in httpx.get(report).text
    [comparison] = re.findall(r"\((http://127\.0\.0\.1:.*)\)", shown["mlflow-comparison-of-mail"])
    assert httpx.get(comparison).status_code == 200


def test_the_runs_page_in_a_browser(served: Served, first: str, tmp_path: Path) -> None:
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if browser is None:
        pytest.skip("needs Chromium: apt-get install chromium")
    words = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
    words += [f"--user-data-dir={tmp_path / 'profile'}", "--window-size=1500,1300", "--virtual-time-budget=60000"]
    page = f"http://127.0.0.1:{served.port}/runs/flow-run/{first}"

    dom = subprocess.run([*words, "--dump-dom", page], capture_output=True, text=True, check=True).stdout
    subprocess.run([*words, f"--screenshot={tmp_path / 'run.png'}", page], capture_output=True, check=True)

    assert "Completed" in dom
    assert "11 Task runs" in re.sub(r"<[^>]+>|\s+", " ", dom).replace("  ", " ")
    assert "acquire@mail" in dom
    assert (tmp_path / "run.png").stat().st_size > 20_000


def test_two_runs_at_once_do_not_disturb_each_other(served: Served, first: str) -> None:
    runs = [served.trigger("two", "trials=2"), served.trigger("again")]

    assert [served.ended(run) for run in runs] == ["Completed", "Completed"]
    assert served.experiments() >= {"one", "two", "again"}
    # What the first run has computed is computed by neither; acquire alone is no matter of the history of runs.
    assert {stage for stage, state in served.stages(runs[1]).items() if state == "Ran"} <= {"acquire@mail"}
    other = {stage for stage, state in served.stages(runs[0]).items() if state == "Ran"}
    assert other - {"acquire@mail"} == {"train@mail-metal", "evaluate@mail", "summarize"}


def test_a_failed_validation_stops_what_is_downstream(served: Served, first: str) -> None:
    run = served.trigger("strict", "validation.max_abstain_drift=0.0")

    assert served.ended(run) == "Failed"
    stages = served.stages(run)
    assert stages["validate@mail"] == "Failed"
    assert stages["fit@mail-metal"] == stages["train@mail-metal"] == stages["summarize"] == "NotReady"
    assert stages["embed@mail"] == stages["gate@mail"] == "Cached"
    assert "max_abstain_drift" in served.artifacts(run)["validate-mail"]
    assert "validation-of-mail" in served.artifacts(run)
    assert "strict" not in served.experiments()


def test_failures_are_told_by_an_automation(served: Served) -> None:
    told: list[dict[str, str]] = []

    class Receiver(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

    with http.server.HTTPServer(("127.0.0.1", 0), Receiver) as receiver:
        threading.Thread(target=receiver.serve_forever, daemon=True).start()
        served.run("flows.notify", "webhook", text=f"http://127.0.0.1:{receiver.server_port}/hook\n")
        run = served.trigger("misspelt", applications="mial")
        assert served.ended(run) == "Failed"
        wait_for(lambda: bool(told))
        receiver.shutdown()

    assert told[0]["subject"].startswith("metal failed: ")
    assert "Did you mean 'mail'" in told[0]["body"]
    assert f"/runs/flow-run/{run}" in told[0]["body"]


def test_cancelling_ends_the_stages_and_the_next_run_goes_on(served: Served, first: str) -> None:
    run = served.trigger("forever", FOREVER)
    served.training(run)
    engines = [p for p in read_services(served.checkout)["worker"].members() if "flows.steps.train" in p.cmdline()]
    assert engines
    wait_for(lambda: served.trainings() == {"RUNNING"})

    served.run("prefect", "flow-run", "cancel", run)

    assert served.ended(run) == "Cancelled"
    wait_for(lambda: served.trainings() == {"KILLED"})
    assert not psutil.wait_procs(engines, timeout=60)[1]
    wait_for(lambda: not any((served.checkout / RUNS).iterdir()))
    assert served.ended(served.trigger("after-cancel")) == "Completed"


@pytest.mark.parametrize("with_runs", [True, False], ids=["worker and run", "worker alone"])
def test_after_a_killed_worker_the_next_run_picks_up_what_was_finished(
    served: Served, first: str, with_runs: bool
) -> None:
    run = served.trigger("forever", FOREVER)
    served.training(run)

    served.kill("worker", with_runs=with_runs)
    served.run(*served.serve)
    following = served.trigger(f"after-worker-{with_runs}")

    assert served.ended(following) == "Completed"
    assert {stage for stage, state in served.stages(following).items() if state == "Ran"} <= {"acquire@mail"}
    assert served.ended(run) == "Crashed"
    assert not any((served.checkout / RUNS).iterdir())


def test_a_killed_server_starts_again_on_what_it_had_and_a_run_goes_on(served: Served, first: str) -> None:
    run = served.trigger("meanwhile", "end_model.steps=3000")
    served.training(run)

    served.kill("server")
    served.run(*served.serve)

    assert served.state(first)[0] == "Completed"
    assert served.ended(run) == "Completed"
    assert served.experiments() >= {"one", "meanwhile"}
    assert served.ended(served.trigger("after-server")) == "Completed"
