"""Time, memory and accuracy of labeling and of the label model beside their peers', with the goals met and not met."""

from __future__ import annotations

import argparse
import importlib.util
import sys
import time
from pathlib import Path

from tests.benchmarks.accuracy import run_accuracy
from tests.benchmarks.labeling import run_labeling
from tests.benchmarks.scale import run_scale
from tests.benchmarks.speed import QUICK, SIZES, run_speed
from tests.benchmarks.worlds import WORLDS

SEEDS = (1, 2, 3)
PEERS = ("snorkel", "crowdkit")


def main() -> None:
    """Run the benchmarks and print their tables."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("what", nargs="?", choices=("speed", "accuracy", "labeling", "scale", "all"), default="all")
    parser.add_argument("--quick", action="store_true", help="a few minutes: 1e5 rows at most, one seed")
    parser.add_argument("--size", action="append", metavar="NxMxK", help=f"only this, e.g. {SIZES[-1]} (repeatable)")
    parser.add_argument("--system", action="append", metavar="NAME", help="only ours and this (repeatable)")
    parser.add_argument("--world", action="append", metavar="NAME", help="only this, of accuracy (repeatable)")
    parser.add_argument("--repeats", type=int, default=3, help="of each measurement of time (default 3)")
    parser.add_argument("--timeout", type=float, default=900, help="seconds for one measurement (default 900)")
    parser.add_argument("--rows", type=int, default=1_000_000, help="of scale, which `all` leaves out (default 1e6)")
    parser.add_argument(
        "--partition", type=int, default=250_000, help="rows of a partition, of scale (default 250,000)"
    )
    parser.add_argument("--workers", type=int, default=0, help="of Dask, for scale; 0: in one process (default)")
    parser.add_argument("--folder", type=Path, help="for the files of scale (default: scale in --out)")
    parser.add_argument("--out", type=Path, default=Path("data/bench"), help="for the tables (default data/bench)")
    arguments = parser.parse_args()
    if arguments.what == "scale":
        folder = arguments.folder or arguments.out / "scale"
        print(run_scale(arguments.rows, arguments.partition, arguments.workers, folder, arguments.out, say))
        return
    missing = [peer for peer in PEERS if importlib.util.find_spec(peer) is None]
    if missing:
        say(f"{', '.join(missing)} not installed, so left out; make bench installs the peers")
    if arguments.what in ("speed", "all"):
        sizes = QUICK if arguments.quick else SIZES
        if arguments.size:
            unknown = sorted(set(arguments.size) - {str(size) for size in SIZES})
            if unknown:
                parser.error(f"unknown size {', '.join(unknown)}; known are {', '.join(str(size) for size in SIZES)}")
            sizes = tuple(size for size in SIZES if str(size) in arguments.size)
        absent = {"crowd-kit" if peer == "crowdkit" else peer for peer in missing}
        sizes = tuple(size.only(arguments.system, absent) for size in sizes)
        repeats = 1 if arguments.quick else arguments.repeats
        print(run_speed(sizes, arguments.out, repeats=repeats, timeout=arguments.timeout, say=say))
    if arguments.what in ("accuracy", "all"):
        n, seeds = (20_000, SEEDS[:1]) if arguments.quick else (100_000, SEEDS)
        worlds = arguments.world or tuple(WORLDS)
        unknown = sorted(set(worlds) - set(WORLDS))
        if unknown:
            parser.error(f"unknown world {', '.join(unknown)}; known are {', '.join(map(repr, WORLDS))}")
        print(run_accuracy(worlds, n, seeds, arguments.out, timeout=arguments.timeout, say=say))
    if arguments.what in ("labeling", "all"):
        if "snorkel" in missing:
            say("labeling is not measured: there is nothing to compare with")
        else:
            n = 50_000 if arguments.quick else 1_000_000
            print(run_labeling(n, arguments.out, timeout=arguments.timeout, say=say))


def say(line: str) -> None:
    """Report progress on standard error."""
    print(f"{time.strftime('%H:%M:%S')} {line}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
