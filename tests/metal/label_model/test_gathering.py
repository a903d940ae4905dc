"""A fit is the same in whatever form and in how many parts the votes come, and never holds what it need not."""

import tracemalloc
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from metal.label_matrix import LabelMatrix
from metal.label_model import LabelModel, NotConvergedWarning
from metal.label_model.gathering import as_sample
from metal.statistics import Statistics
from metal.synthetic import random_world
from metal.tasks import TaskGraph
from metal.votes_file import VotesFileError, write_votes

SPAM = TaskGraph.single("spam", ("no", "yes"))
WORLD = random_world(SPAM, [["spam"]] * 6, seed=3)
VOTES, GOLD = WORLD.sample(2_000, 0)
FITTED = LabelModel(SPAM).fit(VOTES)


def same(model: LabelModel) -> bool:
    """Whether a model is FITTED to the last bit."""
    return bool(
        model.balance_.tobytes() == FITTED.balance_.tobytes()
        and model.accuracies_ == FITTED.accuracies_
        and model.report_ == FITTED.report_
        and (model.predict_proba(VOTES) == FITTED.predict_proba(VOTES)).all()
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for part in range(4):
        write_votes(tmp_path / f"part_{part}.parquet", VOTES.rows(slice(500 * part, 500 * (part + 1))))
    return tmp_path


def test_files_folders_lists_and_iterators_are_fitted_alike(folder: Path) -> None:
    files = sorted(folder.iterdir())
    write_votes(folder / "whole" / "all.parquet", VOTES)

    for votes in (
        folder,
        files,
        str(folder / "whole" / "all.parquet"),
        iter([VOTES.rows(slice(0, 7)), VOTES.rows(slice(7, None))]),
    ):
        assert same(LabelModel(SPAM).fit(votes))


def test_batches_may_be_made_in_one_array_again_and_again() -> None:
    room = np.empty((250, 6), dtype=np.int8)

    def refilled() -> Iterator[LabelMatrix]:
        for start in range(0, len(VOTES), len(room)):
            room[:] = VOTES.codes[start : start + len(room)]
            yield LabelMatrix(room, VOTES.spaces, SPAM)

    assert same(LabelModel(SPAM).fit(refilled()))


def test_files_are_labelled_batch_by_batch_and_scored(folder: Path) -> None:
    parts = list(FITTED.predict_batches(folder))

    assert [len(part) for part in parts] == [500] * 4
    np.testing.assert_array_equal(np.concatenate(parts), FITTED.predict_proba(VOTES))
    np.testing.assert_array_equal(FITTED.predict_proba(folder), FITTED.predict_proba(VOTES))
    assert FITTED.score(folder, GOLD) == FITTED.score(VOTES, GOLD)
    with pytest.raises(TypeError, match="statistics hold no rows"):
        FITTED.predict_proba(Statistics.of(VOTES))


def test_a_partition_of_other_votes_is_named(folder: Path) -> None:
    write_votes(folder / "z.parquet", LabelMatrix.from_array(np.ones((3, 2), dtype=np.int8), SPAM))

    with pytest.raises(VotesFileError, match=r"z.parquet: the votes' columns are not those of the fit"):
        LabelModel(SPAM).fit(folder)
    with pytest.raises(
        VotesFileError, match=r"z.parquet: .* fitted on \['source_0', .*\], given \['source_0', 'source_1'\]"
    ):
        FITTED.predict_proba(folder / "z.parquet")
    with pytest.raises(VotesFileError, match=r"part_0.parquet: the votes are over"):
        LabelModel(TaskGraph.single("spam", ("yes", "no"))).fit(folder)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(1, 1_999), max_size=6))
def test_partial_fits_are_one_fit(cuts: list[int]) -> None:
    bounds = [0, *sorted(cuts), 2_000]
    model = LabelModel(SPAM)
    for start, stop in pairwise(bounds):
        if stop > start:
            model.partial_fit(VOTES.rows(slice(start, stop)))

    assert same(model)


def test_partial_fit_goes_on_from_a_fit_and_fit_begins_anew(tmp_path: Path) -> None:
    model = LabelModel(SPAM).fit(VOTES.rows(slice(0, 900))).partial_fit(VOTES.rows(slice(900, None)))

    assert same(model)
    assert model.fit(VOTES.rows(slice(0, 900))).report_.n == 900
    model.save(tmp_path / "model")
    with pytest.raises(ValueError, match="a loaded model does not hold the statistics"):
        LabelModel.load(tmp_path / "model").partial_fit(VOTES)
    with pytest.raises(ValueError, match="columns are not those of the fit"):
        model.partial_fit(LabelMatrix.from_array(np.ones((3, 2), dtype=np.int8), SPAM))
    with pytest.raises(ValueError, match="partial_fit adds up all rows"):
        LabelModel(SPAM, max_distinct_rows=10).partial_fit(VOTES)


