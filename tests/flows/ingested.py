"""What the tests of ingest share: a section of the configuration, and what was written."""

from pathlib import Path

from flows.artifacts import SPLITS, Paths, read_table
from flows.config import LocalCorpus

LOCAL = LocalCorpus(
    name="local",
    path=None,
    sha256=None,
    labels=None,
    on_error="raise",
    train=30,
    dev=12,
    test=12,
    seed=0,
    test_from=None,
)


def ids(paths: Paths) -> dict[str, list[str]]:
    return {split: list(read_table(paths.text(split))["id"]) for split in SPLITS}


def labels_file(folder: Path, lines: list[str]) -> str:
    path = folder / "labels.csv"
    path.write_text("uid,split,label\n" + "".join(f"{line}\n" for line in lines))
    return str(path)
