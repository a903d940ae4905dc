"""MAP-EM against fixed points worked out by hand, on populations small enough for that."""

import math
import warnings

import numpy as np
import pytest
from scipy import optimize

from metal import LabelMatrix, LabelModel, LabelSpace, TaskGraph
from metal.label_model import SuspectedDependencyWarning
from metal.label_model.estimators import CAUTION, VOTE_CORRELATION
from metal.synthetic import copying_world
from tests.metal.label_model.test_estimators import KIND, SPAM

EVEN = [0.5, 0.5]


def unanimous(n: int, m: int, silent: int = 0) -> LabelMatrix:
    """Every source votes "yes", but on `silent` rows more, as a vote that is cast on every row counts for nothing."""
    return LabelMatrix.from_array(np.array([[2] * m] * n + [[0] * m] * silent), SPAM)


def unipolar(votes: int, silent: int) -> LabelMatrix:
    """One source that can only say "yes"."""
    space = LabelSpace.checked("s", ["spam"], [("yes",)], SPAM)
    return LabelMatrix(np.array([[1]] * votes + [[0]] * silent), [space], SPAM)


def together(*precisions: float) -> float:
    """P(yes) after independent votes for it, from even odds."""
    odds = math.prod(rho / (1 - rho) for rho in precisions)
    return odds / (1 + odds)


@pytest.mark.parametrize("strength", [0.0, 5.0, 50.0])
def test_two_agreeing_sources(strength: float) -> None:
    """With rho the common precision a row's posterior is q = rho^2 / (rho^2 + (1 - rho)^2), and the fixed point solves

    rho = .5 (10 q + kappa .7) / (10 + kappa) + .35. What the votes say of a source is the mean before the pull.
    """
    model = LabelModel(
        SPAM, class_balance=EVEN, shrinkage=0.5, prior_strength=strength, vote_correlation=0, tolerance=1e-12
    ).fit(unanimous(10, 2, silent=1))

    def mean(rho: float) -> float:
        return (10 * together(rho, rho) + strength * 0.7) / (10 + strength)

    root = optimize.brentq(lambda rho: 0.5 * mean(rho) + 0.35 - rho, 0.700001, 0.999)
    assert model.label_precisions()["source_0"][1] == pytest.approx(mean(root), abs=1e-9)
    assert model.predict_proba(unanimous(1, 2))[0, 1] == pytest.approx(together(root, root), abs=1e-9)


def test_the_default_is_a_pull_of_nine_tenths_and_a_prior_of_five_votes() -> None:
    """The same, s = .9 and kappa = 5: two sources are too few for the model to be trusted."""
    given = LabelModel(SPAM, class_balance=EVEN, tolerance=1e-12).fit(unanimous(10, 2, silent=1))

    rho = optimize.brentq(lambda rho: 0.1 * (10 * together(rho, rho) + 3.5) / 15 + 0.63 - rho, 0.700001, 0.999)
    assert (CAUTION, VOTE_CORRELATION) == (0.9, 0.1)
    # Two votes correlated by .1 tell as much as 2 / 1.1.
    odds = (rho / (1 - rho)) ** (2 / 1.1)
    assert given.predict_proba(unanimous(1, 2))[0, 1] == pytest.approx(odds / (1 + odds), abs=1e-9)


def test_a_lone_source_stays_at_its_prior() -> None:
    """A row's posterior for the voted label is rho itself, so rho_hat = rho and the fixed point is .7."""
    codes = np.array([[1]] * 40 + [[2]] * 60)
    model = LabelModel(SPAM, class_balance=EVEN, shrinkage=0.3).fit(LabelMatrix.from_array(codes, SPAM))

    assert model.label_precisions()["source_0"] == pytest.approx((0.7, 0.7))


def test_full_shrinkage_believes_every_source_alike() -> None:
    """s = 1: a vote for one half of F multiplies the odds of that half by .7 / .3, whatever the data."""
    space = [LabelSpace.checked(f"s{i}", ["kind"], [("person",), ("organization",)], KIND) for i in range(3)]
    votes = LabelMatrix(np.array([[1, 0, 0], [1, 1, 2], [2, 2, 2], [0, 1, 1]]), space, KIND)
    model = LabelModel(KIND, shrinkage=1.0, class_balance=[0.25] * 4, vote_correlation=0).fit(votes)

    np.testing.assert_allclose(model.predict_proba(votes)[:2], [[0.35, 0.35, 0.15, 0.15]] * 2, atol=1e-9)


def test_a_balance_that_is_not_given_is_learned_by_half() -> None:
    """One source says "yes" of every other row, s = 1. A vote multiplies the odds p / (1 - p) by 7 / 3, as p > .5 at

    the fixed point: p = 1/4 + 1/2 (1/2 7p / (3 + 4p) + 1/2 p), or 3 p^2 - .5 p - .75 = 0.
    """
    model = LabelModel(SPAM, use_abstains=False, shrinkage=1.0, tolerance=1e-12).fit(unipolar(10, 10))

    assert model.balance_[1] == pytest.approx((0.5 + math.sqrt(9.25)) / 6, abs=1e-9)


