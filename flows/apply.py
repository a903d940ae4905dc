"""Take an experiment over into the checkout: `python -m flows.apply NAME`.

This is `dvc exp apply`, which asks for the files of every pipeline in the checkout, and so ends with exit code 255
where `make figures` or `make paper` has never run. An experiment is one of dvc.yaml: only what that makes must be
there.
"""

from __future__ import annotations

import argparse
import logging
from pathlib import Path

from flows.cli import plain_errors

DAG = "dvc.yaml"


class ApplyError(RuntimeError):
    """There is no such experiment, or not all of its files."""


def apply(root: Path, name: str) -> None:
    """Bring an experiment's parameters, code and artifacts into a checkout.

    Raises ApplyError where there is no such experiment, and where DVC's cache lacks what dvc.yaml makes: all else is
    then applied, as `dvc exp apply` does.
    """
    from dvc.exceptions import CheckoutError, DvcException
    from dvc.repo import Repo

    logging.getLogger("dvc_data").setLevel(logging.ERROR)  # else a warning for every file of the other pipelines
    with Repo(str(root)) as repo:
        try:
            repo.experiments.apply(name)
        except CheckoutError as error:
            own = {out.fs_path for stage in repo.index.stages if stage.path_in_repo == DAG for out in stage.outs}
            missing = [path for path in error.target_infos if str(Path(path).resolve()) in own]
            if missing:
                raise ApplyError(
                    f"experiment {name!r} is applied but for what DVC's cache lacks: {', '.join(sorted(missing))}; "
                    "dvc pull --with-deps dvc.yaml, or compute it again: dvc repro"
                ) from error
        except DvcException as error:
            raise ApplyError(f"experiment {name!r}: {error}; dvc exp show lists those on this commit") from error


def main() -> None:
    """Apply the experiment of the command line."""
    parser = argparse.ArgumentParser(prog="python -m flows.apply", description="Take over a DVC experiment.")
    parser.add_argument("name", help="as dvc exp show lists it")
    name = parser.parse_args().name
    with plain_errors():
        apply(Path(), name)
    print(f"Experiment {name} is in the workspace; python -m flows.show prints its table")


if __name__ == "__main__":
    main()
