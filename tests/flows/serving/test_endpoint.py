"""`mlflow models serve` with our models: what it answers, what it refuses, and how it does under fifty clients."""

from __future__ import annotations

import http.client
import json
import sys
from collections.abc import Iterator
from typing import Any

import mlflow
import pytest

from flows.artifacts import Paths, read_table
from flows.serving.registry import ALIAS
from tests.benchmarks.serving import load
from tests.flows.servers import free_port, server
from tests.flows.serving.conftest import Project
from tests.flows.serving.small_project import NAME

pytestmark = pytest.mark.slow

LABEL, END = (f"models:/{NAME}-{kind}@{ALIAS}" for kind in ("label", "end"))
CLIENTS = 50


@pytest.fixture(scope="module", params=[LABEL, END])
def served(
    request: pytest.FixtureRequest, registered: Project, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, int]]:
    """The command as flows/README.md has it."""
    port = free_port()
    command = [sys.executable, "-m", "mlflow", "models", "serve", "-m", request.param, "--env-manager", "local"]
    command += ["--host", "127.0.0.1", "--port", str(port)]
    log = tmp_path_factory.mktemp("served") / "log"
    with server(command, f"http://127.0.0.1:{port}/ping", log, {"MLFLOW_TRACKING_URI": registered.uri}):
        yield request.param, port


def documents(registered: Project) -> list[dict[str, Any]]:
    rows = read_table(Paths(registered.root, NAME).text("test")).to_dict("records")
    return [{str(name): value for name, value in row.items()} for row in rows]


def post(port: int, body: str | bytes, kind: str | None = "application/json") -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("POST", "/invocations", body, {} if kind is None else {"Content-Type": kind})
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


def test_an_answer_is_that_of_the_model(served: tuple[str, int], registered: Project) -> None:
    model, port = served
    rows = documents(registered)
    status, said = post(port, json.dumps({"dataframe_records": rows}))
    assert status == 200
    mlflow.set_tracking_uri(registered.uri)
    expected = mlflow.pyfunc.load_model(model).predict(read_table(Paths(registered.root, NAME).text("test")))
    answers = json.loads(said)["predictions"]
    assert len(answers) == len(rows)
    for answer, row in zip(answers, expected.to_dict("records"), strict=True):
        assert set(answer) == set(row)
        assert answer["probability"] == pytest.approx(row["probability"], abs=1e-6)
        assert answer.get("votes") == row.get("votes")


def test_malformed_requests_get_400_and_the_reason(served: tuple[str, int], registered: Project) -> None:
    _, port = served
    good = documents(registered)[0]

    def records(*rows: dict[str, Any]) -> str:
        return json.dumps({"dataframe_records": list(rows)})

    without = {name: value for name, value in good.items() if name != "sentence"}
    columns = [name for name in good if name != "id"]
    cases: dict[str, tuple[str | bytes, str]] = {
        "no documents": (records(), "Model is missing inputs"),
        "an empty table": (json.dumps({"dataframe_split": {"columns": columns, "data": []}}), "there is no document"),
        "a missing column": (records(without), "Model is missing inputs ['sentence']"),
        "a column missing in one row": (records(good, without), "row 1: column 'sentence' is null"),
        "a null": (records({**good, "object": None}), "row 0: column 'object' is null, expected a string; an absent"),
        "a number for a text": (records({**good, "object": 5}), "row 0: column 'object' holds 5, expected a string"),
        "a list for a text": (records({**good, "object": ["a"]}), "row 0: column 'object' holds ['a'], expected a"),
        "half a JSON": ('{"dataframe_records": [', "valid JSON"),
        "no JSON": ("hello", "valid JSON"),
        "nothing": ("", "valid JSON"),
        "a list": ("[1, 2]", "must be a JSON dictionary"),
        "another key": (json.dumps({"documents": [good]}), "exactly one of the input fields"),
    }
    for case, (body, reason) in cases.items():
        status, said = post(port, body)
        assert (case, status) == (case, 400)
        assert reason in json.loads(said)["message"], case
        assert "Traceback" not in said, case
    assert post(port, records(good), kind="text/plain")[0] == 415
    assert post(port, records(good), kind=None)[0] == 500  # of MLflow's own, as flows/README.md says
    assert post(port, records(good))[0] == 200  # and it still serves


def test_fifty_clients_are_all_answered(
    served: tuple[str, int], registered: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    model, port = served
    rows = documents(registered)
    load(port, rows, clients=1, requests=5)  # the first ones warm up
    found = load(port, rows, clients=CLIENTS, requests=10)
    with capsys.disabled():
        sys.stdout.write(f"\n{model}, {CLIENTS} clients: {found.summary()}\n")
    assert len(found.seconds) == CLIENTS * 10
    assert found.refused == []
