"""The worlds of the accuracy comparison by name, 20 sources each (sparse: 100); another seed draws another world."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from metal import Task, TaskGraph
from metal.synthetic import World, copying_world, random_world, unipolar_world

M = 20
KIND = TaskGraph.hierarchy(
    Task("kind", ("person", "organization")),
    Task("person", ("doctor", "lawyer"), parent=("kind", "person")),
    Task("organization", ("hospital", "office"), parent=("kind", "organization")),
)
HIERARCHY = "hierarchy"


def independent(
    balance: list[float],
    accuracy: tuple[float, float],
    seed: int,
    m: int = M,
    coverage: tuple[float, float] = (0.2, 0.6),
) -> World:
    """Draw sources that choose among all labels, each with a confusion matrix of its own."""
    tasks = TaskGraph.single("label", [str(label) for label in range(len(balance))])
    return random_world(
        tasks, [["label"]] * m, seed=seed, kind="proj", accuracy=accuracy, coverage=coverage, balance=balance
    )


WORLDS: Mapping[str, Callable[[int], World]] = {
    "independent, balanced": lambda seed: independent([0.5, 0.5], (0.55, 0.8), seed),
    "independent 30/70": lambda seed: independent([0.3, 0.7], (0.55, 0.8), seed),
    "independent, k = 5": lambda seed: independent([0.3, 0.25, 0.2, 0.15, 0.1], (0.35, 0.7), seed),
    # Ten votes a row, as of many sources in practice.
    "independent, sparse": lambda seed: independent([0.5, 0.5], (0.55, 0.8), seed, 100, (0.05, 0.15)),
    "unipolar balanced": lambda seed: unipolar_world([0.5, 0.5], seed=seed, m=M),
    "unipolar 30/70": lambda seed: unipolar_world([0.3, 0.7], seed=seed, m=M),
    "unipolar, k = 5": lambda seed: unipolar_world([0.2] * 5, seed=seed, m=M),
    "6 copied pairs": lambda seed: copying_world([2] * 6, seed=seed, m=M),
    "star of 7": lambda seed: copying_world([7], seed=seed, m=M),
    # The shape of the paper's entity task (its figure 2): a type, and one task below each.
    HIERARCHY: lambda seed: random_world(
        KIND,
        ([["kind"], ["person"], ["organization"]] * M)[:M],
        seed=seed,
        accuracy=(0.6, 0.85),
        coverage=(0.4, 0.8),
    ),
}
INDEPENDENT = tuple(name for name in WORLDS if name.startswith("independent"))
