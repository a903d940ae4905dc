"""The flow that a server triggers: prefect.yaml deploys it, `make serve` runs it.

Each run works in a working copy of its own (`flows.working_copy`), so that the checkout is never touched and runs do
not disturb each other, and comes back as a DVC experiment: `dvc exp show`, `python -m flows.apply NAME`.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

from prefect import flow, get_run_logger
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import State
from prefect.exceptions import ObjectNotFound
from prefect.runtime import flow_run
from prefect.states import Completed, Crashed

from flows.config import PARAMS, ConfigError, load_config
from flows.dvc_process import Processes
from flows.live import live
from flows.pipeline import DAG, RUNNER, PipelineError, all_overrides, run_stages
from flows.run_page import keep_pages, post_links, post_results
from flows.serve import PAGES, PAGES_ADDRESS
from flows.tracking import compare_link, pages, publish
from flows.tracking_place import TrackingError, tracking_uri
from flows.working_copy import WorkingCopy, bring_inputs, bring_outputs, check_name, save_experiment, working_copy


@flow(name="metal", task_runner=RUNNER)
def reproduce(applications: Sequence[str] = (), overrides: Sequence[str] = (), experiment: str = "") -> State[str]:
    """Run the pipeline of the last commit and hand the result back as a DVC experiment.

    Args:
        applications: Which to run, e.g. report; empty stands for those of params.yaml.
        overrides: Hydra overrides, e.g. end_model.steps=410; paths are relative to the checkout.
        experiment: Name of the DVC experiment; empty for the name of the flow run.
    """
    checkout = Path.cwd()
    # Where the server's MLflow looks; the working copy's own database would go with it.
    os.environ.setdefault("MLFLOW_TRACKING_URI", tracking_uri(checkout))
    name = experiment or str(flow_run.name)
    with working_copy(checkout, str(flow_run.id), tell_of_crash) as copy:
        check_name(copy, name)
        prepare(copy, all_overrides(applications, overrides))
        chosen = load_config(copy.root / PARAMS).applications
        try:
            with live(copy.root, copy.checkout):
                run_stages(Processes(copy.root, copy.lock))
        except PipelineError:
            show(copy, chosen)  # what there is: other applications may have come to their end
            raise
        save_experiment(copy, name, DAG)
        show(copy, chosen)
        publish_runs(copy, name)
    return Completed(message=f"DVC experiment {name}; to take it over: python -m flows.apply {name}", data=name)


def prepare(copy: WorkingCopy, overrides: Sequence[str]) -> None:
    """Compose params.yaml by the working copy's own code, and bring what stages read and DVC has.

    Raises ConfigError for overrides that are wrong.
    """
    logger = get_run_logger()
    logger.info("commit %s of %s; uncommitted changes there are left out", copy.commit[:7], copy.checkout)
    if overrides:
        done = subprocess.run(
            [sys.executable, "-m", "flows.compose", *overrides],
            cwd=copy.root,
            text=True,
            capture_output=True,
            check=False,
        )
        if done.returncode:
            raise ConfigError(done.stderr.strip().removeprefix("error: "))
    for path in bring_inputs(copy):
        logger.info("%s is read from %s", path, copy.checkout)
    bring_outputs(copy, DAG)


def show(copy: WorkingCopy, applications: Sequence[str]) -> None:
    """Show the results on the run's page, and keep the report and the validations' pages."""
    post_results(copy.root, applications)
    kept = keep_pages(copy.root, applications, copy.checkout / PAGES / str(flow_run.id))
    if PAGES_ADDRESS in os.environ:
        post_links({described(page): f"{os.environ[PAGES_ADDRESS]}/{page}" for page in kept})


def publish_runs(copy: WorkingCopy, experiment: str) -> None:
    """Publish the results to MLflow and link to them. Trouble there is a warning: the experiment has the results."""
    try:
        experiments = publish(
            copy.root, {"dvc.experiment": experiment, "prefect.flow_run": str(flow_run.id)}, copy.checkout
        )
    except (TrackingError, OSError) as error:
        get_run_logger().warning("not published to MLflow: %s", " ".join(str(error).split()))
        return
    base = pages(copy.root)
    post_links({f"MLflow comparison of {name}": compare_link(number, base) for name, number in experiments.items()})


def described(page: Path) -> str:
    """Return what a kept page is, for a link's text: "report", "validation-APPLICATION"."""
    return "Report" if page.name == "report.html" else page.parent.name.replace("-", " of ").capitalize()


def tell_of_crash(identifier: str) -> None:
    """Let a run whose processes are gone end as crashed, should the server still take it for running."""
    with get_client(sync_client=True) as client:
        try:
            state = client.read_flow_run(UUID(identifier)).state
        except (ObjectNotFound, ValueError):
            return
        if state is not None and not state.is_final() and UUID(identifier) != flow_run.id:
            message = "its process is gone; another run goes on from what it finished"
            client.set_flow_run_state(UUID(identifier), Crashed(message=message), force=True)
