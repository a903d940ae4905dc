"""What the monitor finds: the comparisons of `metal.drift` on an application, with one rate of false alarms for all."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tqdm import tqdm

from flows.monitor.bounds import Checked, check_bounds
from flows.monitor.inputs import Floats, NewVotes, Snapshot
from metal.drift import (
    RATES,
    AccuracyDrift,
    ConfidenceDrift,
    RateDrift,
    accuracy_drift,
    confidence_drift,
    origins,
    rate_drift,
    unsteady,
)
from metal.statistics import Statistics

FALSE_ALARMS = 0.05
"""How often unchanged data may give another verdict than "ok"."""
NO_MODEL = "There is no label model to compare with: `methods` in params.yaml does not list metal."


@dataclass(frozen=True)
class Outcome:
    """Everything that was compared, and what came of it.

    level : the rate of false alarms of each of `tests` tests, together at most `false_alarms`
    rates, checked : every rate of every source, and what Great Expectations says of its bounds
    accuracies : every source's, where there is a label model
    confidence : where confidences were given
    voting : the sources whose votes have drifted; steady rates that only stand beside them are not theirs
    judging : the further sources whose estimated accuracy has
    silent : sources that voted in training and never do now
    failures : sources that raised, and on how many examples
    """

    application: str
    file: str
    sha256: str
    train_rows: int
    new_rows: int
    false_alarms: float
    tests: int
    rates: tuple[RateDrift, ...]
    checked: Checked
    accuracies: tuple[AccuracyDrift, ...]
    confidence: ConfidenceDrift | None
    voting: tuple[str, ...]
    judging: tuple[str, ...]
    silent: tuple[str, ...]
    failures: dict[str, int]

    @property
    def level(self) -> float:
        """The rate of false alarms of a single test."""
        return self.false_alarms / self.tests

    @property
    def unsure(self) -> bool:
        """Whether the end model's confidences have drifted."""
        return self.confidence is not None and self.confidence.p < self.level

    @property
    def verdict(self) -> str:
        """Return "broken" where a source raised or fell silent, "drift" where anything has drifted, else "ok"."""
        if self.failures or self.silent:
            return "broken"
        return "drift" if self.voting or self.judging or self.unsure else "ok"

    @property
    def reasons(self) -> tuple[str, ...]:
        """What stands behind the verdict, a sentence each; none where it is ok."""
        said = [f"source {name} raised on {n:,} of {self.new_rows:,} examples" for name, n in self.failures.items()]
        said += [f"source {name} voted in training, and on none of the new examples" for name in self.silent]
        for name in self.voting:
            if name not in self.silent:
                said.append(f"the votes of source {name} have drifted: {self._told(name)}")
        by_name = {drift.source: drift for drift in self.accuracies}
        for name in self.judging:
            found = by_name[name]
            said.append(
                f"the accuracy of source {name} is estimated at {found.new:.1%} ± {found.new_error:.1%}, where "
                f"{found.expected:.1%} ± {found.train_error:.1%} was to be expected"
            )
        if self.unsure and self.confidence is not None:
            before, now = self.confidence.train, self.confidence.new
            said.append(f"the end model's confidences have drifted: {now:.1%} on average, {before:.1%} in training")
        return tuple(said)

    def _told(self, name: str) -> str:
        own = [drift for drift in self.rates if drift.source == name]
        out = [drift for drift in own if drift.drifted] or [max(own, key=lambda drift: abs(drift.z))]
        return ", ".join(f"{drift.rate} {drift.new:.1%}, expected {drift.low:.1%} to {drift.high:.1%}" for drift in out)


def compare(
    snapshot: Snapshot,
    new: NewVotes,
    docs: Path,
    *,
    confidences: tuple[Floats, Floats] | None = None,
    false_alarms: float = FALSE_ALARMS,
    refits: int = 50,
    seed: int = 0,
) -> Outcome:
    """Compare new votes, and confidences where there are any, with the training snapshot.

    docs : directory that receives Great Expectations' Data Docs
    confidences : of the end model, on held-out data of training and on the new examples
    false_alarms : of the verdict; each test has its share (Bonferroni)
    refits : draws of either size for the standard errors of a label model with a prior; few are refused
    seed : of these draws

    Raises ValueError for settings out of their range, and as the label model's `fit`.
    """
    if not 0 < false_alarms < 1:
        raise ValueError(f"false_alarms={false_alarms:g} must lie between 0 and 1; .05 is usual")
    train, found = snapshot.votes, Statistics.of(new.votes)
    voted = bool(found.counts[found.voted].any())
    sources = len(train.names)
    tests = sources * len(RATES) + (sources if snapshot.model else 0) + (confidences is not None)
    level = false_alarms / tests
    rates = tuple(rate_drift(train, found, level))
    voting = origins(train, found, level)
    accuracies: tuple[AccuracyDrift, ...] = ()
    judging: tuple[str, ...] = ()
    if snapshot.model is not None and voted:
        with tqdm(desc="refit", unit="fit") as bar:
            judge = partial(
                _judge, snapshot.model, train, found, refits=refits, seed=seed, tick=lambda: bool(bar.update())
            )
            accuracies = tuple(judge(()))
            if any(drift.p < level and drift.source not in voting for drift in accuracies):
                judging = unsteady(judge, level, named=voting)
    return Outcome(
        snapshot.application.name,
        new.name,
        new.sha256,
        int(train.n),
        int(found.n),
        false_alarms,
        tests,
        rates,
        check_bounds(rates, docs),
        accuracies,
        None if confidences is None else confidence_drift(*confidences),
        voting,
        judging,
        tuple(d.source for d in rates if d.rate == "coverage" and d.new == 0.0 and d.drifted),
        {name: count for name, count in new.failures.items() if count},
    )


def _judge(
    params: dict[str, object],
    train: Statistics,
    new: Statistics,
    ignoring: Collection[str],
    *,
    refits: int,
    seed: int,
    tick: object,
) -> list[AccuracyDrift]:
    assert callable(tick)
    return accuracy_drift(params, train, new, refits=refits, seed=seed, ignoring=ignoring, tick=tick)
