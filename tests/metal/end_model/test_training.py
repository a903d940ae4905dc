"""Training: the same for a seed, the same after an interruption, and able to learn."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch

from metal.end_model.embeddings import random_vectors
from metal.end_model.network import BiLSTM, MultiTaskNetwork
from metal.end_model.parameters import NetworkShape, TrainingPlan
from metal.end_model.tokens import Tokens
from metal.end_model.training import Checkpoint, Epoch, TrainingError, _restore, predict_proba, train
from metal.tasks import Task, TaskGraph

PET = TaskGraph.hierarchy(
    Task("kind", ("bird", "fish")), Task("bird", ("owl", "hen"), parent=("kind", "bird"))
)  # F: owl, hen, fish
SHAPE = NetworkShape(
    encoder="lstm", hidden=8, layers=(8,), pooling="max", dropout=0.2, input_dropout=0.1, train_embeddings=True
)
PLAN = TrainingPlan(steps=40, batch_size=16, learning_rate=0.02, weight_decay=0.01, warmup=0.2, clip=1.0)
VECTORS = random_vectors([str(word) for word in range(30)], 6, seed=0)


def lstm() -> BiLSTM:
    return BiLSTM(VECTORS, SHAPE)


def texts(n: int = 96, seed: int = 0) -> tuple[Tokens, npt.NDArray[np.int64]]:
    """Texts of noise words 4..29 in which one word, 1, 2 or 3, tells the class 0, 1 or 2."""
    generator = np.random.default_rng(seed)
    gold = generator.integers(0, 3, n)
    rows = []
    for label in gold:
        row = generator.integers(4, 30, generator.integers(1, 12))
        rows.append(np.insert(row, generator.integers(0, len(row) + 1), label + 1).astype(np.int32))
    return Tokens.from_rows(rows), gold


def fit(**changes: Any) -> tuple[dict[str, torch.Tensor], tuple[Epoch, ...]]:
    tokens, gold = texts()
    settings: dict[str, Any] = {"encoder": lstm, "tasks": PET, "shape": SHAPE, "plan": PLAN, "seed": 0} | changes
    network, history = train(tokens, 0.9 * np.eye(3)[gold] + 0.1 / 3, **settings)
    return network.state_dict(), history


def equal(first: dict[str, torch.Tensor], second: dict[str, torch.Tensor]) -> bool:
    return first.keys() == second.keys() and all(torch.equal(first[name], second[name]) for name in first)


def test_the_same_seed_gives_the_same_weights_and_another_seed_others() -> None:
    first, history = fit()
    torch.manual_seed(99)  # the global state has no influence
    second, again = fit()
    assert equal(first, second)
    assert [epoch.loss for epoch in history] == [epoch.loss for epoch in again]
    assert not equal(first, fit(seed=1)[0])


def test_training_leaves_the_global_random_state_as_it_was() -> None:
    before = torch.get_rng_state()
    fit()
    assert torch.equal(before, torch.get_rng_state())


@pytest.mark.parametrize("stopped_after", [1, 4, 7])
def test_a_resumed_training_equals_an_uninterrupted_one(stopped_after: int) -> None:
    kept: list[Checkpoint] = []

    def stop(checkpoint: Checkpoint) -> None:
        copies = {name: tensor.clone() for name, tensor in checkpoint.tensors.items()}
        kept.append(Checkpoint(checkpoint.history, copies))
        if len(kept) == stopped_after:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fit(on_epoch=stop)
    whole, history = fit()
    resumed, continued = fit(resume=kept[-1])
    assert equal(whole, resumed)
    assert [epoch.loss for epoch in history] == [epoch.loss for epoch in continued]
    assert len(history) == 7  # 96 texts are 6 batches of 16; 40 steps are 6.67 epochs, rounded up


def test_a_finished_checkpoint_trains_no_more() -> None:
    kept: list[Checkpoint] = []
    whole, _ = fit(on_epoch=kept.append)
    again, _ = fit(resume=kept[-1], on_epoch=lambda checkpoint: pytest.fail("an epoch too many"))
    assert equal(whole, again)


def test_it_learns_which_word_tells_the_class() -> None:
    tokens, gold = texts(300)
    labels = np.eye(3)[gold]
    plan = TrainingPlan(steps=300, batch_size=16, learning_rate=0.02, weight_decay=0.0, warmup=0.1, clip=1.0)
    network, history = train(tokens, labels, encoder=lstm, tasks=PET, shape=SHAPE, plan=plan, seed=0)
    unseen, truth = texts(300, seed=1)
    probabilities = predict_proba(network, unseen)
    # Majority class: 1/3 right; the telling word is always there, so nearly all can be.
    assert np.mean(probabilities.argmax(axis=1) == truth) > 0.95
    assert probabilities.sum(axis=1) == pytest.approx(np.ones(300), abs=1e-12)
    assert history[-1].loss < 0.2 * history[0].loss


def test_without_information_the_prediction_is_the_labels_mean() -> None:
    # Every text is the same token: the noise-aware loss is least at the mean of the soft labels.
    tokens = Tokens.from_rows([[5]] * 60)
    labels = np.tile([[0.7, 0.1, 0.2], [0.1, 0.3, 0.6]], (30, 1))  # mean .4, .2, .4
    plan = TrainingPlan(steps=400, batch_size=60, learning_rate=0.02, weight_decay=0.0, warmup=0.0, clip=10.0)
    shape = NetworkShape("lstm", 4, (), pooling="mean", dropout=0.0, input_dropout=0.0, train_embeddings=False)
    network, _ = train(
        tokens, labels, encoder=lambda: BiLSTM(VECTORS, shape), tasks=PET, shape=shape, plan=plan, seed=0
    )
    assert predict_proba(network, tokens)[0] == pytest.approx([0.4, 0.2, 0.4], abs=0.01)


@pytest.mark.parametrize(
    ("loss", "predicted"),
    [
        # What the labels say, where a factor of its own tells every vector from the others.
        ("joint", [0.4, 0.2, 0.2, 0.2]),
        # Heads learn a: .4, .6 and of_v: .2, .2, .2, .4; over F .4 * .4 beside .6 * .2: .16, .12, .12, .12 of .52.
        ("tasks", [0.16 / 0.52, 0.12 / 0.52, 0.12 / 0.52, 0.12 / 0.52]),
    ],
)
def test_over_a_feasible_set_only_the_joint_loss_predicts_the_labels_mean(loss: str, predicted: list[float]) -> None:
    tasks = TaskGraph(
        [Task("a", ("u", "v")), Task("of_v", ("k", "l", "m"))],
        [("u", "N/A"), ("v", "k"), ("v", "l"), ("v", "m")],
    )
    tokens = Tokens.from_rows([[5]] * 60)
    labels = np.tile([[0.6, 0.1, 0.1, 0.2], [0.2, 0.3, 0.3, 0.2]], (30, 1))  # mean .4, .2, .2, .2
    plan = TrainingPlan(
        steps=400, batch_size=60, learning_rate=0.02, weight_decay=0.0, warmup=0.0, clip=10.0, loss=loss
    )
    shape = NetworkShape("lstm", 4, (), pooling="mean", dropout=0.0, input_dropout=0.0, train_embeddings=False)
    network, _ = train(
        tokens, labels, encoder=lambda: BiLSTM(VECTORS, shape), tasks=tasks, shape=shape, plan=plan, seed=0
    )
    assert predict_proba(network, tokens)[0] == pytest.approx(predicted, abs=0.01)


def test_predictions_do_not_depend_on_the_batch() -> None:
    tokens, gold = texts(50)
    network, _ = train(tokens, np.eye(3)[gold], encoder=lstm, tasks=PET, shape=SHAPE, plan=PLAN, seed=0)
    assert predict_proba(network, tokens, batch_size=7) == pytest.approx(predict_proba(network, tokens), abs=1e-6)


def test_the_learning_rate_rises_linearly_and_falls_as_a_half_cosine() -> None:
    plan = TrainingPlan(steps=100, batch_size=1, learning_rate=1.0, weight_decay=0.0, warmup=0.2, clip=1.0)
    assert plan.rate(0, 100) == pytest.approx(1 / 21)  # of 20 rising steps, the 21st has the peak
    assert plan.rate(20, 100) == pytest.approx(1.0)
    assert plan.rate(60, 100) == pytest.approx(0.5)  # half-way down
    assert plan.rate(99, 100) == pytest.approx(0.5 * (1 + math.cos(math.pi * 79 / 80)))


def test_small_and_large_training_sets_get_the_same_number_of_steps_up_to_an_epoch() -> None:
    plan = TrainingPlan(steps=820, batch_size=32, learning_rate=1.0, weight_decay=0.0, warmup=0.1, clip=1.0)
    assert (plan.epochs(2630), plan.steps_per_epoch(2630)) == (10, 83)
    assert (plan.epochs(376), plan.steps_per_epoch(376)) == (69, 12)  # 828 steps


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (np.full((96, 2), 0.5), r"labels of shape \(96, 3\), not \(96, 2\)"),
        (np.vstack([np.eye(3)[[0] * 95], [[0.5, 0.5, 0.5]]]), "row 95 sums to 1.5"),
        (np.vstack([np.eye(3)[[0] * 94], [[0.6, 0.6, -0.2], [0.0, 1.0, 0.0]]]), "row 94 holds -0.2"),
    ],
)
def test_labels_that_do_not_fit_are_refused(labels: npt.NDArray[np.float64], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        train(texts()[0], labels, encoder=lstm, tasks=PET, shape=SHAPE, plan=PLAN, seed=0)


def test_a_loss_that_is_not_finite_is_an_error_with_the_remedy() -> None:
    vectors = VECTORS.copy()
    vectors[1] = np.nan
    with pytest.raises(TrainingError, match=r"loss of epoch 1 is nan; lower end_model.learning_rate"):
        fit(encoder=lambda: BiLSTM(vectors, SHAPE))


def test_a_checkpoint_of_another_network_is_refused() -> None:
    kept: list[Checkpoint] = []
    fit(on_epoch=kept.append)
    wider = NetworkShape("lstm", 9, (8,), pooling="max", dropout=0.2, input_dropout=0.1, train_embeddings=True)
    with pytest.raises(TrainingError, match="checkpoint does not fit"):
        fit(resume=kept[0], shape=wider, encoder=lambda: BiLSTM(VECTORS, wider))


@pytest.mark.parametrize("name", ["exp_avg", "exp_avg_sq"])
def test_a_checkpoint_whose_moments_have_another_shape_is_refused(name: str) -> None:
    kept: list[Checkpoint] = []
    fit(on_epoch=kept.append)
    bias = f"optimizer.heads.0.bias.{name}"  # two labels; a single number would be broadcast without a word
    with pytest.raises(TrainingError, match=rf"{bias} has shape \(1,\), not \(2,\)\. Delete it to train afresh"):
        fit(resume=Checkpoint(kept[0].history, kept[0].tensors | {bias: torch.zeros(1)}))


def test_a_checkpoint_read_on_the_cpu_goes_to_the_device_of_the_network() -> None:
    """The device "meta" has no memory: it stands for any other than the CPU."""
    kept: list[Checkpoint] = []
    fit(on_epoch=kept.append)
    network = MultiTaskNetwork(lstm(), PET, SHAPE).to("meta")
    optimizer = torch.optim.AdamW(network.parameters())

    with pytest.warns(UserWarning, match="meta parameter"):  # nothing can be copied into no memory
        _restore(network, optimizer, kept[0].tensors)

    assert len(optimizer.state) == len(list(network.parameters()))
    for parameter, state in optimizer.state.items():
        assert {state[name].device for name in ("step", "exp_avg", "exp_avg_sq")} == {parameter.device}


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_a_training_on_cuda_resumes_from_tensors_on_the_cpu() -> None:
    kept: list[Checkpoint] = []

    def keep(checkpoint: Checkpoint) -> None:
        copies = {name: tensor.cpu().clone() for name, tensor in checkpoint.tensors.items()}
        kept.append(Checkpoint(checkpoint.history, copies))

    whole, _ = fit(device="cuda", on_epoch=keep)
    resumed, history = fit(device="cuda", resume=kept[2])
    assert len(history) == 7
    for name, tensor in whole.items():
        assert resumed[name].tolist() == pytest.approx(tensor.tolist(), abs=1e-3), name


# --- one step -----------------------------------------------------------------------------------------------------


def first_step(**changes: Any) -> tuple[dict[str, torch.Tensor], dict[str, torch.Tensor]]:
    """Return the weights before training, and the checkpoint's tensors after one step on all 96 texts."""
    settings = {"steps": 10, "batch_size": 96, "learning_rate": 0.01, "weight_decay": 0.0, "warmup": 0.0, "clip": 1e6}
    kept: list[Checkpoint] = []

    def stop(checkpoint: Checkpoint) -> None:
        kept.append(checkpoint)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fit(plan=TrainingPlan(**(settings | changes)), on_epoch=stop)
    torch.manual_seed(0)
    return MultiTaskNetwork(lstm(), PET, SHAPE).state_dict(), kept[0].tensors


