"""What `make serve` starts and `make stop` ends, with small processes in place of servers; prefect.yaml."""

import importlib
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest
import yaml
from prefect import Flow
from prefect.exceptions import ParameterTypeError

from flows import serve
from flows.serve import Ports, ServiceError, stop
from flows.services import STATE, Service, end, log_of, read_services, start, write_services
from flows.working_copy import HOME
from metal import applications
from tests.local_imports import ROOT

# A service that starts a process of its own, in another session, as a worker does with a run, and says its ID.
PARENT = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True)
print(child.pid, flush=True)
time.sleep(60)
"""


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    (tmp_path / HOME).mkdir()
    yield tmp_path
    for service in read_services(tmp_path).values():
        end(service)


def started(root: Path) -> tuple[Service, psutil.Process]:
    """Start the service above; return it and the process that it has started."""
    service = start(root, "worker", [sys.executable, "-c", PARENT], None, os.environ)
    write_services(root, {"worker": service})
    log = log_of(root, "worker")
    while not log.read_text().endswith("\n"):
        assert service.leader() is not None
        time.sleep(0.02)
    return service, psutil.Process(int(log.read_text()))


def kill(service: Service) -> None:
    psutil.Process(service.pid).kill()
    while service.leader() is not None:
        time.sleep(0.02)


def is_gone(process: psutil.Process) -> bool:
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


def test_stop_ends_what_was_started_and_what_that_has_started(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    service, child = started(root)

    stop(root)

    assert service.leader() is None
    assert is_gone(child)
    assert capsys.readouterr().out == "worker: ended\n"
    stop(root)
    assert capsys.readouterr().out == "nothing was running\n"


def test_stop_ends_what_a_killed_service_has_left(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    service, child = started(root)
    kill(service)

    stop(root)

    assert is_gone(child)
    assert capsys.readouterr().out == "worker: ended\n"


def test_another_process_of_the_same_id_is_left_alone(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """IDs are given out again; the time of the start tells one process from the next."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as foreign:
        earlier = psutil.Process(foreign.pid).create_time() - 10
        write_services(root, {"worker": Service("worker", foreign.pid, earlier, "no such token", None)})

        stop(root)

        assert foreign.poll() is None
        assert capsys.readouterr().out == "worker: was not running\n"
        foreign.communicate(b"\n")


