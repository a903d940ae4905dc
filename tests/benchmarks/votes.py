"""Votes to measure on, made in a process of their own: `python -m tests.benchmarks.votes FOLDER N M K RESULT`.

FOLDER gets codes.npy (n, m) int8, gold.npy (n,), balance.npy (k,) and votes.parquet, one column a source. A row has
ten votes on average, or m / 2 where that is less: many sources mean sparse votes, as in practice.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from metal import TaskGraph
from metal.synthetic import World, random_world
from tests.benchmarks.children import write_result

VOTES_A_ROW = 10
CHUNK = 100_000


def speed_world(m: int, k: int) -> World:
    """Return m independent sources on one task of k labels."""
    tasks = TaskGraph.single("label", [str(label) for label in range(k)])
    coverage = min(0.5, VOTES_A_ROW / m)
    return random_world(tasks, [["label"]] * m, seed=0, accuracy=(0.55, 0.8), coverage=(coverage / 2, coverage * 1.5))


def main() -> None:
    """Write the votes."""
    folder, (n, m, k) = Path(sys.argv[1]), (int(argument) for argument in sys.argv[2:5])
    world = speed_world(m, k)
    codes, gold = np.zeros((n, m), dtype=np.int8), np.zeros(n, dtype=np.int64)
    for start in range(0, n, CHUNK):
        rows = slice(start, min(start + CHUNK, n))
        votes, gold[rows] = world.sample(rows.stop - start, seed=start)
        codes[rows] = votes.codes
    np.save(folder / "codes.npy", codes)
    np.save(folder / "gold.npy", gold)
    np.save(folder / "balance.npy", world.balance)
    names = [space.name for space in world.spaces]
    pq.write_table(pa.table(dict(zip(names, codes.T.copy(), strict=True))), folder / "votes.parquet")
    oracle = [world.posterior(codes[start : start + CHUNK]).argmax(axis=1) for start in range(0, n, CHUNK)]
    write_result(sys.argv[5], {"oracle": float((np.concatenate(oracle) == gold).mean())})


if __name__ == "__main__":
    main()