def test_a_limit_that_is_not_reached_changes_nothing() -> None:
    distinct = FITTED.report_.distinct_rows

    assert same(LabelModel(SPAM, max_distinct_rows=distinct).fit(VOTES))
    assert "max_distinct_rows" in LabelModel(SPAM, max_distinct_rows=distinct - 1).fit(VOTES).report_.messages[0]
    with pytest.raises(ValueError, match="max_distinct_rows must be at least 1"):
        LabelModel(SPAM, max_distinct_rows=0)


def test_a_sample_keeps_each_row_with_the_same_chance_whenever_it_comes() -> None:
    """One constant row in 8 batches of 4,000, each with 1,000 rows of their own: 8,000 distinct, 512 allowed.

    Level 5 (one in 32) leaves 8,001 / 32 = 250 of them, level 4 twice that: between 3 and 6 halvings. The constant
    row's share is 3/4 before and after; of n kept rows its standard error is sqrt(3/16 / n), below .014 for n = 1,000.
    """
    random = np.random.default_rng(0)
    parts = []
    for _ in range(8):
        own = random.integers(0, 3, size=(1_000, 30))
        parts.append(LabelMatrix.from_array(np.concatenate([np.ones((3_000, 30), dtype=int), own]), SPAM))

    statistics, (said,) = as_sample(iter(parts), SPAM, 512, 0)
    again, _ = as_sample(iter(parts), SPAM, 512, 0)
    other, _ = as_sample(iter(parts), SPAM, 512, 1)

    assert len(statistics) <= 512
    assert statistics == again
    assert statistics != other
    assert f"{statistics.n:g} of 32000 rows, one in " in said
    level = int(said.split("one in ")[1].split(":")[0])
    assert 8 <= level <= 64
    # Binomial(32000, 1 / level): five standard errors.
    assert abs(statistics.n - 32_000 / level) < 5 * np.sqrt(32_000 / level)
    assert statistics.counts.max() / statistics.n == pytest.approx(0.75, abs=5 * np.sqrt(3 / 16 / statistics.n))


def test_a_population_of_shares_is_not_sampled() -> None:
    with pytest.raises(ValueError, match="a population of exact shares cannot be sampled"):
        LabelModel(SPAM, max_distinct_rows=10).fit(WORLD.population())


def test_many_partitions_are_added_up_like_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """300 partitions of nothing but distinct rows: each is merged some log2(300) = 8.2 times, not 150 times."""
    random = np.random.default_rng(1)
    codes = random.integers(0, 3, size=(3_000, 40))
    parts = [Statistics.of(LabelMatrix.from_array(codes[at : at + 10], SPAM)) for at in range(0, 3_000, 10)]
    merged: list[int] = []
    add = Statistics.__add__

    def counting(one: Statistics, other: Statistics) -> Statistics:
        merged.append(len(one) + len(other))
        return add(one, other)

    monkeypatch.setattr(Statistics, "__add__", counting)
    total = Statistics.total(iter(parts))

    assert total == Statistics.of(LabelMatrix.from_array(codes, SPAM))
    assert sum(merged) <= 10 * 3_000
    with pytest.raises(ValueError, match="no partition"):
        Statistics.total([])


def test_sparse_votes_are_fitted_and_labelled_like_dense_ones() -> None:
    rare = np.where(np.random.default_rng(2).random(VOTES.shape) < 0.3, VOTES.codes, 0)
    thin, full = (LabelMatrix.from_array(codes, SPAM) for codes in (sparse.csr_array(rare), rare))

    one, other = LabelModel(SPAM).fit(thin), LabelModel(SPAM).fit(full)

    assert one.report_ == other.report_
    assert one.accuracies_ == other.accuracies_
    np.testing.assert_allclose(one.predict_proba(thin), other.predict_proba(full), rtol=1e-12)
    joint = LabelModel(SPAM, [("source_0", "source_1"), ("source_1", "source_2")], estimator="mle")
    np.testing.assert_allclose(joint.fit(thin).predict_proba(thin), joint.fit(full).predict_proba(full), rtol=1e-12)


def test_sparse_votes_are_never_made_dense() -> None:
    """100,000 rows of 2,100 sources, four votes each: 210 MB dense at a byte a code, 4 MB as votes."""
    random = np.random.default_rng(0)
    n, m, each = 100_000, 2_100, 4
    gold = random.integers(1, 3, size=n)
    column = (random.integers(0, m // each, size=(n, each)) + np.arange(each) * (m // each)).reshape(-1)
    cast = np.where(random.random(n * each) < 0.8, np.repeat(gold, each), 3 - np.repeat(gold, each)).astype(np.int8)
    codes = sparse.csr_array((cast, column.astype(np.int32), np.arange(0, n * each + 1, each)), (n, m))

    tracemalloc.start()
    votes = LabelMatrix.from_array(codes, SPAM)
    with pytest.warns(NotConvergedWarning):
        model = LabelModel(SPAM, max_iterations=2).fit(votes)
    probability = model.predict_proba(votes)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 60e6
    # Four votes right with probability .8, ties (.154) broken evenly: .819 + .154 / 2 = .896.
    assert (probability.argmax(axis=1) + 1 == gold).mean() == pytest.approx(0.896, abs=0.01)
    assert any("no pair of sources was checked" in message for message in model.report_.messages)
