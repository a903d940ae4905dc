"""A checkout with Prefect's server and a worker as processes of their own, and what a user does with them."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil
from mlflow.tracking import MlflowClient

from flows.services import read_services
from flows.tracking_place import DATABASE
from flows.working_copy import RUNS
from tests.flows.test_main_job import OVERRIDES

PATIENCE = 500
FOREVER = "end_model.steps=1000000"
SMALL = [*OVERRIDES, "methods=[metal]", "supervisions=[metal]", "trials=1"]


class Served:
    """A checkout, its server and its worker."""

    def __init__(self, checkout: Path) -> None:
        self.checkout = checkout
        with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as other:
            self.port, mlflow = one.getsockname()[1], other.getsockname()[1]
        self.serve = ["flows.serve", "--port", str(self.port), "--mlflow-port", str(mlflow)]
        self.api = f"http://127.0.0.1:{self.port}/api"

    def run(self, *command: str, text: str = "") -> str:
        """Run a module as a command in the checkout; return what it prints."""
        environment = {
            **os.environ,
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
            "PREFECT_HOME": str(self.checkout / "home"),
            "PREFECT_API_URL": self.api,
            "OMP_NUM_THREADS": "1",
            "COLUMNS": "200",
        }
        done = subprocess.run(
            [sys.executable, "-m", *command],
            cwd=self.checkout,
            env=environment,
            input=text,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def trigger(self, experiment: str, *overrides: str, applications: str = "mail") -> str:
        """Trigger a run of the pipeline; return its ID."""
        return self.deploy(
            "metal/reproduce", applications=[applications], overrides=[*SMALL, *overrides], experiment=experiment
        )

    def deploy(self, deployment: str, **values: Any) -> str:
        """Trigger a run of a deployment by Prefect's own command; return its ID."""
        words = [word for name, value in values.items() for word in ("--param", f"{name}={json.dumps(value)}")]
        said = self.run("prefect", "deployment", "run", deployment, *words)
        return str(re.findall(r"UUID: (\S+)", said)[0])

    def ask(self, path: str, **filters: Any) -> Any:
        """Ask the server for what a filter finds."""
        answer = httpx.post(f"{self.api}/{path}/filter", json=filters, timeout=60)
        return answer.raise_for_status().json()

    def state(self, identifier: str) -> tuple[str, str]:
        """Return name and message of a run's state."""
        [run] = self.ask("flow_runs", flow_runs={"id": {"any_": [identifier]}})
        return run["state"]["name"], run["state"]["message"] or ""

    def ended(self, identifier: str) -> str:
        """Wait until a run has ended; return the name of its state."""
        wait_for(lambda: self.state(identifier)[0] in {"Completed", "Failed", "Crashed", "Cancelled"})
        return self.state(identifier)[0]

    def stages(self, identifier: str) -> dict[str, str]:
        """Return the state of each stage's task."""
        tasks = self.ask("task_runs", flow_runs={"id": {"any_": [identifier]}})
        return {task["name"]: task["state"]["name"] for task in tasks if task["state"]}  # one just made has none

    def artifacts(self, identifier: str) -> dict[str, str]:
        """Return what the run's page shows beside the stages."""
        found = self.ask("artifacts", flow_runs={"id": {"any_": [identifier]}})
        return {artifact["key"]: str(artifact["data"]) for artifact in found}

    def experiments(self) -> set[str]:
        """Return the experiments that the checkout lists."""
        return set(re.findall(r"\[(.+)\]", self.run("dvc", "exp", "list")))

    def training(self, identifier: str) -> None:
        """Wait until a run is training."""
        wait_for(lambda: self.stages(identifier).get("train@mail-metal") == "Running")
        wait_for(lambda: any((self.checkout / RUNS).glob("*/data/scratch/mail/metal/curves.csv")))

    def trainings(self) -> set[str]:
        """Return the status in MLflow of trainings whose results are not published."""
        client = MlflowClient(f"sqlite:///{self.checkout / DATABASE}")
        experiment = client.get_experiment_by_name("mail")
        assert experiment is not None
        runs = client.search_runs([experiment.experiment_id])
        return {run.info.status for run in runs if "metal.key" not in run.data.tags}

    def kill(self, service: str, *, with_runs: bool = False) -> None:
        """kill -9 for a service, and for the processes of its runs."""
        found = read_services(self.checkout)[service]
        for process in found.members() if with_runs else [psutil.Process(found.pid)]:
            process.send_signal(signal.SIGKILL)
        wait_for(lambda: found.leader() is None)


def wait_for(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.5)


@contextmanager
def serving(checkout: Path) -> Iterator[Served]:
    """Start server and worker of a checkout, and end them."""
    found = Served(checkout)
    try:
        found.run(*found.serve)
        yield found
    finally:
        found.run("flows.serve", "--stop")
