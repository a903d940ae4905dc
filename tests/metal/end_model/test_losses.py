"""The network's probabilities over F and its two noise-aware losses."""

from __future__ import annotations

from itertools import product
from math import log

import numpy as np
import pytest
import torch

from metal.end_model.parameters import LOSSES
from metal.tasks import NOT_APPLICABLE, Task, TaskGraph
from tests.metal.end_model.small_network import PET, heads_say, inputs, network


def test_heads_choose_among_labels_where_the_parent_decides_whether_a_task_applies() -> None:
    assert PET.choices("kind") == ("bird", "fish")
    assert PET.choices("fish") == ("eel", "cod")
    # Without a declared parent nothing else says when N/A holds: it is one of the values.
    loose = TaskGraph([Task("a", ("x", "y")), Task("b", ("u",))], [("x", "u"), ("x", NOT_APPLICABLE), ("y", "u")])
    assert loose.choices("b") == ("u", NOT_APPLICABLE)
    # A parent that does not decide: b applies under x only sometimes.
    partial = TaskGraph(
        [Task("a", ("x", "y")), Task("b", ("u",), parent=("a", "x"))],
        [("x", "u"), ("x", NOT_APPLICABLE), ("y", NOT_APPLICABLE)],
    )
    assert partial.choices("b") == ("u", NOT_APPLICABLE)


def test_targets_are_exactly_zero_where_a_task_does_not_apply() -> None:
    kind, bird, fish = PET.memberships()
    assert PET.feasible[0] == ("bird", "owl", NOT_APPLICABLE)
    assert PET.feasible[3] == ("fish", NOT_APPLICABLE, "eel")
    assert kind.tolist() == [[1, 0]] * 3 + [[0, 1]] * 2
    assert bird.tolist() == [[1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 0], [0, 0, 0]]
    assert fish.tolist() == [[0, 0], [0, 0], [0, 0], [1, 0], [0, 1]]


def test_probabilities_multiply_down_the_tree() -> None:
    model = network(PET)
    heads_say(model, [[0.6, 0.4], [0.5, 0.3, 0.2], [0.9, 0.1]])
    # owl .6 * .5, hen .6 * .3, tit .6 * .2, eel .4 * .9, cod .4 * .1
    expected = [[0.30, 0.18, 0.12, 0.36, 0.04]] * 3
    assert model.log_probabilities(*inputs()).exp().tolist() == [pytest.approx(row, abs=1e-6) for row in expected]


def test_loss_is_the_expected_loss_over_the_tasks_that_apply() -> None:
    model = network(PET)
    heads_say(model, [[0.6, 0.4], [0.5, 0.3, 0.2], [0.9, 0.1]])
    labels = torch.tensor([[0.5, 0.2, 0.0, 0.3, 0.0], [0.0, 1.0, 0.0, 0.0, 0.0], [0.2, 0.2, 0.2, 0.2, 0.2]])
    expected = [
        # kind: P(bird) = .7; the bird task counts .7 in all, split .5 and .2; the fish task .3, all on eel
        -(0.7 * log(0.6) + 0.3 * log(0.4)) - (0.5 * log(0.5) + 0.2 * log(0.3)) - 0.3 * log(0.9),
        # one-hot: two ordinary cross entropies, and nothing from the task that does not apply
        -log(0.6) - log(0.3),
        -(0.6 * log(0.6) + 0.4 * log(0.4)) - 0.2 * log(0.5 * 0.3 * 0.2) - 0.2 * log(0.9 * 0.1),
    ]
    for loss in LOSSES:  # in a hierarchy they are one
        assert model.losses(*inputs(), labels, loss).tolist() == pytest.approx(expected, rel=1e-5)


def test_one_hot_labels_give_each_applying_task_its_ordinary_cross_entropy() -> None:
    model = network(PET)
    gold = torch.tensor([4, 0, 3])  # (fish, cod), (bird, owl), (fish, eel)
    with torch.no_grad():
        found, logits = model.losses(*inputs(), torch.eye(5)[gold], "tasks"), model(*inputs())
    kinds = torch.nn.functional.cross_entropy(logits[0], torch.tensor([1, 0, 1]), reduction="none")
    birds = torch.nn.functional.cross_entropy(logits[1][1:2], torch.tensor([0]))
    fish = torch.nn.functional.cross_entropy(logits[2][[0, 2]], torch.tensor([1, 0]), reduction="none")
    assert found.tolist() == pytest.approx(
        [float(kinds[0] + fish[0]), float(kinds[1] + birds), float(kinds[2] + fish[1])]
    )


