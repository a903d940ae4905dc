"""Splits: drawn by seed, or taken from a labels file."""

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metal.corpora import CorpusError
from metal.corpora.splits import draw_splits, read_labels

IDS = [str(number) for number in range(100)]


def test_sizes_and_every_id_in_one_split() -> None:
    splits = draw_splits(IDS, IDS, train=60, dev=15, test=20, seed=0)

    assert Counter(splits.values()) == {"train": 60, "dev": 15, "test": 20, "rest": 5}
    assert sorted(splits) == sorted(IDS)


def test_the_test_split_is_drawn_from_the_ids_that_may_be_tested() -> None:
    unseen = IDS[:40]
    splits = draw_splits(IDS, IDS, train=40, dev=20, test=20, seed=0, test_from=unseen)

    assert Counter(splits.values()) == {"train": 40, "dev": 20, "test": 20, "rest": len(IDS) - 80}
    assert {identifier for identifier in IDS if splits[identifier] == "test"} <= set(unseen)
    # Seen or not does not matter for dev and train: some unseen ones are in each.
    assert {splits[identifier] for identifier in unseen} >= {"train", "dev", "test"}
    with pytest.raises(CorpusError, match=r"only 40 usable examples.*test=41.*test_from=null"):
        draw_splits(IDS, IDS, train=10, dev=10, test=41, seed=0, test_from=unseen)


GROUPS = {identifier: identifier[-1] if len(identifier) > 1 else "units" for identifier in IDS}  # 10 of 9, 1 of 10


@given(st.integers(0, 50))
def test_no_group_is_in_two_splits(seed: int) -> None:
    splits = draw_splits(IDS, IDS, train=40, dev=11, test=20, seed=seed, groups=GROUPS)

    assert Counter(splits.values()) == {"train": 40, "dev": 11, "test": 20, "rest": 29}
    for group in set(GROUPS.values()):
        assert len({splits[identifier] for identifier in IDS if GROUPS[identifier] == group} - {"rest"}) <= 1


def test_large_groups_are_as_likely_in_every_split_as_small_ones() -> None:
    """Half of 100 ids are one group each, the others ten groups of five: about half of each split is of either sort."""
    groups = {identifier: identifier if int(identifier) < 50 else str(100 + int(identifier) % 10) for identifier in IDS}
    large: Counter[str] = Counter()
    for seed in range(200):
        splits = draw_splits(IDS, IDS, train=50, dev=15, test=15, seed=seed, groups=groups)
        large.update(split for identifier, split in splits.items() if int(identifier) >= 50)

    # 15 ids have 7.5 of large groups at a standard deviation below 5 (3 groups), of the mean of 200 below .36.
    assert large["test"] / 200 == pytest.approx(7.5, abs=1.5)
    assert large["dev"] / 200 == pytest.approx(7.5, abs=1.5)


def test_the_ids_that_may_be_tested_can_be_named_by_group() -> None:
    splits = draw_splits(IDS, IDS, train=40, dev=10, test=12, seed=0, groups=GROUPS, test_from={"3", "units"})

    assert {GROUPS[identifier] for identifier in IDS if splits[identifier] == "test"} <= {"3", "units"}


