"""Accuracy, side by side, in worlds whose truth is known: the gap to the Bayes oracle."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tests.benchmarks.children import ChildFailedError, run_child
from tests.benchmarks.report import Goal, Row, write_report
from tests.benchmarks.scoring import TOLD
from tests.benchmarks.worlds import HIERARCHY, INDEPENDENT, WORLDS

Scores = Mapping[tuple[str, int], Mapping[str, float | str]]
"""By world and seed, the accuracy of every method; see `tests.benchmarks.scoring`."""
METHODS = (
    "oracle",
    "majority vote",
    "weighted majority",
    "snorkel",
    "snorkel, told balance",
    "crowd-kit",
    "ours, task by task",
    "ours",
    "ours, mle",
    "ours, wls",
    f"ours{TOLD}",
    f"ours, mle{TOLD}",
    f"ours, wls{TOLD}",
)
NOTES = (
    "Means over the seeds, of 20 sources (sparse: 100); each labels the rows it learned from. Ours are told neither "
    "the balance nor, unless said, the dependencies; the oracle is Bayes' rule with the true parameters. In the "
    "hierarchy the peers, and ours where it says so, label task by task, and a vector that is infeasible is wrong.",
)


def run_accuracy(
    names: Sequence[str], n: int, seeds: Sequence[int], out: Path, *, timeout: float, say: Callable[[str], None]
) -> str:
    """Score every method in the named worlds; write accuracy.md and accuracy.csv to `out`, return the markdown."""
    scores: dict[tuple[str, int], Mapping[str, float | str]] = {}
    failures = []
    for name in names:
        for seed in seeds:
            try:
                found = run_child("tests.benchmarks.scoring", [name, str(seed), str(n)], timeout=timeout)
            except ChildFailedError as error:
                failures.append(f"{name}, seed {seed}: {error}")
                say(failures[-1])
                continue
            scores[name, seed] = found
            say(f"{name}, seed {seed}: oracle {found['oracle']:.4f}, ours {found['ours']:.4f}")
    return write_report(out, "accuracy", table(scores), goals(scores), (*NOTES, *shares(scores), *failures))


def table(scores: Scores) -> list[Row]:
    """Return a line a method and a column a world, means over the seeds."""
    worlds = list(dict.fromkeys(world for world, _ in scores))
    rows: list[Row] = []
    for method in METHODS:
        cells = {
            world: cell([found[method] for found in of_world(scores, world) if method in found]) for world in worlds
        }
        if any(cells.values()):
            rows.append({"method": method} | cells)
    return rows


def cell(found: Sequence[float | str]) -> str:
    """Return the mean of accuracies; "refused" where a method says that the votes do not determine its answer."""
    numbers = [one for one in found if not isinstance(one, str)]
    if len(numbers) < len(found):
        return "refused"
    return f"{sum(numbers) / len(numbers):.4f}" if numbers else ""


def of_world(scores: Scores, world: str) -> list[Mapping[str, float | str]]:
    """Return the scores of a world, by seed."""
    return [found for (name, _), found in scores.items() if name == world]


def shares(scores: Scores) -> list[str]:
    """Return a line on the infeasible vectors that task by task labelling makes."""
    found = of_world(scores, HIERARCHY)
    names = [name for name in (found[0] if found else {}) if name.startswith("infeasible: ")]
    means = {name: sum(float(one[name]) for one in found) / len(found) for name in names}
    said = ", ".join(f"{name.removeprefix('infeasible: ')} {mean:.2%}" for name, mean in means.items())
    return [f"Infeasible vectors in the hierarchy: {said}; ours none."] if said else []


def goals(scores: Scores) -> list[Goal]:
    """Return the stated goals with what was found: the worst over the seeds and worlds."""
    gaps = {key: float(found["oracle"]) - float(found["ours"]) for key, found in scores.items()}
    told = {
        key: float(found["oracle"]) - float(found.get(f"ours{TOLD}", found["ours"])) for key, found in scores.items()
    }
    ahead = {key: float(found["ours"]) - float(found["majority vote"]) for key, found in scores.items()}
    warned = {key: rightly_warned(key, str(found["suspected"])) for key, found in scores.items()}
    return [
        worst("independent sources, balance unknown: at most .001 below the oracle", gaps, INDEPENDENT, 0.001),
        worst("dependencies told: within .005 of the oracle in every column", told, WORLDS, 0.005),
        worst("dependencies not told: never below majority vote", {k: -v for k, v in ahead.items()}, WORLDS, 0.0),
        worst("hierarchy: within .0005 of the oracle, every prediction feasible", gaps, (HIERARCHY,), 0.0005),
        Goal(
            "a warning names dependent pairs, and only those",
            f"{sum(warned.values())} of {len(warned)} worlds and seeds",
            all(warned.values()) if warned else None,
        ),
    ]


def worst(
    text: str, gaps: Mapping[tuple[str, int], float], worlds: Sequence[str] | Mapping[str, object], limit: float
) -> Goal:
    """Return the goal that no gap in these worlds exceeds a limit."""
    within = {key: gap for key, gap in gaps.items() if key[0] in worlds}
    if not within:
        return Goal(text, "-", None)
    key = max(within, key=lambda one: within[one])
    return Goal(text, f"at worst {within[key]:+.4f}, {key[0]}, seed {key[1]}", within[key] <= limit)


def rightly_warned(key: tuple[str, int], suspected: str) -> bool:
    """Say whether a warning names pairs of sources that depend on each other, and none else; or none where none do."""
    world = WORLDS[key[0]](key[1])
    group = {space.name: world.copies.get(space.name, (space.name, 0.0))[0] for space in world.spaces}
    named = re.findall(r"(source_\d+)-(source_\d+)", suspected)
    return bool(named) == bool(world.copies) and all(group[a] == group[b] for a, b in named)
