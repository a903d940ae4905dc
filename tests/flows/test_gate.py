"""The gate lets determined applications through and stops the others with names and remedy."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from flows.artifacts import read_json, write_votes
from flows.config import ConfigError, GateParams, LabelModelParams
from flows.steps.gate import NotIdentifiableError, gate
from metal.application import Application
from metal.sources import Source, apply_sources, labeling_function
from metal.tasks import TaskGraph
from tests.flows.small_application import SENTENCES, sun, weather

SKY = TaskGraph.single("sky", ("Dry", "Wet"))
REQUIRED = GateParams(require=True, parameterisation="tied")
MAP = LabelModelParams(
    estimator="map",
    class_balance="dev",
    tune_on_dev=False,
    use_abstains=None,
    shrinkage=0.7,
    prior_precision=0.7,
    prior_strength=5.0,
    parameterisation="proj",
    smoothing=0.1,
    max_iterations=1000,
    tolerance=1e-6,
)


def word(name: str, label: str) -> Source[str]:
    """Return a source that votes where its word stands."""

    @labeling_function(tasks="sky", labels=[label], name=name)
    def source(view: str) -> str | None:
        return label if name in view else None

    return source


def application(*names: str, dependencies: tuple[tuple[str, str], ...] = ()) -> Application[str]:
    return weather(*(word(name, "Wet") for name in names), dependencies=dependencies, tasks=SKY)


def through(
    folder: Path, candidate: Application[str], params: GateParams = REQUIRED, label_model: LabelModelParams = MAP
) -> None:
    examples = [(str(number), text) for number, text in enumerate(SENTENCES)]
    matrix, _ = apply_sources(candidate.sources, examples, candidate.tasks)
    write_votes(folder / "train.parquet", [identifier for identifier, _ in examples], matrix)
    gate(candidate, folder / "train.parquet", folder / "gate", params, label_model)


def test_three_independent_sources_pass(tmp_path: Path) -> None:
    through(tmp_path, application("rain", "cloud", "umbrella"))
    report = read_json(tmp_path / "gate/report.json")
    assert report["identifiable"] is True
    assert report["undetermined"] == []
    assert report["verdict"] == "passed"
    assert (tmp_path / "gate/report.txt").read_text().startswith("Application 'weather': passed.\n")


def test_two_sources_stop_with_names_and_remedy(tmp_path: Path) -> None:
    with pytest.raises(NotIdentifiableError) as caught:
        through(tmp_path, application("rain", "cloud"))
    message = str(caught.value)
    assert "Not determined: rain, cloud." in message
    assert "Remedy: add 1 source, independent of ['rain', 'cloud']" in message
    assert "drop the dependencies" not in message
    assert str(tmp_path / "gate/report.txt") in message


def test_a_dependent_triple_stops_with_the_dependencies_to_drop(tmp_path: Path) -> None:
    triangle = (("rain", "cloud"), ("cloud", "umbrella"), ("rain", "umbrella"))
    with pytest.raises(NotIdentifiableError) as caught:
        through(tmp_path, application("rain", "cloud", "umbrella", dependencies=triangle))
    message = str(caught.value)
    assert "Not determined: rain, cloud, umbrella." in message
    assert "Remedy: add 2 sources, independent of each other" in message
    assert "drop the dependencies" in message
    for pair in ("rain-cloud", "cloud-umbrella", "rain-umbrella"):
        assert pair in message
    report = read_json(tmp_path / "gate/report.json")
    assert report["identifiable"] is False
    assert report["undetermined"] == ["rain", "cloud", "umbrella"]
    assert report["verdict"] == "stopped"
    assert report["remedies"]


def test_one_dependency_fewer_and_one_source_more_pass(tmp_path: Path) -> None:
    # groups {rain, cloud}, {umbrella}, {snow}: three, as the check needs
    through(tmp_path, application("rain", "cloud", "umbrella", "snow", dependencies=(("rain", "cloud"),)))
    assert read_json(tmp_path / "gate/report.json")["groups"] == [["rain", "cloud"], ["umbrella"], ["snow"]]


def test_the_estimator_s_own_check_is_reported_too(tmp_path: Path) -> None:
    """A chain of five is one group: moments between groups do not determine it, the likelihood of "mle" does."""
    names = ("rain", "cloud", "umbrella", "sun", "snow")
    chain = application(*names, dependencies=tuple(pairwise(names)))
    lenient = GateParams(require=False, parameterisation="tied")

    through(tmp_path, chain, lenient, replace(MAP, estimator="mle"))
    report = read_json(tmp_path / "gate/report.json")
    through(tmp_path, chain, lenient)
    by_map = read_json(tmp_path / "gate/report.json")

    assert report["identifiable"] is False
    assert (report["label_model"]["estimator"], report["label_model"]["evidence"]) == ("mle", "likelihood")
    assert report["label_model"]["rank"] == [18, 18]
    assert report["label_model"]["identifiable"] is True
    assert (by_map["label_model"]["evidence"], by_map["label_model"]["identifiable"]) == ("moments", False)
    assert "The estimator 'map' on these votes: The accuracies are NOT" in (tmp_path / "gate/report.txt").read_text()


def test_not_required_warns_and_the_report_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    through(tmp_path, application("rain", "cloud"), GateParams(require=False, parameterisation="tied"))
    report = read_json(tmp_path / "gate/report.json")
    assert (report["identifiable"], report["required"]) == (False, False)
    assert report["verdict"] == "let through by gate.require=false"
    assert "let through by gate.require=false" in (tmp_path / "gate/report.txt").read_text()
    assert "warning: Application 'weather'" in capsys.readouterr().err


def test_a_source_that_never_abstains_counts_one_label_less(tmp_path: Path) -> None:
    @labeling_function(tasks="sky", labels=["Dry", "Wet"])
    def guess(view: str) -> str | None:
        return "Dry" if "sun" in view else "Wet"

    through(tmp_path, weather(guess, word("rain", "Wet"), word("cloud", "Wet"), tasks=SKY))
    # guess gives two kinds of votes, the second follows from the first; rain and cloud one each
    assert read_json(tmp_path / "gate/report.json")["counts"]["votes"] == 3
    through(tmp_path, weather(sun, word("rain", "Wet"), word("cloud", "Wet"), tasks=SKY))
    assert read_json(tmp_path / "gate/report.json")["counts"]["votes"] == 4


def test_an_unknown_parameterisation_is_refused() -> None:
    with pytest.raises(
        ConfigError, match=r"gate\.parameterisation='free' is not known; choose one of \['tied', 'proj', 'full'\]"
    ):
        GateParams(require=True, parameterisation="free")
