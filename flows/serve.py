"""Start and stop what triggered runs need: `python -m flows.serve [--stop]`, which is `make serve` and `make stop`.

Four processes on the loopback address: Prefect's server, a worker, MLflow's pages, and the pages that runs leave
(reports, validations). Starting again starts only what does not run; stopping ends these and what they have started.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import yaml

from flows.cli import plain_errors
from flows.services import Service, alone, end, log_of, read_services, start, write_services
from flows.tracking import MLFLOW_PORT, answers
from flows.tracking_place import tracking_uri
from flows.working_copy import HOME
from metal.atomic import write_text

DEPLOYED = HOME / "deployed.sha256"
PAGES = HOME / "pages"
"""What runs leave to be looked at, a folder each."""
POOL = "metal"
HOST = "127.0.0.1"
PAGES_ADDRESS = "METAL_PAGES_ADDRESS"
"""The variable by which a triggered run knows where the pages that it leaves are served."""
START_SECONDS = 300
"""How long the server may take to answer: on a slow disk it creates its database for a minute."""


class ServiceError(RuntimeError):
    """A service did not start, or the deployments could not be made."""


@dataclass(frozen=True)
class Ports:
    """Where the services listen; the pages of runs beside the server."""

    server: int
    mlflow: int

    @property
    def pages(self) -> int:
        """Port of the pages that runs leave."""
        return self.server + 1


def serve(root: Path, ports: Ports, limit: int) -> None:
    """Start what does not run, make the deployments where they have changed, and say where to look.

    limit : how many runs the worker works on at a time

    Raises ServiceError where something does not start or a port is taken; what was started by then goes on.
    """
    (root / PAGES).mkdir(parents=True, exist_ok=True)
    with alone(root):
        services = read_services(root)
        environment = service_environment(root, ports)
        anew = False
        for name, (words, port) in commands(root, ports, limit).items():
            running = services.get(name)
            if name == "worker" and running is not None and anew and len(running.members()) == 1:
                end(running)  # idle; a worker that has lost its server takes runs again, but cancels none
            if running is not None and running.leader() is not None:
                if running.port != port:
                    raise ServiceError(f"the {name} runs on port {running.port}; to move it: make stop, then again")
                continue
            if running is not None:  # killed: what it had started goes with it
                end(running)
            if port is not None and answers(port):
                raise ServiceError(f"port {port}, for the {name}, is in use; choose another: {remedy(name, port)}")
            services[name] = start(root, name, words, port, environment)
            write_services(root, services)
            if name == "server":
                anew = True
                await_server(root, services[name], environment)
                deploy(root, environment)
    print(addresses(ports))


def commands(root: Path, ports: Ports, limit: int) -> dict[str, tuple[list[str], int | None]]:
    """Return the command and the port of each service, in the order in which they start."""
    python = [sys.executable, "-m"]
    server = ["prefect", "server", "start", "--host", HOST, "--port", str(ports.server)]
    worker = ["prefect", "worker", "start", "--pool", POOL, "--type", "process", "--limit", str(limit)]
    pages = ["http.server", "--bind", HOST, "--directory", str(root / PAGES), str(ports.pages)]
    mlflow = ["flows.tracking", "--ui", "--port", str(ports.mlflow)]
    return {
        "server": ([*python, *server], ports.server),
        "worker": ([*python, *worker, "--name", "checkout"], None),
        "pages": ([*python, *pages], ports.pages),
        "mlflow": ([*python, *mlflow], ports.mlflow),
    }


def service_environment(root: Path, ports: Ports) -> dict[str, str]:
    """Return the environment of the services: their own Prefect home, whatever else the user works with."""
    own = {name: value for name, value in os.environ.items() if name != "PREFECT_PROFILE"}
    password = os.environ.get("PREFECT_SERVER_API_AUTH_STRING")
    return {
        **own,
        **({"PREFECT_API_AUTH_STRING": password} if password else {}),
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]),
        "PREFECT_HOME": str((root / HOME / "home").resolve()),
        "PREFECT_API_URL": api(ports),
        "PREFECT_WORKER_QUERY_SECONDS": os.environ.get("PREFECT_WORKER_QUERY_SECONDS", "3"),
        "PYTHONUNBUFFERED": "1",
        "MLFLOW_TRACKING_URI": tracking_uri(root),
        MLFLOW_PORT: str(ports.mlflow),
        PAGES_ADDRESS: f"http://{HOST}:{ports.pages}",
    }


def api(ports: Ports) -> str:
    """Return the address of Prefect's API."""
    return f"http://{HOST}:{ports.server}/api"


