"""The tested lock holds what the project asks for, and what is installed is what it says."""

import tomllib
from importlib.metadata import version

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.local_imports import ROOT


def locked() -> dict[str, str]:
    lines = (ROOT / ".requirements.lock").read_text(encoding="utf-8").splitlines()
    pins = [line.split("==") for line in lines if line and not line.startswith("#")]
    return {canonicalize_name(name): pinned for name, pinned in pins}


def required() -> list[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return [*project["dependencies"], *project["optional-dependencies"]["dev"]]


@pytest.mark.parametrize("line", required())
def test_the_lock_pins_what_the_project_requires(line: str) -> None:
    requirement = Requirement(line)
    pinned = locked().get(canonicalize_name(requirement.name))

    assert pinned is not None, f"{requirement.name} is not in .requirements.lock"
    assert requirement.specifier.contains(pinned)


@pytest.mark.parametrize("name", [Requirement(line).name for line in required()])
def test_the_tests_run_with_what_is_locked(name: str) -> None:
    # torch's builds differ by a local version, as in 2.13.0+cpu.
    assert Version(version(name)).public == locked()[canonicalize_name(name)]


def test_the_lock_belongs_to_no_machine() -> None:
    text = (ROOT / ".requirements.lock").read_text(encoding="utf-8")

    assert not [
        line for line in text.splitlines() if "://" in line or "@" in line or "+" in line or line.startswith("-")
    ]
