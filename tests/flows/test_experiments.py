"""DVC's experiments on the worked application: a queued grid, the table of it, plots of two side by side, offline."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
import time
from pathlib import Path
from subprocess import DEVNULL

import pytest

from flows import plots
from flows.fetch import FetchError
from tests.flows.browser import needs_browser, open_offline
from tests.flows.mail import environment, git, lasting_checkout, run, succeed

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout whose application and parameters are committed, the corpus tracked by DVC, the pipeline run."""
    folder = tmp_path_factory.mktemp("checkout")
    lasting_checkout(folder)
    said = succeed(folder, "dvc", "repro")
    assert "test accuracy over whole label vectors" in said  # the table, also without the main job
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "Start")
    return folder


@pytest.fixture(scope="module")
def grid(checkout: Path) -> dict[str, dict[str, str]]:
    """A grid of two batch sizes, queued and run: the rows of `dvc exp show` by the experiments' names."""
    queued = succeed(checkout, "dvc", "exp", "run", "--queue", "-S", "end_model.batch_size=16,8")
    assert queued.count("Queued experiment") == 2
    # Its worker goes on in the background with the outputs that it was given: captured ones would never end.
    start = [sys.executable, "-m", "dvc", "queue", "start"]
    subprocess.run(start, cwd=checkout, env=environment(checkout), stdout=DEVNULL, stderr=DEVNULL, check=True)
    end = time.monotonic() + 1200
    while (status := succeed(checkout, "dvc", "queue", "status")).count("Success") < 2:
        assert "Failed" not in status, status
        assert time.monotonic() < end, status
        time.sleep(2)
    rows = csv.DictReader(io.StringIO(succeed(checkout, "dvc", "exp", "show", "--csv")))
    return {row["Experiment"]: row for row in rows if row["typ"] in ("branch_commit", "branch_base")}


def test_the_queue_runs_a_grid_and_leaves_the_checkout_alone(checkout: Path, grid: dict[str, dict[str, str]]) -> None:
    assert sorted(row["end_model.batch_size"] for row in grid.values()) == ["16", "8"]
    assert all(float(row["mail.metal.end.mean"]) > 0.5 for row in grid.values())
    assert "batch_size: 32" in (checkout / "params.yaml").read_text(encoding="utf-8")
    assert json.loads(succeed(checkout, "dvc", "status", "dvc.yaml", "--json")) == {}


def test_a_misspelt_key_is_refused_before_it_is_queued(checkout: Path) -> None:
    before = succeed(checkout, "dvc", "queue", "status")
    refused = run(checkout, "dvc", "exp", "run", "--queue", "-S", "end_model.batch_sise=16,32")

    assert refused.returncode != 0
    assert "batch_sise" in refused.stderr
    assert succeed(checkout, "dvc", "queue", "status") == before


@needs_browser
def test_plots_of_two_experiments_open_side_by_side_without_network(
    checkout: Path, grid: dict[str, dict[str, str]], tmp_path: Path
) -> None:
    try:
        plots.fetch_scripts(checkout / plots.FOLDER)
    except FetchError as error:
        pytest.skip(f"no package index: {error}")
    succeed(checkout, "dvc", "plots", "diff", *grid)

    page = checkout / plots.FOLDER / "index.html"
    html = page.read_text(encoding="utf-8")
    assert "cdn" not in html
    assert all(f'"rev": "{name}"' in html for name in grid)
    seen = open_offline(page, tmp_path / "browser", height=500)
    assert seen.count('class="marks"') == 2  # drawn: learning curves and reliability
