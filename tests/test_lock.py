"""The tested lock holds what the project asks for, and what is installed is what it says."""

import tomllib
from importlib.metadata import version

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.local_imports import ROOT

LOCKS = (".requirements.lock", ".requirements-bench.lock")


def locked(*names: str) -> dict[str, str]:
    lines = [line for name in names for line in (ROOT / name).read_text(encoding="utf-8").splitlines()]
    pins = [line.split("==") for line in lines if line and not line.startswith("#")]
    return {canonicalize_name(name): pinned for name, pinned in pins}


def required(*extras: str) -> list[str]:
    """The lines of the dependencies and of extras; what an extra takes from other extras stands in their place."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = [*project["dependencies"], *(line for extra in extras for line in project["optional-dependencies"][extra])]
    own = [extra for line in lines if line.startswith(f"{project['name']}[") for extra in Requirement(line).extras]
    lines += [line for extra in sorted(own) for line in project["optional-dependencies"][extra]]
    return [line for line in lines if not line.startswith(f"{project['name']}[")]


@pytest.mark.parametrize("line", required("dev", "bench"))
def test_the_locks_pin_what_the_project_requires(line: str) -> None:
    requirement = Requirement(line)
    pinned = locked(*(LOCKS if line not in required("dev") else LOCKS[:1])).get(canonicalize_name(requirement.name))

    assert pinned is not None, f"{requirement.name} is in no lock"
    assert requirement.specifier.contains(pinned)


@pytest.mark.parametrize("name", [Requirement(line).name for line in required("dev")])
def test_the_tests_run_with_what_is_locked(name: str) -> None:
    # torch's builds differ by a local version, as in 2.13.0+cpu.
    assert Version(version(name)).public == locked(LOCKS[0])[canonicalize_name(name)]


def test_the_benchmarks_lock_adds_and_moves_nothing() -> None:
    assert not set(locked(LOCKS[0])) & set(locked(LOCKS[1]))


@pytest.mark.parametrize("lock", LOCKS)
def test_the_locks_belong_to_no_machine(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")

    assert not [
        line for line in text.splitlines() if "://" in line or "@" in line or "+" in line or line.startswith("-")
    ]
