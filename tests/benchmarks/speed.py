"""Time and memory, side by side in one run, one thread each, as ratios to the label model's."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import psutil

from tests.benchmarks.children import ChildFailedError, run_child
from tests.benchmarks.report import Goal, Row, write_report

OURS = "ours"
NOTES = (
    "Processor seconds of one thread (on an idle machine, of the clock), the least of the repeats, each in a fresh "
    "process; memory is a process's peak, imports and votes included. Under x, how many times ours the time (fit and "
    "predict) and the memory are. Ours checks the votes within its fit and estimates the balance; snorkel and the "
    "Gibbs sampler are told it. Parquet: reading the votes once, into Arrow's columns under fit, from there into one "
    "array under predict.",
)


@dataclass(frozen=True)
class Size:
    """Votes of m sources on n rows, k labels, and the systems measured on them."""

    n: int
    m: int
    k: int
    systems: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.n:.0e}".replace("e+0", "e") + f"x{self.m}x{self.k}"

    def only(self, chosen: Sequence[str] | None, absent: Collection[str]) -> Size:
        """Return the size with the label model and the chosen systems (None: all), but those absent."""
        wanted = self.systems if chosen is None else (OURS, OF_FILE, *chosen)
        return replace(self, systems=tuple(name for name in self.systems if name in wanted and name not in absent))


OF_FILE = "ours, of a file"
PEERS = (OURS, "ours, mle", OF_FILE, "parquet", "snorkel", "crowd-kit")
SIZES = (
    Size(1_000, 10, 2, (OURS, "gibbs", "gibbs, batched")),
    Size(10_000, 10, 2, (*PEERS, "gibbs", "gibbs, batched")),
    Size(100_000, 10, 2, (*PEERS, "gibbs, batched")),
    Size(100_000, 50, 5, PEERS),
    Size(1_000_000, 10, 2, PEERS),
    Size(1_000_000, 50, 2, PEERS),
    Size(1_000_000, 200, 5, PEERS),
)
SLOW = {10_000: {"gibbs"}, 100_000: {"gibbs, batched"}}
"""By n, what a quick run leaves out."""
QUICK = tuple(size.only(None, SLOW.get(size.n, ())) for size in SIZES if size.n <= 100_000)


@dataclass(frozen=True)
class Timing:
    """Seconds, MB and accuracy of one system at one size; `failure` says why there are none."""

    fit: float = 0.0
    predict: float = 0.0
    memory: float = 0.0
    accuracy: float = 0.0
    failure: str = ""

    @property
    def total(self) -> float:
        """Seconds to fit and predict."""
        return self.fit + self.predict


Timings = Mapping[tuple[str, str], Timing]


def needed(system: str, size: Size) -> float:
    """Return the bytes that a system is known to need where it is much: snorkel's dense indicators, twice."""
    return 16.0 * size.n * size.m * (size.k + 1) if system == "snorkel" else 0.0


def time_system(system: str, size: Size, folder: Path, repeats: int, timeout: float) -> Timing:
    """Measure one system, the least time of the repeats."""
    free = psutil.virtual_memory().available
    if needed(system, size) > 0.95 * free:
        return Timing(failure=f"needs about {needed(system, size) / 1e9:.0f} GB, {free / 1e9:.0f} GB are free")
    found = []
    for _ in range(repeats):
        try:
            found.append(run_child("tests.benchmarks.timing", [str(folder), system], timeout=timeout))
        except ChildFailedError as error:
            return Timing(failure=str(error))
    best = min(found, key=lambda one: float(one["fit"]) + float(one["predict"]))
    return Timing(**best)


def run_speed(sizes: Sequence[Size], out: Path, *, repeats: int, timeout: float, say: Callable[[str], None]) -> str:
    """Measure every system at every size; write speed.md and speed.csv to `out`, return the markdown."""
    timings: dict[tuple[str, str], Timing] = {}
    oracles: dict[str, float] = {}
    out.mkdir(parents=True, exist_ok=True)
    for size in sizes:
        with tempfile.TemporaryDirectory(dir=out) as folder:
            say(f"{size}: making votes")
            made = run_child("tests.benchmarks.votes", [folder, str(size.n), str(size.m), str(size.k)], timeout=timeout)
            oracles[str(size)] = float(made["oracle"])
            for system in size.systems:
                found = time_system(system, size, Path(folder), repeats, timeout)
                timings[str(size), system] = found
                say(f"{size}: {system}: {found.failure or f'{found.total:.3f} s, {found.memory:.0f} MB'}")
    rows = [row(size, system, timings, oracles[str(size)]) for size in sizes for system in size.systems]
    return write_report(out, "speed", rows, goals(timings), NOTES)


