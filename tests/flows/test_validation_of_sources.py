"""Expectations on sources against planted violations, by the names and numbers in their messages."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from metal.sources import labeling_function
from tests.flows.small_application import falls, sun, texts, umbrella, weather
from tests.flows.validated_weather import BOUNDS, outcome, told


@labeling_function(tasks="sky", labels=["Wet"])
def fog(view: str) -> str | None:
    """Never vote: no sentence tells of fog."""
    return "Wet" if "fog" in view else None


@labeling_function(tasks="sky", labels=["Dry", "Wet"])
def always(view: str) -> str | None:
    """Vote the same everywhere."""
    return "Wet"


@labeling_function(tasks="sky", labels=["Dry", "Wet"])
def gloomy(view: str) -> str | None:
    """Declare Dry, never vote it."""
    return "Wet" if "rain" in view else None


def test_a_dead_source_is_told_once(tmp_path: Path) -> None:
    (failure,) = outcome(tmp_path, weather(sun, falls, umbrella, fog)).failures
    assert told(failure) == ("source 'fog' on split 'train'", "0", "at least 0.01")
    assert "dead source" in failure.statement


def test_a_dead_source_is_told_without_a_lower_bound(tmp_path: Path) -> None:
    bounds = replace(BOUNDS, min_coverage=0.0)
    (failure,) = outcome(tmp_path, weather(sun, falls, umbrella, fog), bounds=bounds).failures
    assert told(failure) == ("source 'fog' on split 'train'", "0", "above 0")


def test_a_rare_source(tmp_path: Path) -> None:
    (failure,) = outcome(tmp_path, bounds=replace(BOUNDS, min_coverage=0.5)).failures
    assert told(failure) == ("source 'umbrella' on split 'train'", "0.4", "at least 0.5")


def test_a_constant_source(tmp_path: Path) -> None:
    application = weather(sun, falls, umbrella, always)
    bounds = replace(BOUNDS, max_infeasible_rows=0.5, min_polarity=0.5)
    failures = outcome(tmp_path, application, bounds=bounds).failures
    assert [told(failure) for failure in failures] == [
        (f"source 'always' on split {split!r}", "1", "below 1") for split in ("train", "dev", "test")
    ]


def test_a_source_that_hardly_abstains(tmp_path: Path) -> None:
    (failure,) = outcome(tmp_path, bounds=replace(BOUNDS, min_abstain_rate=0.3)).failures
    assert told(failure) == ("source 'sun' on split 'train'", "0.2", "at least 0.3")


def test_a_label_that_is_declared_and_never_emitted(tmp_path: Path) -> None:
    (failure,) = outcome(tmp_path, weather(sun, falls, umbrella, gloomy)).failures
    assert told(failure) == ("source 'gloomy' on split 'train'", "0.5", "at least 1")
    assert "polarity" in failure.statement


def test_a_source_that_votes_alone(tmp_path: Path) -> None:
    (failure,) = outcome(tmp_path, bounds=replace(BOUNDS, min_overlap=0.8)).failures
    # sun votes alone on the first sentence of its four
    assert told(failure) == ("source 'sun' on split 'train'", "0.75", "at least 0.8")


def test_sources_that_conflict(tmp_path: Path) -> None:
    failures = outcome(tmp_path, bounds=replace(BOUNDS, max_conflict=0.2)).failures
    # sun contradicts umbrella on one of its four sentences, umbrella sun on one of its two
    assert [told(failure) for failure in failures] == [
        ("source 'sun' on split 'train'", "0.25", "at most 0.2"),
        ("source 'umbrella' on split 'train'", "0.5", "at most 0.2"),
    ]


def test_abstain_rates_that_drift(tmp_path: Path) -> None:
    frames = texts()
    frames["dev"]["sentence"] = ["rain, an umbrella"] * 9 + ["a day of sun"]
    failures = outcome(tmp_path, frames=frames).failures
    # abstain rates on dev .9, .1, .1; on train .2, .4, .6
    assert [told(failure) for failure in failures] == [
        ("source 'sun' on split 'dev'", "0.7", "at most 0.1"),
        ("source 'falls' on split 'dev'", "0.3", "at most 0.1"),
        ("source 'umbrella' on split 'dev'", "0.5", "at most 0.1"),
    ]


def test_critical_failures_come_before_warnings(tmp_path: Path) -> None:
    failures = outcome(
        tmp_path, weather(sun, falls, umbrella, fog), bounds=replace(BOUNDS, max_infeasible_rows=0.1)
    ).failures
    assert [failure.severity for failure in failures] == ["critical", "warning", "warning", "warning"]
    assert failures[0].source == "fog"