def largest_change(before: dict[str, torch.Tensor], tensors: dict[str, torch.Tensor]) -> float:
    return max(float((tensors[f"network.{name}"] - value).abs().max()) for name, value in before.items())


def test_warm_up_bounds_the_first_update() -> None:
    # The first update of Adam is the learning rate times the gradient's sign, whatever the gradient's size.
    assert largest_change(*first_step()) == pytest.approx(0.01, rel=1e-3)
    # Ten steps, the first half of which rise to the peak: 1/6, 2/6, ..., 5/6, 1.
    assert largest_change(*first_step(warmup=0.5)) == pytest.approx(0.01 / 6, rel=1e-3)


def test_weight_decay_shrinks_what_has_no_gradient() -> None:
    # Words 1 to 3 tell the classes and 4 to 29 are noise, but no text holds a padding, word 0: its gradient is 0.
    for decay in (0.0, 0.2):
        before, after = first_step(weight_decay=decay)
        expected = before["encoder.embedding.weight"][0] * (1 - 0.01 * decay)
        assert after["network.encoder.embedding.weight"][0].tolist() == pytest.approx(expected.tolist(), rel=1e-6)


def test_the_gradient_is_clipped_to_a_norm() -> None:
    # The first moment after one step is (1 - beta1) = .1 of the gradient.
    def norm(clip: float) -> float:
        _, tensors = first_step(clip=clip)
        moments = [tensor for name, tensor in tensors.items() if name.endswith("exp_avg")]
        return 10 * float(torch.cat([moment.flatten() for moment in moments]).norm())

    free = norm(1e6)
    assert free > 0.02
    assert norm(0.01) == pytest.approx(0.01, rel=1e-3)
    assert norm(2 * free) == pytest.approx(free, rel=1e-5), "a small gradient stays as it is"