def test_unlabeled_train_rows_need_no_label(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_text("uid,split,label\n1,train,\n2,train,Rain\n3,dev,Rain\n4,test,Sunny\n5,rest,\n")

    file = read_labels(path, ids=set("12345"), labels={"Rain", "Sunny"})

    assert file.splits == {"1": "train", "2": "train", "3": "dev", "4": "test", "5": "rest"}
    assert file.labels == {"2": "Rain", "3": "Rain", "4": "Sunny"}


@given(st.permutations(IDS[:30]), st.integers(0, 5))
def test_the_order_of_the_corpus_does_not_matter(shuffled: list[str], seed: int) -> None:
    expected = draw_splits(IDS[:30], IDS[:30], train=10, dev=5, test=5, seed=seed)

    assert draw_splits(shuffled, set(shuffled), train=10, dev=5, test=5, seed=seed) == expected


def test_the_seed_decides() -> None:
    def draw(seed: int) -> dict[str, str]:
        return draw_splits(IDS, IDS, train=40, dev=20, test=20, seed=seed)

    assert draw(3) == draw(3)
    assert draw(3) != draw(4)


def test_every_id_is_as_likely_in_every_split() -> None:
    # 300 seeds, 20 of 100 ids a time: each id is in test 300 * 0.2 = 60 times, sd sqrt(300 * .2 * .8) = 6.9.
    counts: Counter[str] = Counter()
    for seed in range(300):
        splits = draw_splits(IDS, IDS, train=40, dev=20, test=20, seed=seed)
        counts.update(identifier for identifier, split in splits.items() if split == "test")

    assert min(counts[identifier] for identifier in IDS) > 60 - 5 * 6.9
    assert max(counts[identifier] for identifier in IDS) < 60 + 5 * 6.9


def test_the_size_of_train_moves_no_held_out_example() -> None:
    small = draw_splits(IDS, IDS, train=5, dev=15, test=20, seed=1)
    large = draw_splits(IDS, IDS, train=65, dev=15, test=20, seed=1)

    for split in ("dev", "test"):
        assert {i for i in IDS if small[i] == split} == {i for i in IDS if large[i] == split}


def test_held_out_examples_have_gold_and_the_others_need_none() -> None:
    graded = IDS[:30]

    splits = draw_splits(IDS, graded, train=70, dev=15, test=15, seed=0)

    assert {i for i in IDS if splits[i] in ("dev", "test")} == set(graded)
    assert {i for i in IDS if splits[i] == "train"} == set(IDS[30:])


@pytest.mark.parametrize("sizes", [(61, 20, 20), (10, 20, 11), (10, 31, 1)])
def test_too_few_examples(sizes: tuple[int, int, int]) -> None:
    train, dev, test = sizes

    with pytest.raises(
        CorpusError, match=f"train={train}, dev={dev}, test={test} do not fit 100 usable examples, 30 of"
    ):
        draw_splits(IDS, IDS[:30], train=train, dev=dev, test=test, seed=0)


LABELS = ("Sunny", "Rain")
GOOD = "uid,split,label\n1,train,Rain\n2,dev,Sunny\n3,test,Rain\n4,rest,Sunny\n"


def labels_file(folder: Path, content: str | bytes) -> Path:
    path = folder / "labels.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_reads_splits_and_labels(tmp_path: Path) -> None:
    file = read_labels(labels_file(tmp_path, GOOD), ids=IDS, labels=LABELS)

    assert file.splits == {"1": "train", "2": "dev", "3": "test", "4": "rest"}
    assert file.labels == {"1": "Rain", "2": "Sunny", "3": "Rain", "4": "Sunny"}


def test_other_columns_their_order_and_a_byte_order_mark_do_not_matter(tmp_path: Path) -> None:
    content = "\ufefflabel,note,uid,split\r\nRain,a,1,train\r\nSunny,,2, dev\r\nRain,c,3,test\r\n"

    file = read_labels(labels_file(tmp_path, content), ids=IDS, labels=LABELS)

    assert file.splits == {"1": "train", "2": "dev", "3": "test"}
    assert file.labels == {"1": "Rain", "2": "Sunny", "3": "Rain"}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", r"line 1: no column \['uid', 'split', 'label'\]"),
        (
            "uid,split,task_label\n1,train,Rain\n",
            r"line 1: no column \['label'\]; it has \['uid', 'split', 'task_label'\]",
        ),
        (GOOD + "5,trian,Rain\n", "line 6: unknown split 'trian' of '5'"),
        (GOOD + "5,train,Hail\n", r"line 6: unknown label 'Hail' of '5'; the labels are \['Rain', 'Sunny'\]"),
        (GOOD + "5,dev\n", "line 6: unknown label '' of '5'"),
        (GOOD + "2,test,Sunny\n", "line 6: id '2' stands already in line 3"),
        (GOOD + "1000,train,Rain\n", "line 6: the corpus has no example '1000'"),
        ("uid,split,label\n1,train,Rain\n3,test,Rain\n", "puts no example into dev"),
        ("uid,split,label\n1,train,Rain\n3,dev,Rain\n", "puts no example into test"),
        ("uid,split,label\n", "puts no example into train or dev or test"),
        (GOOD.encode() + b"5,train,\xe9\n", "is not UTF-8"),
    ],
)
def test_a_wrong_labels_file_is_refused(tmp_path: Path, content: str | bytes, message: str) -> None:
    with pytest.raises(CorpusError, match=message):
        read_labels(labels_file(tmp_path, content), ids=IDS, labels=LABELS)


def test_a_missing_labels_file_names_the_key(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"no labels file .*corpus\.labels"):
        read_labels(tmp_path / "nowhere.csv", ids=IDS, labels=LABELS)
