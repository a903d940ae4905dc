"""MLflow's pages in a real browser: the comparison that the main job ends with, a registered model, its data sets."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows import tracking
from tests.flows.servers import CHROMIUM, browse, free_port, server
from tests.flows.serving.conftest import Project
from tests.flows.serving.small_project import NAME

pytestmark = [pytest.mark.slow, pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine")]


@pytest.fixture(scope="module")
def address(registered: Project, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    port = free_port()
    command = [sys.executable, "-m", "mlflow", "ui", "--backend-store-uri", registered.uri]
    command += ["--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    found = f"http://127.0.0.1:{port}"
    with server(command, f"{found}/health", tmp_path_factory.mktemp("pages") / "log"):
        yield found


def text(page: str) -> str:
    """Return what a page says, without its markup."""
    return " ".join(re.sub(r"<(style|script).*?</\1>|<[^>]+>", " ", page, flags=re.DOTALL).split())


def test_the_link_shows_the_means_side_by_side_as_charts(address: str, registered: Project, tmp_path: Path) -> None:
    store = tracking.open_store(registered.root)
    page = browse(tracking.compare_link(store.experiment(NAME), address), tmp_path, "comparison", 120_000)
    said = text(page)
    assert "1 matching run" in said  # one supervision: its mean, not its trials
    assert "test/micro_accuracy" in page
    assert "js-plotly-plot" in page  # the charts are drawn
    assert "Synthetic: measured on invented sentences" in said  # the experiment's description


def test_runs_can_be_compared_parameter_by_parameter(address: str, registered: Project, tmp_path: Path) -> None:
    store = tracking.open_store(registered.root)
    experiment = store.experiment(NAME)
    runs = [run for run in store.search(experiment) if run.data.tags["metal.seed"] != "all"]
    ids = ",".join(f'"{run.info.run_id}"' for run in runs)
    page = browse(f'{address}/#/compare-runs?runs=[{ids}]&experiments=["{experiment}"]', tmp_path, "runs")
    said = text(page)
    for name in ("metal, seed 0", "metal, seed 1", "estimator", "test/micro_accuracy"):
        assert name in said


def test_a_run_names_its_models_and_the_registry_its_champion(
    address: str, registered: Project, tmp_path: Path
) -> None:
    page = text(browse(f"{address}/#/models/{NAME}-label", tmp_path, "model"))
    assert "The application's sources and the label model" in page
    assert "champion" in page
    page = text(browse(f"{address}/#/models/{NAME}-label/versions/1", tmp_path, "version"))
    assert "champion: there was none before" in page
    assert "dev.accuracy" in page
    assert "Inputs (6)" in page  # the schema: a document's columns, and its id
