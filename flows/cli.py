"""What command lines share: the steps' arguments and configuration, and errors as one line and exit code 1."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from flows.config import PANELS, PARAMS, Config, load_config
from flows.processes import process_count

EXPECTED = (ValueError, OSError, RuntimeError)
"""Kinds of errors whose message is meant for the person running a step. Others are bugs and keep their traceback."""

INTERRUPTED = "interrupted; what is finished is kept, and the same command goes on from there"

ERROR_FILE = "METAL_ERROR_FILE"
"""Set by whoever runs steps for someone (flows.repro, flows.pipeline): the file that takes the message of a failure."""


def run(
    step: Callable[[argparse.Namespace, Config], None],
    *,
    application: bool = True,
    method: bool = False,
    supervision: bool = False,
    panel: bool = False,
    study: bool = False,
    processes: bool = False,
    description: str,
) -> None:
    """Parse a step's arguments, load params.yaml and call the step.

    `application`, `method`, `supervision`, `panel` and `study` say which arguments the step takes; each is checked
    against the configuration. `processes`: whether several processes may run it together. Expected errors are printed
    as `error: ...` and exit with code 1; `--traceback` shows all.
    """
    parser = argparse.ArgumentParser(description=description)
    if application:
        parser.add_argument("--application", required=True, help="one of `applications` in params.yaml")
    if method:
        parser.add_argument("--method", required=True, help="one of `methods` in params.yaml")
    if supervision:
        parser.add_argument("--supervision", required=True, help="one of `supervisions` in params.yaml")
    if panel:
        parser.add_argument("--panel", required=True, choices=PANELS, help="one of metal.experiments")
    if study:
        parser.add_argument("--study", required=True, help="one of `paper.studies` in params.yaml")
    parser.add_argument("--traceback", action="store_true", help="show where an error comes from")
    arguments = parser.parse_args()
    try:
        if ERROR_FILE in os.environ or process_count() > 1:
            end_with_parent()
        if not processes and process_count() > 1:
            parser.error(
                f"this step runs in one process, and {process_count()} were started together: no torchrun here"
            )
        config = load_config(PARAMS)
        listed = {"application": "applications", "method": "methods", "supervision": "supervisions"}
        for name, key in {**listed, "study": "paper.studies"}.items():
            known = config.paper.studies if name == "study" else getattr(config, key)
            chosen = getattr(arguments, name, None)
            if chosen is not None and chosen not in known:
                parser.error(f"--{name} {chosen!r} is not in {key}={list(known)} of {PARAMS}")
        step(arguments, config)
    except EXPECTED as error:
        if arguments.traceback:
            raise
        report(f"error: {error}")
        raise SystemExit(1) from error
    except KeyboardInterrupt:
        raise SystemExit(130) from None  # whoever pressed Ctrl-C knows


@contextmanager
def plain_errors(about: str = "") -> Iterator[None]:
    """End a command on an expected error with `error: ...` and code 1, on Ctrl-C with code 130, without a traceback.

    about : what the message begins with, where the error itself does not say, e.g. "MLflow: "
    """
    try:
        yield
    except EXPECTED as error:
        print(f"error: {about}{error}", file=sys.stderr)
        raise SystemExit(1) from error
    except KeyboardInterrupt:
        print(INTERRUPTED, file=sys.stderr)
        raise SystemExit(130) from None


def end_with_parent(parent: int | None = None) -> None:
    """End this process once its parent is gone: what a killed run started must not write beside the next run.

    parent : its process ID, where it is known; else that of whoever is the parent now
    """
    parent = parent or os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()


def report(message: str) -> None:
    """Print an error, and leave it in METAL_ERROR_FILE where a caller asks for it to repeat it last."""
    print(message, file=sys.stderr)
    if ERROR_FILE in os.environ:
        with Path(os.environ[ERROR_FILE]).open("a", encoding="utf-8") as file:
            file.write(message + "\n")
