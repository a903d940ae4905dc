"""One measurement of one system: `python -m tests.benchmarks.timing FOLDER SYSTEM RESULT` (FOLDER of `votes`).

SYSTEM is one of `SYSTEMS`, "ours, of a file", or "parquet": reading the votes once, into Arrow and into one array of
codes.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from tests.benchmarks.children import peak_memory, write_result
from tests.benchmarks.systems import SYSTEMS, Labels, OursOfFile, System


def read_parquet(folder: Path) -> dict[str, float]:
    """Time the reading of votes.parquet: "fit" into Arrow's columns, "predict" from there into codes (n, m)."""
    started = time.process_time()
    table = pq.read_table(folder / "votes.parquet", use_threads=False)
    read = time.process_time()
    codes = np.empty((table.num_rows, table.num_columns), dtype=np.int8)
    for i, column in enumerate(table.columns):
        codes[:, i] = column.to_numpy()
    return {"fit": read - started, "predict": time.process_time() - read}


def measure(folder: Path, name: str) -> dict[str, float]:
    """Time fit and predict, in processor seconds of one thread, which mind no other process.

    The accuracy tells whether it was time well spent.
    """
    gold, balance = (np.load(folder / f"{part}.npy") for part in ("gold", "balance"))
    if name == "ours, of a file":
        return timed(OursOfFile(folder / "votes.parquet", len(balance)), gold)
    return timed(SYSTEMS[name](np.load(folder / "codes.npy"), len(balance), balance), gold)


def timed(system: System, gold: Labels) -> dict[str, float]:
    """Run a system; see `measure`."""
    started = time.process_time()
    system.fit()
    fitted = time.process_time()
    labels = system.predict()
    ended = time.process_time()
    return {"fit": fitted - started, "predict": ended - fitted, "accuracy": float((labels == gold).mean())}


def main() -> None:
    """Measure what the arguments name."""
    folder, name, result = sys.argv[1:4]
    found = read_parquet(Path(folder)) if name == "parquet" else measure(Path(folder), name)
    write_result(result, found | {"memory": peak_memory()})


if __name__ == "__main__":
    main()