@pytest.mark.parametrize("loss", LOSSES)
def test_a_head_learns_nothing_from_texts_to_which_its_task_does_not_apply(loss: str) -> None:
    model = network(PET)
    model.losses(*inputs(), torch.eye(5)[torch.tensor([0, 1, 2])], loss).sum().backward()  # type: ignore[no-untyped-call]
    bird, fish = model.heads[1], model.heads[2]
    assert isinstance(bird, torch.nn.Linear)
    assert isinstance(fish, torch.nn.Linear)
    assert fish.weight.grad is not None
    assert bird.weight.grad is not None
    assert float(fish.weight.grad.abs().max()) <= (0 if loss == "tasks" else 1e-7), "nothing, or its rounding"
    assert float(bird.weight.grad.abs().max()) > 0.01


def test_in_a_hierarchy_the_loss_is_the_cross_entropy_over_the_feasible_vectors() -> None:
    # The sum over tasks of conditional log probabilities is log P(y): eq. 6 then is -sum_y P(y) log q(y).
    model = network(PET, pooling="attention")
    labels = torch.tensor(np.random.default_rng(5).dirichlet(np.ones(5), 3), dtype=torch.float32)
    joint = -(labels * model.log_probabilities(*inputs())).sum(dim=1)
    for loss in LOSSES:
        assert model.losses(*inputs(), labels, loss).tolist() == pytest.approx(joint.tolist(), rel=1e-5)


# Three relations and what they relate; no parent says where `of_person` applies, so that N/A is one of its values.
FACTS = TaskGraph(
    [Task("object", ("place", "person")), Task("of_place", ("home", "birth")), Task("of_person", ("spouse",))],
    [("place", "home", NOT_APPLICABLE), ("place", "birth", NOT_APPLICABLE), ("person", NOT_APPLICABLE, "spouse")],
)
SAID = [[0.6, 0.4], [0.5, 0.2, 0.3], [0.25, 0.75]]
"""What the heads say: place, person; home, birth, N/A; spouse, N/A."""


def test_losses_of_a_small_feasible_set_by_hand() -> None:
    model = network(FACTS)
    heads_say(model, SAID)
    # home .6 * .5 * .75 = .225, birth .6 * .2 * .75 = .09, spouse .4 * .3 * .25 = .03; in all .345
    labels = torch.tensor([[0.5, 0.2, 0.3], [0.0, 0.0, 1.0], [1.0, 0.0, 0.0]])
    joint = [
        -(0.5 * log(0.225 / 0.345) + 0.2 * log(0.09 / 0.345) + 0.3 * log(0.03 / 0.345)),
        -log(0.03 / 0.345),
        -log(0.225 / 0.345),
    ]
    assert model.losses(*inputs(), labels, "joint").tolist() == pytest.approx(joint, rel=1e-5)
    tasks = [
        # object: .7 place, .3 person; of_place: .5, .2, .3; of_person: .3 spouse, .7 N/A
        -(0.7 * log(0.6) + 0.3 * log(0.4))
        - (0.5 * log(0.5) + 0.2 * log(0.2) + 0.3 * log(0.3))
        - (0.3 * log(0.25) + 0.7 * log(0.75)),
        -log(0.03),
        -log(0.225),
    ]
    assert model.losses(*inputs(), labels, "tasks").tolist() == pytest.approx(tasks, rel=1e-5)
    # They differ by the logarithm of what the heads give to F in all: to the same text, by the same for any label.
    assert np.subtract(tasks, joint) == pytest.approx([-log(0.345)] * 3)


