"""Tasks that nothing ties together: one model of them is the models of each, whatever the estimator."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from metal import LabelMatrix, LabelModel, LabelSpace, Task, TaskGraph
from metal.dependencies import DependencyGraph
from metal.label_model.blocks import blocks_of
from metal.statistics import Statistics

SPAM, TONE = Task("spam", ("no", "yes")), Task("tone", ("kind", "plain", "rude"))
BOTH = TaskGraph.independent(SPAM, TONE)
BALANCES = {"spam": np.array([0.6, 0.4]), "tone": np.array([0.5, 0.3, 0.2])}
ESTIMATORS = ("map", "mle", "wls", "algorithm1")


def votes(tasks: TaskGraph = BOTH, n: int = 3000, each: int = 6, seed: int = 0) -> LabelMatrix:
    """Sources of the tasks in turn, right with probability .6 to .85 where they vote, wrong evenly else."""
    random = np.random.default_rng(seed)
    columns, spaces = [], []
    truth = {task: random.choice(len(p), size=n, p=p) for task, p in BALANCES.items()}
    for i in range(each):
        for task in tasks.tasks:
            k = len(task.labels)
            right = random.random(n) < 0.6 + 0.05 * i
            vote = np.where(right, truth[task.name], (truth[task.name] + random.integers(1, k, n)) % k)
            columns.append((vote + 1) * (random.random(n) < 0.7))
            spaces.append(LabelSpace(f"{task.name}_{i}", (task.name,), tuple((label,) for label in task.labels)))
    return LabelMatrix(np.stack(columns, axis=1), spaces, tasks)


def alone(matrix: LabelMatrix, task: Task) -> LabelMatrix:
    """The votes on one task, as those of a model of this task alone."""
    columns = [i for i, space in enumerate(matrix.spaces) if space.tasks == (task.name,)]
    spaces = [matrix.spaces[i] for i in columns]
    return LabelMatrix(matrix.codes[:, columns], spaces, TaskGraph.single(task.name, task.labels))


def blocks(matrix: LabelMatrix, edges: list[tuple[str, str]] | None = None, balance: Any = None) -> list[Any]:
    found = blocks_of(Statistics.of(matrix), DependencyGraph(matrix.names, edges or []), balance)
    return [block.statistics.tasks.names for block in found]


@pytest.mark.parametrize("given", [True, False])
@pytest.mark.parametrize("estimator", ESTIMATORS)
@pytest.mark.parametrize("n", [3000, 150])
def test_independent_tasks_are_the_models_of_each(estimator: str, given: bool, n: int) -> None:
    matrix = votes(n=n)
    edges = [("tone_1", "tone_2")]
    balance = np.multiply.outer(BALANCES["spam"], BALANCES["tone"]).reshape(-1) if given else None
    model = LabelModel(BOTH, edges, estimator=estimator, class_balance=balance).fit(matrix)
    probabilities = model.predict_proba(matrix)

    product = np.ones_like(probabilities)
    for task in BOTH.tasks:
        own = alone(matrix, task)
        prior = BALANCES[task.name] if given else None
        single = LabelModel(own.tasks, edges if task is TONE else [], estimator=estimator, class_balance=prior)
        single.fit(own)
        expected = single.predict_proba(own)
        assert BOTH.marginal(probabilities, task.name) == pytest.approx(expected, abs=1e-10)
        assert {name: model.accuracies_[name] for name in own.names} == pytest.approx(single.accuracies_, abs=1e-10)
        assert BOTH.marginal(model.balance_[None], task.name)[0] == pytest.approx(single.balance_, abs=1e-10)
        product *= expected[:, BOTH.task_codes(task.name)]
    assert probabilities == pytest.approx(product, abs=1e-10)


def test_what_ties_tasks_together() -> None:
    matrix = votes(n=50)
    assert blocks(matrix) == [("spam",), ("tone",)]
    assert blocks(matrix, [("spam_0", "spam_1")]) == [("spam",), ("tone",)]
    assert blocks(matrix, [("spam_0", "tone_3")]) == [("spam", "tone")]

    over_both = LabelSpace("pair", ("spam", "tone"), (("yes", "rude"), ("no", "kind")))
    wider = LabelMatrix(np.column_stack([matrix.codes, np.ones(50, dtype=int)]), [*matrix.spaces, over_both], BOTH)
    assert blocks(wider) == [("spam", "tone")]

    less = TaskGraph(BOTH.tasks, BOTH.feasible[:-1])
    assert blocks(LabelMatrix(matrix.codes, matrix.spaces, less)) == [("spam", "tone")]


def test_a_balance_that_is_no_product_ties_all_tasks() -> None:
    product = np.multiply.outer(BALANCES["spam"], BALANCES["tone"]).reshape(-1)
    tied = product + 0.01 * np.array([1, -1, 0, -1, 1, 0])

    assert blocks(votes(n=50), balance=product) == [("spam",), ("tone",)]
    assert blocks(votes(n=50), balance=tied) == [("spam", "tone")]


def test_a_parity_ties_its_three_tasks_though_every_two_are_free() -> None:
    names = ("a", "b", "c", "d")
    tasks = [Task(name, ("0", "1")) for name in names]
    feasible = [v for v in TaskGraph.independent(*tasks).feasible if sum(map(int, (v[0], v[1], v[3]))) % 2 == 0]
    spaces = [LabelSpace(f"on_{name}", (name,), (("0",), ("1",))) for name in names]

    assert blocks(LabelMatrix(np.ones((3, 4), dtype=int), spaces, TaskGraph(tasks, feasible))) == [
        ("a", "b", "d"),
        ("c",),
    ]


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_a_task_without_votes_keeps_its_balance_and_leaves_the_others_alone(estimator: str) -> None:
    matrix = votes()
    codes = matrix.codes.copy()
    codes[:, 1::2] = 0
    own = alone(matrix, SPAM)
    single = LabelModel(own.tasks, estimator=estimator).fit(own).predict_proba(own)

    for columns in (slice(None), slice(0, None, 2)):  # sources of "tone" that never vote, and none at all
        silent = LabelMatrix(codes[:, columns], matrix.spaces[columns], BOTH)
        model = LabelModel(BOTH, estimator=estimator).fit(silent)
        found = model.predict_proba(silent)
        assert BOTH.marginal(found, "spam") == pytest.approx(single, abs=1e-10)
        assert BOTH.marginal(found, "tone") == pytest.approx(1 / 3)
        assert any("'tone'" in message and "no source votes" in message for message in model.report_.messages)


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_the_check_asks_each_task_by_itself(estimator: str) -> None:
    matrix = votes(n=500)
    columns = [0, 1, 2, 3, 5]  # two sources of "spam", three of "tone"
    few = LabelMatrix(matrix.codes[:, columns], [matrix.spaces[i] for i in columns], BOTH)

    assert LabelModel(BOTH, estimator=estimator).check(matrix).identifiable
    report = LabelModel(BOTH, estimator=estimator).check(few)
    assert not report.identifiable
    assert report.undetermined == ("spam_0", "spam_1")
    assert report.counts["sources"] == 5
    # The two sources of "spam" are the finding, and it says of which task.
    assert report.findings
    assert all(said.startswith("task 'spam': ") for said in (*report.findings, *report.remedies))


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_the_check_notes_a_task_on_which_no_source_votes(estimator: str) -> None:
    matrix = votes(n=500)
    codes = matrix.codes.copy()
    codes[:, 1::2] = 0
    model = LabelModel(BOTH, estimator=estimator)

    for columns in (slice(None), slice(0, None, 2)):  # sources of "tone" that never vote, and none at all
        report = model.check(LabelMatrix(codes[:, columns], matrix.spaces[columns], BOTH))
        assert report.identifiable
        untold = [note for note in report.notes if "no vote tells" in note]
        assert len(untold) == 1
        assert untold[0].startswith("task 'tone': no vote tells ['kind', 'plain', 'rude'] apart")
    with pytest.raises(ValueError, match="no source votes on any row"):
        model.check(LabelMatrix(np.zeros_like(codes), matrix.spaces, BOTH))


def test_messages_name_their_task() -> None:
    matrix = votes()
    few = LabelMatrix(matrix.codes[:, [0, 1, 2, 3, 5]], [matrix.spaces[i] for i in (0, 1, 2, 3, 5)], BOTH)

    said = [m for m in LabelModel(BOTH).fit(few).report_.messages if "only 2 source(s) vote" in m]
    assert len(said) == 1
    assert said[0].startswith("task 'spam': ")


@pytest.mark.parametrize("estimator", ["map", "mle", "wls"])
def test_a_saved_model_labels_as_before(estimator: str, tmp_path: Path) -> None:
    matrix = votes(n=300)
    model = LabelModel(BOTH, estimator=estimator).fit(matrix)
    model.save(tmp_path / "model")
    loaded = LabelModel.load(tmp_path / "model")

    np.testing.assert_array_equal(loaded.predict_proba(matrix), model.predict_proba(matrix))


@pytest.mark.parametrize(("estimator", "shrinkage"), [("mle", None), ("wls", None), ("map", 0.9)])
def test_standard_errors_are_those_of_the_tasks_alone(estimator: str, shrinkage: float | None) -> None:
    matrix = votes(n=1_000)
    errors = LabelModel(BOTH, estimator=estimator, shrinkage=shrinkage).fit(matrix).standard_errors_
    for task in BOTH.tasks:
        own = alone(matrix, task)
        expected = LabelModel(own.tasks, estimator=estimator, shrinkage=shrinkage).fit(own).standard_errors_
        assert {name: errors[name] for name in own.names} == pytest.approx(expected, rel=1e-6)


def test_the_information_is_taken_block_by_block(monkeypatch: pytest.MonkeyPatch) -> None:
    """6 x 2 x 2 + 1 = 25 parameters of "spam" and 6 x 3 x 3 + 2 = 56 of "tone" are below the limit, each by itself."""
    monkeypatch.setattr("metal.label_model.uncertainty.LIMIT", 56)
    matrix = votes()
    model = LabelModel(BOTH, estimator="mle").fit(matrix)

    found = model.uncertainty(matrix)
    assert [len(part.information) for part in found.parts] == [25, 56]
    # P(vote | y) has the variance of its own task's, whatever the others' labels in y are.
    assert found.table_variances().shape == (6 * 2 + 6 * 3, 6)
    np.testing.assert_array_equal(found.table_variances()[:12, 0], found.table_variances()[:12, 2])
    assert found.standard_errors(3_000) == pytest.approx(model.standard_errors_)
    assert list(model.standard_errors_) == list(matrix.names)
    monkeypatch.setattr("metal.label_model.uncertainty.LIMIT", 55)
    with pytest.raises(ValueError, match="56 free parameters in 6 sources; their information is taken up to 55"):
        model.uncertainty(matrix)


def test_one_task_may_shrink_and_the_other_not() -> None:
    """Then there is no information of the whole, and each task has the errors of its own kind."""
    matrix = votes(n=4_000)
    columns = [*range(0, 12, 2), 1, 3, 5]  # six sources of "spam", three of "tone"
    few = LabelMatrix(matrix.codes[:, columns], [matrix.spaces[i] for i in columns], BOTH)
    model = LabelModel(BOTH).fit(few)
    own = alone(few, SPAM)
    trusted = LabelModel(own.tasks).fit(own)
    trusted.uncertainty(own)  # of maximum likelihood: six groups bear the model out

    with pytest.raises(ValueError, match="loaded, shrunk or of moments"):  # three do not
        model.uncertainty(few)
    assert {name: model.standard_errors_[name] for name in own.names} == pytest.approx(trusted.standard_errors_)
    assert 0 < model.standard_errors_["tone_0"] < 0.05


def test_partial_fit_is_one_fit() -> None:
    matrix = votes(n=400)
    parts = LabelModel(BOTH).partial_fit(matrix.rows(slice(0, 150))).partial_fit(matrix.rows(slice(150, None)))

    np.testing.assert_array_equal(parts.predict_proba(matrix), LabelModel(BOTH).fit(matrix).predict_proba(matrix))


def test_where_all_hangs_together_nothing_is_taken_apart() -> None:
    matrix = LabelMatrix.from_array(votes(n=50).codes[:, ::2], BOTH)  # sources over both tasks
    statistics = Statistics.of(matrix)
    graph = DependencyGraph(matrix.names)
    (whole,) = blocks_of(statistics, graph, None)

    assert whole.statistics is statistics
    assert whole.graph is graph
    arrays, _ = LabelModel(BOTH).fit(matrix).state()
    assert not [name for name in arrays if name.startswith("separate")]


def test_a_task_without_votes_leaves_the_others_their_standard_errors() -> None:
    tasks = TaskGraph.independent(Task("spam", ("no", "yes")), Task("tone", ("calm", "angry")))
    generator = np.random.default_rng(0)
    truth = generator.integers(1, 3, 5_000)
    right = generator.random((5_000, 6)) < 0.8
    codes = np.column_stack([np.where(right, truth[:, None], 3 - truth[:, None]), np.zeros((5_000, 2), dtype=int)])
    spaces = [LabelSpace(f"spam_{i}", ("spam",), (("no",), ("yes",))) for i in range(6)]
    spaces += [LabelSpace(f"tone_{i}", ("tone",), (("calm",), ("angry",))) for i in range(2)]

    model = LabelModel(tasks).fit(LabelMatrix(codes, spaces, tasks))

    # About sqrt(.8 * .2 / 5000) = .0057, a little more for not seeing the truth.
    assert 0.0057 < model.standard_errors_["spam_0"] < 0.012
    assert model.standard_errors_["tone_0"] == model.standard_errors_["tone_1"] == np.inf