def await_server(root: Path, server: Service, environment: Mapping[str, str]) -> None:
    """Wait until the server answers. Raises ServiceError with its last words where it ends, or takes too long."""
    end_of_patience = time.monotonic() + START_SECONDS
    while time.monotonic() < end_of_patience:
        if server.leader() is None:
            break
        with suppress(OSError):
            if ask(environment, "/health") == 200:
                return
        time.sleep(0.3)
    tail = log_of(root, server.name).read_text(encoding="utf-8", errors="replace").splitlines()[-5:]
    raise ServiceError(
        "\n".join([f"the server does not answer; its log ends with ({log_of(root, server.name)}):", *tail])
    )


def ask(environment: Mapping[str, str], path: str) -> int:
    """Return the status with which the server answers a GET. Raises OSError where it does not."""
    request = urllib.request.Request(environment["PREFECT_API_URL"] + path)  # noqa: S310 (http on loopback)
    if password := environment.get("PREFECT_API_AUTH_STRING"):
        request.add_header("Authorization", f"Basic {base64.b64encode(password.encode()).decode()}")
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def deploy(root: Path, environment: Mapping[str, str]) -> None:
    """Create the work pool, and the deployments of prefect.yaml unless they are those of the last time.

    Deploying anew would reset what was changed in the UI, such as a schedule that was resumed.
    """
    declared = (root / "prefect.yaml").read_bytes()
    flows = {entry["entrypoint"].partition(":")[0] for entry in yaml.safe_load(declared)["deployments"]}
    content = hashlib.sha256(declared + b"".join((root / flow).read_bytes() for flow in sorted(flows))).hexdigest()
    prefect = [sys.executable, "-m", "prefect", "--no-prompt"]
    missing = ask(environment, f"/work_pools/{POOL}") == 404
    if missing:
        call([*prefect, "work-pool", "create", POOL, "--type", "process"], root, environment)
    if missing or not (root / DEPLOYED).is_file() or (root / DEPLOYED).read_text() != content:
        call([*prefect, "deploy", "--all"], root, environment)
        write_text(root / DEPLOYED, content)


def call(words: Sequence[str], root: Path, environment: Mapping[str, str]) -> None:
    """Run a command of Prefect's. Raises ServiceError with its own words."""
    done = subprocess.run(words, cwd=root, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ServiceError(f"{' '.join(words[2:])} failed: {(done.stderr or done.stdout).strip()}")


def stop(root: Path) -> None:
    """End every service and what it started, the worker first; a run under way ends with it, and can be repeated."""
    with alone(root):
        services = read_services(root)
        for name in reversed(services):
            print(f"{name}: {'ended' if end(services[name]) else 'was not running'}")
        write_services(root, {})
        if not services:
            print("nothing was running")


def remedy(name: str, port: int) -> str:
    """Return the command that uses another port."""
    return f"make serve PORT={port + 1}" if name == "mlflow" else f"make serve UI_PORT={port + 100}"


def addresses(ports: Ports) -> str:
    """Say where to look, and how to trigger a run."""
    asks = "PREFECT_SERVER_API_AUTH_STRING" in os.environ
    password = "  export PREFECT_API_AUTH_STRING=$PREFECT_SERVER_API_AUTH_STRING\n" if asks else ""
    return (
        f"Prefect  http://{HOST}:{ports.server}\n"
        f"MLflow   http://{HOST}:{ports.mlflow}\n"
        f"Reports  http://{HOST}:{ports.pages}\n\n"
        f"To trigger a run here, or from the Deployments page:\n"
        f"  export PREFECT_API_URL={api(ports)}\n"
        f"{password}  prefect deployment run metal/report --watch\n"
        "To end all of it: make stop"
    )


def main() -> None:
    """Start, or stop."""
    parser = argparse.ArgumentParser(
        prog="python -m flows.serve", description="Start Prefect's server and worker, MLflow and the pages of runs."
    )
    parser.add_argument("--stop", action="store_true", help="end what an earlier call started")
    parser.add_argument("--port", type=int, default=4200, help="of Prefect; the next one for pages (default: 4200)")
    parser.add_argument("--mlflow-port", type=int, default=5000, help="of MLflow (default: 5000)")
    parser.add_argument("--limit", type=int, default=2, help="runs at a time (default: 2)")
    arguments = parser.parse_args()
    with plain_errors():
        if arguments.stop:
            stop(Path())
        else:
            serve(Path(), Ports(arguments.port, arguments.mlflow_port), arguments.limit)


if __name__ == "__main__":
    main()
