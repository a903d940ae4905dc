"""Cost and memory of working out of core, by stage: `python -m tests.benchmarks scale --rows 10000000`.

Invented texts are labeled by fifty declared sources, a label model is fitted on the votes and labels them, by
partition, in this process or on Dask. What is interrupted goes on when it is started again, and its costs are added up.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from metal.application import Application, Corpus
from metal.atomic import write_text
from metal.conditions import among, keywords, matches, within
from metal.dask_engine import dask_here
from metal.engine import Engine, Local
from metal.label_model import LabelModel
from metal.label_model.gathering import as_statistics
from metal.labeling import label_partitions
from metal.sources import Source, declare
from metal.tasks import TaskGraph
from metal.votes_file import partitions
from tests.benchmarks.report import Goal, write_report

SOURCES = 50
TASKS = TaskGraph.single("kind", ("ham", "spam"))
WORDS, CUES = 1_000, 30
"""Words of the invented language, and how many of them speak for each label."""
LENGTH = 12
LIMIT = 4.0
"""GiB that all processes together may take."""
NOTES = (
    "Processor time of all processes in microseconds a row; memory is the highest sum of their resident sizes, the "
    "interpreters' and libraries' among it. Under x, how many times reading the votes once from Parquet into arrays.",
)


def word(number: int) -> str:
    """Return a word of the invented language: three syllables."""
    syllables = [consonant + vowel for consonant in "bdfgklmnprst" for vowel in "aeiou"]
    return "".join(syllables[number // 60**place % 60] for place in range(3))


def texts(rows: int, seed: int) -> pa.Table:
    """Return invented texts with the columns id, text, sender and hour, all of which tell something about spam."""
    random = np.random.default_rng(seed)
    spam = random.random(rows) < 0.3
    # A word is a cue of the row's own label, one of the other's, or none.
    kind = random.random((rows, LENGTH))
    cue = random.integers(0, CUES, (rows, LENGTH)) + CUES * np.where(kind < 0.09, spam[:, None], ~spam[:, None])
    words = np.where(kind < 0.12, cue, random.integers(2 * CUES, WORDS, (rows, LENGTH)))
    vocabulary = np.array([word(number) for number in range(WORDS)])
    written = pc.binary_join_element_wise(
        *(pa.DictionaryArray.from_arrays(column, vocabulary).cast(pa.string()) for column in words.astype(np.int32).T),
        " ",
    )
    sender = random.integers(0, 50, rows) + np.where(random.random(rows) < 0.4, 50 * spam, 25)
    hour = np.clip(random.normal(np.where(spam, 3, 14), 5, rows), 0, 23.99)
    return pa.table(
        {
            "id": pa.array([f"{seed}-{row}" for row in range(rows)]),
            "text": written,
            "sender": pa.DictionaryArray.from_arrays(sender.astype(np.int32), [f"s{i}" for i in range(100)]).cast(
                pa.string()
            ),
            "hour": hour,
        }
    )


def sources() -> tuple[Source[Any], ...]:
    """Return fifty declared sources: words, patterns, dictionaries and ranges."""
    found = []
    for i in range(SOURCES):
        label, cue = ("spam", "ham")[i % 2], CUES * (i % 2 == 0)
        first, second = (word(cue + (3 * i + step) % CUES) for step in (0, 1))
        conditions = {
            0: keywords("text", [first, second]),
            1: matches("text", rf"\b{first}\b|\b{second} [a-z]+ [a-z]+$"),
            2: among("sender", [f"s{50 * (label == 'spam') + (7 * i + step) % 50}" for step in range(8)]),
            3: within("hour", 10 * (label == "ham") + i / 8, 10 * (label == "ham") + i / 8 + 1.5),
        }
        found.append(declare(f"source_{i}", tasks="kind", votes={label: conditions[(i // 2) % 4]}))
    return tuple(found)


def read(path: Path, section: object) -> Corpus:
    """Stand for a reader of a corpus: the texts are here already."""
    raise NotImplementedError


APPLICATION: Application[Any] = Application("invented", TASKS, sources(), read, dict, str)


@dataclass
class Cost:
    """What a stage took, over all runs: processor seconds, seconds of the clock, and the peak memory in GiB."""

    processor: float = 0.0
    clock: float = 0.0
    memory: float = 0.0
    done: bool = False


class Meter:
    """Measures this process and those it started, and writes down what it finds as it goes."""

    def __init__(self, file: Path) -> None:
        self._file = file
        kept = json.loads(file.read_text()) if file.exists() else {}
        self.costs = {stage: Cost(**cost) for stage, cost in kept.items()}

    @contextmanager
    def stage(self, name: str) -> Iterator[bool]:
        """Measure the body; gives whether it has yet to be done."""
        cost = self.costs.setdefault(name, Cost())
        if cost.done:
            yield False
            return
        before, started, ended = _usage()[0], time.perf_counter(), threading.Event()
        spent, passed = cost.processor, cost.clock

        def note() -> None:
            processor, memory = _usage()
            cost.processor, cost.clock = spent + processor - before, passed + time.perf_counter() - started
            cost.memory = max(cost.memory, memory)
            write_text(self._file, json.dumps({stage: asdict(cost) for stage, cost in self.costs.items()}))

        def watch() -> None:
            while not ended.wait(0.5):
                note()

        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        try:
            yield True
            cost.done = True
        finally:
            ended.set()
            watcher.join()
            note()


def _usage() -> tuple[float, float]:
    """Return processor seconds and GiB of this process and those below it."""
    processor = memory = 0.0
    for process in (psutil.Process(), *psutil.Process().children(recursive=True)):
        try:
            times = process.cpu_times()
            processor += times.user + times.system
            memory += process.memory_info().rss / 2**30
        except psutil.NoSuchProcess:
            continue
    return processor, memory


def run(folder: Path, rows: int, size: int, engine: Engine, meter: Meter) -> None:
    """Go through all stages; `size` rows a partition."""
    with meter.stage("texts") as wanted:
        for number, start in enumerate(range(0, rows, size) if wanted else ()):
            file = folder / "texts" / f"part-{number:05}.parquet"
            if not file.exists():
                file.parent.mkdir(parents=True, exist_ok=True)
                pq.write_table(texts(min(size, rows - start), seed=number), file.with_suffix(".partial"))
                file.with_suffix(".partial").rename(file)
    with meter.stage("label") as wanted:
        if wanted:
            label_partitions(APPLICATION, folder / "texts", folder / "votes", version="1", engine=engine)
    with meter.stage("read") as wanted:
        for file in partitions(folder / "votes") if wanted else ():
            table = pq.read_table(file, columns=[source.name for source in APPLICATION.sources], use_threads=False)
            codes = np.empty((table.num_rows, table.num_columns), dtype=np.int8)
            for i, column in enumerate(table.columns):
                codes[:, i] = column.to_numpy()
    model = LabelModel(TASKS)
    with meter.stage("statistics") as wanted:
        statistics = as_statistics(folder / "votes", TASKS, engine=engine) if wanted else None
    with meter.stage("fit") as wanted:
        if wanted:
            gathered = as_statistics(folder / "votes", TASKS, engine=engine) if statistics is None else statistics
            model.fit(gathered).save(folder / "model")
            write_text(folder / "distinct.json", json.dumps(len(gathered)))
    with meter.stage("posterior") as wanted:
        if wanted:
            LabelModel.load(folder / "model").predict_to(folder / "votes", folder / "labels", engine=engine)


def run_scale(rows: int, size: int, workers: int, folder: Path, out: Path, say: Callable[[str], None]) -> str:
    """Measure all stages, on so many workers of Dask, 0: in this process; write scale.md and scale.csv to `out`."""
    folder.mkdir(parents=True, exist_ok=True)
    meter = Meter(folder / f"costs-{rows}-{workers}.json")
    if workers:
        with dask_here(workers=workers, memory_limit=f"{LIMIT / (workers + 1):.1f}GiB") as engine:
            run(folder, rows, size, engine, meter)
    else:
        run(folder, rows, size, Local(), meter)
    say(f"{rows} rows done; the files are in {folder}")
    reading = meter.costs["read"].processor
    table = [
        {
            "stage": stage,
            "processor us a row": f"{cost.processor / rows * 1e6:.2f}",
            "x": f"{cost.processor / reading:.1f}",
            "clock s": f"{cost.clock:.0f}",
            "GiB": f"{cost.memory:.2f}",
        }
        for stage, cost in meter.costs.items()
    ]
    highest = max(cost.memory for cost in meter.costs.values())
    disk = sum(file.stat().st_size for file in folder.rglob("*.parquet")) / 2**30
    distinct = json.loads((folder / "distinct.json").read_text())
    where = f"{workers} workers of Dask and the process that leads them" if workers else "one process"
    notes = (
        f"{rows} rows, {SOURCES} sources, {distinct} distinct rows of votes, {size} rows a partition; {where}; "
        f"{disk:.1f} GiB of files.",
        *NOTES,
    )
    goal = Goal(f"at most {LIMIT:g} GiB of memory in all", f"{highest:.2f} GiB", highest <= LIMIT)
    return write_report(out, "scale", table, [goal], notes)