@pytest.mark.parametrize(
    ("votes", "silent", "expected"),
    [
        # P(vote | yes) = .5 * .7 / .5 = .7, P(vote | no) = .5 * .3 / .5 = .3: silence is worth 3 to 7.
        (5, 5, 0.3),
        # .9 * 1.4 > 1: P(0 | yes) / P(0) is taken as .01; P(0 | no) / P(0) = (1 - .54) / .1.
        (9, 1, 0.01 / 4.61),
    ],
)
def test_silence_is_evidence_where_it_is_asked_for(votes: int, silent: int, expected: float) -> None:
    told = LabelModel(SPAM, class_balance=EVEN, shrinkage=1.0, use_abstains=True).fit(unipolar(votes, silent))
    untold = LabelModel(SPAM, class_balance=EVEN, shrinkage=1.0, use_abstains=False).fit(unipolar(votes, silent))

    assert told.predict_proba(unipolar(0, 1))[0, 1] == pytest.approx(expected)
    assert told.predict_proba(unipolar(1, 0))[0, 1] == pytest.approx(0.7)
    assert untold.predict_proba(unipolar(0, 1))[0, 1] == pytest.approx(0.5)


@pytest.mark.parametrize("correlation", [0.0, 0.1, 1.0])
def test_correlated_votes_make_less_sure_and_change_no_label(correlation: float) -> None:
    """s = 1, even balance: v votes for "yes" give the odds (7 / 3)^(v / (1 + rho (v - 1))); none give even odds."""
    model = LabelModel(SPAM, class_balance=EVEN, shrinkage=1.0, use_abstains=False, vote_correlation=correlation).fit(
        unanimous(10, 5, silent=1)
    )
    rows = LabelMatrix.from_array(np.tril(np.full((6, 5), 2), -1), SPAM)  # 0 to 5 votes

    v = np.arange(6)
    odds = (7 / 3) ** (v / (1 + correlation * np.maximum(v - 1, 0)))
    np.testing.assert_allclose(model.predict_proba(rows)[:, 1], odds / (1 + odds), atol=1e-9)


def test_the_correlation_of_votes_is_checked_and_saved() -> None:
    with pytest.raises(ValueError, match=r"vote_correlation must lie in \[0, 1\]; got 1.5"):
        LabelModel(SPAM, vote_correlation=1.5)
    model = LabelModel(SPAM, vote_correlation=0.3).fit(unanimous(10, 3, silent=1))

    again = LabelModel.from_state(*model.state())

    np.testing.assert_array_equal(again.predict_proba(unanimous(1, 3)), model.predict_proba(unanimous(1, 3)))


def test_a_source_worse_than_chance_is_doubted_by_name() -> None:
    """Nine rows of ten the first source contradicts four that agree: P(right | vote) near .1, so it is said."""
    truth = np.array([1, 2] * 50)
    codes = np.repeat(truth[:, None], 5, axis=1)
    codes[:90, 0] = 3 - truth[:90]
    model = LabelModel(TaskGraph.single("spam", ("no", "yes")), estimator="mle", class_balance=EVEN).fit(
        LabelMatrix.from_array(codes, SPAM)
    )

    doubts = [message for message in model.report_.messages if "worse than chance" in message]
    assert [message.split("'")[1] for message in doubts] == ["source_0"]


def test_weighted_least_squares_weighs_by_the_variances() -> None:
    """Four unipolar sources of which no delta fits all six covariances: the least squares of W, by another minimiser.

    W = 1 / (b_a (1 - b_a) b_b (1 - b_b)), C = .25 with even balance; precision = .5 + .25 delta / b.
    """
    random = np.random.default_rng(3)
    spaces = [LabelSpace.checked(f"s{i}", ["spam"], [("yes",)], SPAM) for i in range(4)]
    truth = random.random(4_000) < 0.5
    rates = np.array([[0.8, 0.1], [0.5, 0.2], [0.4, 0.2], [0.9, 0.5]])
    codes = (random.random((4_000, 4)) < np.where(truth[:, None], rates[:, 0], rates[:, 1])).astype(int)
    codes[random.random(4_000) < 0.2, 1] = 1
    codes[:, 2] = np.where(random.random(4_000) < 0.3, codes[:, 0], codes[:, 2])
    b, sigma = codes.mean(axis=0), np.cov(codes.T, bias=True)
    off = ~np.eye(4, dtype=bool)
    weights = 1 / np.outer(b * (1 - b), b * (1 - b))

    def loss(delta: np.ndarray) -> float:
        return float((weights * (sigma - 0.25 * np.outer(delta, delta)) ** 2)[off].sum())

    best = optimize.minimize(loss, np.full(4, 0.4), method="BFGS", options={"gtol": 1e-12}).x
    model = LabelModel(SPAM, estimator="wls", class_balance=EVEN, tolerance=1e-13).fit(LabelMatrix(codes, spaces, SPAM))

    found = [model.label_precisions()[f"s{i}"][0] for i in range(4)]
    np.testing.assert_allclose(found, 0.5 + 0.25 * best / b, atol=1e-6)


@pytest.mark.parametrize("shrinkage", [None, 0.0, 0.3, 0.5])
def test_little_shrinkage_by_hand_is_said_where_the_votes_do_not_bear_the_model_out(shrinkage: float | None) -> None:
    """Of copies that nobody declared; not of independent sources, which are what shrinkage=0 takes them for."""
    for world, doubtful in ((copying_world([4], seed=1, m=10), True), (copying_world([], seed=1, m=10), False)):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SuspectedDependencyWarning)
            model = LabelModel(world.tasks, shrinkage=shrinkage).fit(world.sample(5_000, 0)[0])
        said = [message for message in model.report_.messages if "was given, and these votes do not bear" in message]
        assert bool(said) == (doubtful and shrinkage in (0.0, 0.3))