@pytest.mark.parametrize("seed", range(5))
def test_the_joint_loss_is_the_cross_entropy_of_the_enumerated_distribution(seed: int) -> None:
    generator = np.random.default_rng(seed)
    every = list(product("xy", "uvw", ("k", "l", NOT_APPLICABLE)))
    vectors = [every[position] for position in generator.permutation(len(every))[: generator.integers(2, len(every))]]
    tasks = TaskGraph([Task("a", ("x", "y")), Task("b", ("u", "v", "w")), Task("c", ("k", "l"))], vectors)
    model = network(tasks).double()
    labels = generator.dirichlet(np.ones(len(vectors)), 3)
    heads = [head.exp().detach().numpy() for head in model(*inputs())]
    values = [tasks.choices(task) for task in tasks.names]
    weights = np.array(
        [
            [np.prod([heads[t][row, values[t].index(label)] for t, label in enumerate(vector)]) for vector in vectors]
            for row in range(3)
        ]
    )
    expected = -(labels * np.log(weights / weights.sum(axis=1, keepdims=True))).sum(axis=1)
    found = model.losses(*inputs(), torch.tensor(labels), "joint")
    assert found.tolist() == pytest.approx(expected.tolist(), rel=1e-12)
    # Least where what is predicted is the label itself: then it is the label's entropy (Gibbs' inequality).
    assert np.all(expected >= -(labels * np.log(labels)).sum(axis=1))


def test_the_gradient_of_the_joint_loss_is_predicted_less_wanted_marginals() -> None:
    # Of any log-linear model: d loss / d score(t, v) = q(Y_t = v | x) - P(Y_t = v).
    model = network(FACTS).double()
    labels = torch.tensor(np.random.default_rng(2).dirichlet(np.ones(3), 3))
    predicted = model.log_probabilities(*inputs()).exp().detach()
    model.losses(*inputs(), labels, "joint").sum().backward()  # type: ignore[no-untyped-call]
    for head, membership in zip(model.heads, FACTS.memberships(), strict=True):
        assert isinstance(head, torch.nn.Linear)
        assert head.bias.grad is not None
        expected = ((predicted - labels) @ torch.tensor(membership)).sum(dim=0)
        assert head.bias.grad.tolist() == pytest.approx(expected.tolist(), abs=1e-12)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("tasks", [PET, FACTS], ids=["hierarchy", "feasible set"])
def test_gradients_are_those_of_finite_differences(tasks: TaskGraph, loss: str) -> None:
    model = network(tasks, layers=(), pooling="mean").double()
    labels = torch.tensor(np.random.default_rng(1).dirichlet(np.ones(len(tasks.feasible)), 3))
    weights = [head.weight for head in model.heads if isinstance(head, torch.nn.Linear)]
    assert torch.autograd.gradcheck(lambda *_: model.losses(*inputs(), labels, loss), weights)


def test_what_a_head_gives_to_all_of_its_labels_and_the_order_of_vectors_have_no_influence() -> None:
    model = network(FACTS).double()
    labels = np.random.default_rng(3).dirichlet(np.ones(3), 3)
    found = model.losses(*inputs(), torch.tensor(labels), "joint").detach()
    order = [2, 0, 1]
    turned = network(TaskGraph(FACTS.tasks, [FACTS.feasible[position] for position in order])).double()
    turned.load_state_dict(model.state_dict())
    assert torch.allclose(turned.losses(*inputs(), torch.tensor(labels[:, order]), "joint"), found, rtol=1e-12)
    with torch.no_grad():
        for head in model.heads:
            assert isinstance(head, torch.nn.Linear)
            head.bias.add_(7.0)
    assert torch.allclose(model.losses(*inputs(), torch.tensor(labels), "joint"), found, rtol=1e-12)


@pytest.mark.parametrize("forbidden", [(), (("x", "v"), ("y", "u"))], ids=["all combinations", "some infeasible"])
def test_probabilities_over_any_feasible_set_match_brute_force(forbidden: tuple[tuple[str, str], ...]) -> None:
    vectors = [vector for vector in product("xy", "uvw") if vector not in forbidden]
    tasks = TaskGraph([Task("a", ("x", "y")), Task("b", ("u", "v", "w"))], vectors)
    model = network(tasks)
    found = model.log_probabilities(*inputs()).exp().detach().numpy()
    first, second = (head.exp().detach().numpy() for head in model(*inputs()))
    expected = np.array(
        [[first[row, "xy".index(a)] * second[row, "uvw".index(b)] for a, b in tasks.feasible] for row in range(3)]
    )
    expected /= expected.sum(axis=1, keepdims=True)
    assert found == pytest.approx(expected, abs=1e-6)
    assert found.sum(axis=1) == pytest.approx(np.ones(3), abs=1e-6)
