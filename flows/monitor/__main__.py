"""Watch new data: `python -m flows.monitor --application report --input new.parquet`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from flows.artifacts import DATA
from flows.cli import plain_errors
from flows.config import PARAMS
from flows.monitor.check import FALSE_ALARMS
from flows.monitor.flow import DriftError, monitor
from flows.monitor.inputs import METHOD
from metal.drift import REFITS

DRIFTED = 3
"""The exit code where --fail-on-drift was given and the verdict is not "ok"; 1 is an error, 2 wrong usage."""


def main() -> None:
    """Compare new examples with training, and say what came of it."""
    parser = argparse.ArgumentParser(
        prog="python -m flows.monitor",
        description="Compare new examples with an application's training snapshot: votes, estimated accuracies, "
        "confidences. The verdict is ok, drift or broken.",
    )
    parser.add_argument("--application", required=True, help=f"one that {PARAMS} has a corpus section for")
    parser.add_argument("--input", type=Path, required=True, help="Parquet table of new examples")
    parser.add_argument("--confidences", type=Path, help="what flows.score made of it with an end model")
    parser.add_argument("--supervision", default=METHOD, help="what it was trained on (default: %(default)s)")
    parser.add_argument("--trial", type=int, help="and its seed, the tag `seed` of a registered version")
    parser.add_argument("--out", type=Path, help=f"folder for the results (default: {DATA}/monitor/APPLICATION)")
    parser.add_argument(
        "--false-alarms",
        type=float,
        default=FALSE_ALARMS,
        help="how often unchanged data may get another verdict than ok (default: %(default)s)",
    )
    parser.add_argument("--refits", type=int, default=REFITS, help="fits for standard errors (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of the rows drawn for them (default: %(default)s)")
    parser.add_argument("--fail-on-drift", action="store_true", help=f"exit with {DRIFTED} unless the verdict is ok")
    chosen = parser.parse_args()
    out = DATA / "monitor" / chosen.application if chosen.out is None else chosen.out
    with plain_errors():
        try:
            verdict = monitor(
                chosen.application,
                chosen.input,
                confidences=chosen.confidences,
                supervision=chosen.supervision,
                trial=chosen.trial,
                out=out,
                false_alarms=chosen.false_alarms,
                refits=chosen.refits,
                seed=chosen.seed,
                fail_on_drift=chosen.fail_on_drift,
            )
        except DriftError as error:
            print(error, file=sys.stderr)
            raise SystemExit(DRIFTED) from error
    print(f"{chosen.application}: {verdict}\nReport   {out / 'index.html'}")


if __name__ == "__main__":
    main()
