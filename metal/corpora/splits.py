"""Who is in which split: drawn with a seed, or taken from a file that also brings gold labels."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from metal.corpora import CorpusError

TRAIN, DEV, TEST, REST = SPLITS = ("train", "dev", "test", "rest")

COLUMNS = ("uid", "split", "label")


def draw_splits(
    ids: Iterable[str],
    graded: Collection[str],
    *,
    train: int,
    dev: int,
    test: int,
    seed: int,
    test_from: Collection[str] | None = None,
    groups: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Draw `test` and `dev` ids among those with gold, then `train` among the others; what remains is "rest".

    test_from : draw test ids among these ids and groups alone; None: among all
    groups : the group of ids that must not be in two splits, such as those of one document; where a split is full,
        the others of its last group are "rest"

    The draw depends on the ids and the seed alone: not on the order of the corpus, and on gold only in whether
    there is any. The number of training examples does not move development and test examples.

    Raises CorpusError where there are too few.
    """
    order = np.random.default_rng(seed).permutation(np.array(sorted(set(ids)), dtype=object)).tolist()
    group = dict(zip(order, order, strict=True)) | dict(groups or {})
    # A group stands where one of its members is drawn, a fixed one: where the first is drawn, large groups come first.
    place = {identifier: position for position, identifier in enumerate(order)}
    standing: dict[str, int] = {}
    for identifier in sorted(order):
        standing.setdefault(group[identifier], place[identifier])
    order.sort(key=lambda identifier: standing[group[identifier]])
    graded_ids = frozenset(graded)
    known = [identifier for identifier in order if identifier in graded_ids]
    testable = graded_ids if test_from is None else frozenset(test_from)
    allowed = [identifier for identifier in known if identifier in testable or group[identifier] in testable]
    if len(allowed) < test:
        raise CorpusError(
            f"only {len(allowed)} usable examples with gold labels are among those to draw test={test} from; ask for "
            "a smaller test split" + ("" if test_from is None else ", or set test_from=null in the corpus section")
        )
    tested = {group[identifier] for identifier in allowed[:test]}
    # From the other end of the order, where `test_from` has taken nothing: dev stays a fair sample of the corpus.
    rest = [identifier for identifier in reversed(known) if group[identifier] not in tested]
    held_out = [*allowed[:test], *rest[:dev]]
    reserved = {group[identifier] for identifier in held_out}
    free = [identifier for identifier in order if group[identifier] not in reserved]
    if len(held_out) < test + dev or len(free) < train:
        raise CorpusError(
            f"splits of train={train}, dev={dev}, test={test} do not fit {len(order)} usable examples, "
            f"{len(known)} of them with gold labels; ask for smaller splits in the corpus section"
        )
    splits = dict.fromkeys(order, REST)
    splits.update(dict.fromkeys(held_out[:test], TEST))
    splits.update(dict.fromkeys(held_out[test:], DEV))
    splits.update(dict.fromkeys(free[:train], TRAIN))
    return splits


@dataclass(frozen=True)
class LabelsFile:
    """Splits and labels by id, as a file gives them."""

    splits: dict[str, str]
    labels: dict[str, str]


