"""All of the paper's section 5: `python -m flows.paper_run [overrides]`, which is what `make paper` runs.

Composes params.yaml with every application and the given overrides, which name the corpora that are at hand, says what
it will run and about how long that takes, and brings the pipelines of dvc.yaml and flows/paper up to date.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from pathlib import Path

from flows.artifacts import write_text
from flows.cli import plain_errors
from flows.comparison import SYNTHETIC
from flows.compose import compose, params_text
from flows.config import PARAMS, Config, typed_config
from flows.live import live
from flows.repro import reproduce, show_and_publish
from flows.run_lock import exclusive
from flows.workers import worker_count
from metal.applications import application_names

PIPELINE = "flows/paper/dvc.yaml"
PAGE = Path("data/results/paper/paper.html")
SECONDS_A_STEP = 0.018
"""Of an optimizer step on one of two busy cores, .016 (reports) to .020 (entities): measured, good for "about" only."""


def at_hand(overrides: Sequence[str]) -> tuple[set[str], list[str]]:
    """Return all applications, and overrides that take those whose corpus is at hand, unless they are listed.

    At hand is what a path names, what can be fetched, and what is invented.
    """
    known = application_names()
    if any(override.startswith("applications=") for override in overrides):
        return set(), list(overrides)
    every = typed_config(compose([f"applications=[{','.join(known)}]", *overrides]), where="the overrides")
    found = [name for name in known if every.corpora[name].path or every.corpora[name].name in ("openi", SYNTHETIC)]
    return set(known), [f"applications=[{','.join(found)}]", *overrides]


def plan(config: Config, workers: int) -> str:
    """Return what will run, and about how long its trainings take where none is finished yet."""
    lines = []
    for name in config.applications:
        corpus = config.corpora[name].name
        kind = "invented text: synthetic results" if corpus == SYNTHETIC else "real"
        lines.append(f"  {name:10s} on corpus {corpus} ({kind})")
    each = len(config.supervisions) * config.trials + len(config.paper.studies) * config.paper.trials
    trainings = each * len(config.applications)
    steps = each * sum(params.steps for params in config.end_models.values())
    minutes = steps * SECONDS_A_STEP / workers / 60
    lines.append(
        f"  {trainings} trainings of {steps // trainings} steps on average, {workers} side by side: "
        f"about {minutes:.0f} minutes, less what is finished already"
    )
    return "\n".join(lines)


def main() -> None:
    """Compose, say what will run, and run it."""
    parser = argparse.ArgumentParser(prog="python -m flows.paper_run", description="Run the paper's experiments.")
    parser.add_argument(
        "overrides", nargs="*", help="e.g. corpus@entity=fewnerd entity.path=FILE 'applications=[entity]'"
    )
    parser.add_argument("--plan", action="store_true", help="say what would run, and change nothing")
    arguments = parser.parse_args()
    root, started = Path(), time.time()
    with plain_errors():
        applications, overrides = at_hand(arguments.overrides)
        config = typed_config(compose(overrides), where="the overrides")
        print(f"The paper's experiments:\n{plan(config, worker_count())}", flush=True)
        for name in applications - set(config.applications):
            print(f"  {name:10s} not: no corpus; name one: corpus@{name}=... {name}.path=FILE")
        if arguments.plan:
            return
        write_text(PARAMS, params_text(overrides))
        with exclusive(root) as lock:
            with live(root):
                reproduce(root, lock)
                reproduce(root, lock, PIPELINE)
            show_and_publish(root, started)
        print(f"Paper    {PAGE}")


if __name__ == "__main__":
    main()
