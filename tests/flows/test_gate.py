"""The gate lets determined applications through and stops the others with names and remedy."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from flows.artifacts import read_json, write_votes
from flows.config import ConfigError, GateParams, LabelModelParams
from flows.steps.gate import NotIdentifiableError, gate
from metal.application import Application
from metal.sources import Source, apply_sources, labeling_function
from metal.synthetic import World
from metal.tasks import TaskGraph
from tests.flows.small_application import MAP, SENTENCES, sun, weather

SKY = TaskGraph.single("sky", ("Dry", "Wet"))
REQUIRED = GateParams(require=True, parameterisation="tied", dependencies="declared", suggested_by="robust_pca")


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
    lenient = replace(REQUIRED, require=False)

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
    through(tmp_path, application("rain", "cloud"), replace(REQUIRED, require=False))
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
        replace(REQUIRED, parameterisation="free")


# --- dependencies -----------------------------------------------------------------------------------------------------


def copied(folder: Path, dependencies: str) -> dict[str, Any]:
    """Let an application through whose source b copies a, though a-c is declared; return its two JSON reports."""
    names, n = "abcdefghij", 5_000
    candidate = weather(*(word(name, "Wet") for name in names), dependencies=(("a", "c"),), tasks=SKY)
    spaces = [source.space(SKY) for source in candidate.sources]
    table = np.array([[0.9, 0.4], [0.1, 0.6]])
    world = World(SKY, tuple(spaces), (table,) * 10, np.array([0.5, 0.5]), {"b": ("a", 0.8)})
    votes, _ = world.sample(n, seed=0)
    write_votes(folder / "train.parquet", [str(row) for row in range(n)], votes)
    gate(candidate, folder / "train.parquet", folder / "gate", replace(REQUIRED, dependencies=dependencies), MAP)
    return {name: read_json(folder / "gate" / f"{name}.json") for name in ("report", "structure")}


@pytest.mark.parametrize(
    ("dependencies", "used"), [("declared", [["a", "c"]]), ("none", []), ("suggested", [["a", "b"]])]
)
def test_what_the_configuration_names_is_checked_and_handed_on(
    tmp_path: Path, dependencies: str, used: list[list[str]]
) -> None:
    found = copied(tmp_path, dependencies)

    assert found["report"]["dependencies"] == used
    groups = {"declared": [["a", "c"], ["b"]], "none": [["a"], ["b"], ["c"]], "suggested": [["a", "b"], ["c"]]}
    assert found["report"]["groups"] == [*groups[dependencies], *([name] for name in "defghij")]
    assert found["structure"]["used"] == dependencies


def test_the_evidence_is_there_whatever_is_used(tmp_path: Path) -> None:
    structure = copied(tmp_path, "declared")["structure"]

    first, second = structure["pairs"]
    assert (first["first"], first["second"]) == ("a", "b")
    assert (first["suggested"], first["declared"], first["used"]) == (True, False, False)
    assert first["strength"] > 0.1
    assert first["z"] > 3
    assert (second["first"], second["second"]) == ("a", "c")
    assert (second["suggested"], second["declared"], second["used"]) == (False, True, True)
    assert "1 dependencies suggested by robust_pca" in structure["said"]


def test_suggested_dependencies_that_leave_nothing_determined_stop_at_the_gate(tmp_path: Path) -> None:
    """Three sources of which one copies another: two groups. Without the suggestion they would pass."""
    candidate = application("rain", "cloud", "umbrella")
    spaces = tuple(source.space(SKY) for source in candidate.sources)
    table = np.array([[0.9, 0.4], [0.1, 0.6]])
    world = World(SKY, spaces, (table,) * 3, np.array([0.5, 0.5]), {"cloud": ("rain", 0.9)})
    write_votes(tmp_path / "train.parquet", [str(row) for row in range(5_000)], world.sample(5_000, seed=0)[0])

    gate(candidate, tmp_path / "train.parquet", tmp_path / "gate", REQUIRED, MAP)
    with pytest.raises(NotIdentifiableError, match="rain-cloud"):
        gate(candidate, tmp_path / "train.parquet", tmp_path / "gate", replace(REQUIRED, dependencies="suggested"), MAP)


def test_votes_that_allow_no_suggestion_stop_only_where_it_is_to_be_used(tmp_path: Path) -> None:
    twins = application("rain", "cloud", "loud", "umbrella")  # two vote alike, one word being in the other

    through(tmp_path, twins)
    assert "determine each other" in read_json(tmp_path / "gate/structure.json")["said"]
    with pytest.raises(ValueError, match=r"gate\.dependencies=suggested, but robust_pca suggests none"):
        through(tmp_path, twins, replace(REQUIRED, dependencies="suggested"))


def test_unknown_dependencies_are_refused() -> None:
    with pytest.raises(ConfigError, match=r"gate\.dependencies='declard' is not known; .* Did you mean 'declared'\?"):
        replace(REQUIRED, dependencies="declard")