def read_labels(path: Path, *, ids: Collection[str], labels: Collection[str]) -> LabelsFile:
    """Read a CSV with the columns `uid,split,label` (others are passed over); train and rest may leave label empty.

    ids : the examples of the corpus
    labels : the label names that may occur

    Raises CorpusError with the line and the remedy for missing columns, an unknown split, label or id, a doubled
    id, and for a file in which train, dev or test is empty.
    """
    result = LabelsFile({}, {})
    lines: dict[str, int] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file)
            missing = [column for column in COLUMNS if column not in (rows.fieldnames or ())]
            if missing:
                raise CorpusError(
                    f"{path}, line 1: no column {missing}; it has {list(rows.fieldnames or ())}. "
                    f"The first line must name the columns {','.join(COLUMNS)}"
                )
            for row in rows:
                uid, split, label = ((row[column] or "").strip() for column in COLUMNS)
                where = f"{path}, line {rows.line_num}"
                if split not in SPLITS:
                    raise CorpusError(f"{where}: unknown split {split!r} of {uid!r}; the splits are {list(SPLITS)}")
                if label not in labels and (label or split in (DEV, TEST)):
                    raise CorpusError(f"{where}: unknown label {label!r} of {uid!r}; the labels are {sorted(labels)}")
                if uid in lines:
                    raise CorpusError(f"{where}: id {uid!r} stands already in line {lines[uid]}; remove one of the two")
                if uid not in ids:
                    raise CorpusError(f"{where}: the corpus has no example {uid!r}; remove the line or mend the id")
                lines[uid] = rows.line_num
                result.splits[uid] = split
                if label:
                    result.labels[uid] = label
    except UnicodeDecodeError as error:
        raise CorpusError(f"{path} is not UTF-8: {error.reason} at byte {error.start}; save it as UTF-8") from error
    except FileNotFoundError:
        raise CorpusError(f"there is no labels file {path}; mend corpus.labels, or leave it out") from None
    except csv.Error as error:
        raise CorpusError(f"{path} is no CSV: {error}") from error
    empty = [split for split in (TRAIN, DEV, TEST) if split not in result.splits.values()]
    if empty:
        raise CorpusError(
            f"{path} puts no example into {' or '.join(empty)}; the job needs train, dev and test. "
            "Add such lines, or leave corpus.labels out to draw the splits"
        )
    return result


def split_files(path: Path) -> dict[str, Path]:
    """Return the files to read, by split: {"rest": path} for a file; a folder has a file for each split that it gives.

    In a folder the files are named for their split, as in train.txt and test.txt; one for train there must be.
    Raises CorpusError naming the folder, and what else is in it.
    """
    if not path.is_dir():
        return {REST: path}
    files: dict[str, Path] = {}
    for file in sorted(file for file in path.iterdir() if not file.name.startswith(".")):
        if file.stem not in (TRAIN, DEV, TEST) or file.stem in files:
            raise CorpusError(
                f"{path} holds {file.name!r}; a folder of splits should hold one file each for train and, where they "
                "are not to be drawn from it, dev and test, such as train.txt and test.txt"
            )
        files[file.stem] = file
    if TRAIN not in files:
        raise CorpusError(f"{path} holds no file for train, only {sorted(file.name for file in files.values())}")
    return files


def split_folders(path: Path) -> dict[str, Path]:
    """Return the folders to read, by split, where a folder has one named train, and dev and test at will.

    Any other path is {"rest": path}.
    """
    folders = {split: path / split for split in (TRAIN, DEV, TEST) if (path / split).is_dir()}
    return folders if TRAIN in folders else {REST: path}


def given_splits(
    members: Mapping[str, Collection[str]],
    graded: Collection[str],
    groups: Mapping[str, str],
    *,
    dev: int,
    test: int,
    seed: int,
) -> dict[str, str]:
    """Return the splits of ids that came from a file for each split, `members`; where dev or test is none of these, it
    is drawn from train.

    Ids of train whose group is in a given dev or test split become "rest". Raises CorpusError as `draw_splits` does,
    and where an id of a given dev or test split has no gold.
    """
    splits = {identifier: split for split, ids in members.items() if split != TRAIN for identifier in ids}
    for identifier, split in splits.items():
        if identifier not in graded:
            raise CorpusError(f"{identifier} of the {split} file has no gold label; {split} examples need one")
    taken = {groups[identifier] for identifier in splits}
    free = [identifier for identifier in members[TRAIN] if groups[identifier] not in taken]
    splits.update(dict.fromkeys(members[TRAIN], REST))
    sizes = {DEV: 0 if DEV in members else dev, TEST: 0 if TEST in members else test}
    drawn = draw_splits(free, graded, train=0, dev=sizes[DEV], test=sizes[TEST], seed=seed, groups=groups)
    held = {groups[identifier] for identifier, split in drawn.items() if split != REST}
    for identifier, split in drawn.items():
        splits[identifier] = TRAIN if split == REST and groups[identifier] not in held else split
    return splits