def row(size: Size, system: str, timings: Timings, oracle: float) -> Row:
    """Return the line of one system at one size."""
    found, ours = timings[str(size), system], timings[str(size), OURS]
    blank = dict.fromkeys(("fit s", "predict s", "MB", "time x", "memory x", "accuracy", "oracle"), "")
    if found.failure:
        return {"n x m x k": str(size), "system": system} | blank | {"fit s": found.failure}
    comparable = not ours.failure
    return {
        "n x m x k": str(size),
        "system": system,
        "fit s": f"{found.fit:.3f}",
        "predict s": f"{found.predict:.3f}",
        "MB": f"{found.memory:.0f}",
        "time x": f"{found.total / ours.total:.2f}" if comparable else "",
        "memory x": f"{found.memory / ours.memory:.2f}" if comparable else "",
        "accuracy": f"{found.accuracy:.4f}" if found.accuracy else "",
        "oracle": f"{oracle:.4f}",
    }


def goals(timings: Timings) -> list[Goal]:
    """Return the stated goals with what was found."""
    return [
        absolute(timings, "1e5x10x2", 0.3),
        absolute(timings, "1e5x50x5", 0.3),
        ratio(timings, "1e5x10x2", "snorkel", 10),
        ratio(timings, "1e5x50x5", "snorkel", 10),
        ratio(timings, "1e6x10x2", "snorkel", 10),
        ratio(timings, "1e6x200x5", "snorkel", 20),
        ratio(timings, "1e6x200x5", "snorkel", 30, memory=True),
        ratio(timings, "1e4x10x2", "gibbs", 1_000),
        growing(timings, "gibbs", ("1e3x10x2", "1e4x10x2")),
        growing(timings, "gibbs, batched", ("1e3x10x2", "1e4x10x2", "1e5x10x2")),
        *(reading(timings, size) for size in ("1e5x50x5", "1e6x10x2", "1e6x50x2", "1e6x200x5")),
    ]


def measured(timings: Timings, size: str, *systems: str) -> bool:
    """Say whether all of the systems were measured at a size."""
    return all((size, system) in timings and not timings[size, system].failure for system in systems)


def absolute(timings: Timings, size: str, limit: float) -> Goal:
    """Return the goal of a time in processor seconds."""
    text = f"{size} in all under {limit:g} s"
    if not measured(timings, size, OURS):
        return Goal(text, "-", None)
    total = timings[size, OURS].total
    return Goal(text, f"{total:.3f} s", total < limit)


def ratio(timings: Timings, size: str, peer: str, least: float, *, memory: bool = False) -> Goal:
    """Return the goal of a ratio to a peer, of time or of memory."""
    text = f"{size}: at least {least:g} times {'less memory' if memory else 'faster'} than {peer}"
    if not measured(timings, size, OURS, peer):
        return Goal(text, "-", None)
    ours, theirs = timings[size, OURS], timings[size, peer]
    times = theirs.memory / ours.memory if memory else theirs.total / ours.total
    return Goal(text, f"{times:.1f} times", times >= least)


def growing(timings: Timings, peer: str, sizes: Sequence[str]) -> Goal:
    """Return the goal of a ratio that grows with n."""
    text = f"the ratio to {peer} grows with n ({', '.join(sizes)})"
    if not all(measured(timings, size, OURS, peer) for size in sizes):
        return Goal(text, "-", None)
    times = [timings[size, peer].total / timings[size, OURS].total for size in sizes]
    return Goal(text, ", ".join(f"{one:.0f}" for one in times), times == sorted(times))


def reading(timings: Timings, size: str) -> Goal:
    """Return the goal of a cost per row within three times reading the votes once: for a fit, and labels, of a file."""
    text = f"{size}: a fit of a file, and labelling it, each within 3 times reading it once"
    if not measured(timings, size, OF_FILE, "parquet"):
        return Goal(text, "-", None)
    ours, read = timings[size, OF_FILE], timings[size, "parquet"].total
    met = max(ours.fit, ours.predict) <= 3 * read
    return Goal(text, f"{ours.fit / read:.1f} and {ours.predict / read:.1f} times", met)