def test_starting_again_starts_only_what_does_not_run(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sleeping = [sys.executable, "-c", "import time; time.sleep(60)"]
    monkeypatch.setattr(serve, "commands", lambda *_: {"worker": (sleeping, None), "pages": (sleeping, None)})
    serve.serve(root, Ports(1, 2), limit=1)
    first = read_services(root)

    serve.serve(root, Ports(1, 2), limit=1)
    assert read_services(root) == first

    kill(first["pages"])
    serve.serve(root, Ports(1, 2), limit=1)
    again = read_services(root)
    assert again["worker"] == first["worker"]
    assert again["pages"].pid != first["pages"].pid


def test_a_taken_port_is_named_with_a_way_out(root: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ServiceError, match=rf"port {port}, for the server, is in use; .*make serve UI_PORT="):
            serve.serve(root, Ports(port, 2), limit=1)

    assert read_services(root) == {}


def test_a_service_on_another_port_is_not_started_twice(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    service, _ = started(root)
    write_services(root, {"worker": replace(service, port=7)})
    monkeypatch.setattr(serve, "commands", lambda *_: {"worker": ([], 8)})

    with pytest.raises(ServiceError, match=r"runs on port 7; .*make stop"):
        serve.serve(root, Ports(1, 2), limit=1)


def test_a_server_that_ends_is_told_with_its_last_words(root: Path) -> None:
    dying = start(root, "server", [sys.executable, "-c", "print('no room'); raise SystemExit(3)"], 1, os.environ)

    with pytest.raises(ServiceError, match=r"does not answer.*\n.*no room"):
        serve.await_server(root, dying, {"PREFECT_API_URL": "http://127.0.0.1:1/api"})


def test_everything_listens_on_the_loopback_address_alone() -> None:
    for words, port in serve.commands(ROOT, Ports(1, 2), limit=1).values():
        if port is not None and "flows.tracking" not in words:  # which tests/flows/tracking holds to it
            assert "127.0.0.1" in words


def test_the_servers_password_reaches_the_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT_SERVER_API_AUTH_STRING", "admin:secret")

    assert serve.service_environment(ROOT, Ports(1, 2))["PREFECT_API_AUTH_STRING"] == "admin:secret"


# --- prefect.yaml -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def deployed() -> dict[str, Any]:
    content = yaml.safe_load((ROOT / "prefect.yaml").read_text())
    return {deployment["name"]: deployment for deployment in content["deployments"]}


def flow_of(entrypoint: str) -> Flow[..., Any]:
    file, _, name = entrypoint.partition(":")
    found = getattr(importlib.import_module(file.removesuffix(".py").replace("/", ".")), name)
    assert isinstance(found, Flow)
    return found


REQUIRED = {
    "monitor": {"application": "report", "file": "new.parquet"},
    "score": {"model": "models:/report-end@champion", "source": "new.parquet", "target": "scored.parquet"},
}
"""What whoever triggers a deployment has to say; all others run as they are."""


def test_every_deployment_names_a_flow_and_parameters_that_it_takes(deployed: dict[str, Any]) -> None:
    for name, deployment in deployed.items():
        flow = flow_of(deployment["entrypoint"])
        assert deployment["work_pool"]["name"] == serve.POOL
        flow.validate_parameters({**deployment["parameters"], **REQUIRED.get(name, {})})
        for required in REQUIRED.get(name, {}):
            others = {key: value for key, value in REQUIRED[name].items() if key != required}
            with pytest.raises(ParameterTypeError, match=required):
                flow.validate_parameters({**deployment["parameters"], **others})


def test_every_application_has_its_deployment(deployed: dict[str, Any]) -> None:
    [folder] = applications.__path__
    names = {path.parent.name for path in Path(folder).glob("*/__init__.py")}

    assert {name: deployed[name]["parameters"] for name in names} == {name: {"applications": [name]} for name in names}
    assert {deployed[name]["entrypoint"] for name in names} == {"flows/deployments.py:reproduce"}
    assert set(deployed) == names | {"reproduce", "nightly", "monitor", "score"}


def test_the_nightly_schedule_waits_until_somebody_resumes_it(deployed: dict[str, Any]) -> None:
    schedules = {name: deployment.get("schedules") for name, deployment in deployed.items()}
    [nightly] = schedules.pop("nightly")

    assert nightly == {"slug": "nightly", "cron": "0 2 * * *", "timezone": "UTC", "active": False}
    assert not any(schedules.values())


def test_deploying_is_left_out_where_nothing_has_changed(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would pause again a schedule that was resumed."""
    (root / "flows").mkdir()
    declared = "deployments: [{entrypoint: 'flows/deployments.py:reproduce'}, {entrypoint: 'flows/score.py:score'}]"
    (root / "prefect.yaml").write_text(declared)
    (root / "flows" / "deployments.py").write_text("flow")
    (root / "flows" / "score.py").write_text("flow")
    called: list[str] = []
    monkeypatch.setattr(serve, "call", lambda words, *_: called.append(words[4]))
    answers = iter([404, 200, 200, 200, 404])
    monkeypatch.setattr(serve, "ask", lambda *_: next(answers))

    serve.deploy(root, {})
    assert called == ["work-pool", "deploy"]
    serve.deploy(root, {})
    assert called == ["work-pool", "deploy"]
    (root / "prefect.yaml").write_text(f"{declared} # changed")
    serve.deploy(root, {})
    assert called == ["work-pool", "deploy", "deploy"]
    (root / "flows" / "score.py").write_text("another parameter")
    serve.deploy(root, {})
    assert called[3:] == ["deploy"]
    serve.deploy(root, {})  # another database, which has nothing
    assert called[4:] == ["work-pool", "deploy"]


def test_the_file_of_services_is_json_for_whoever_looks(root: Path) -> None:
    service, _ = started(root)

    [entry] = json.loads((root / STATE).read_text())
    assert entry["pid"] == service.pid
