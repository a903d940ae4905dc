"""What a registered model needs installed: the packages that its code imports, at the versions it was made with."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator
from importlib.metadata import packages_distributions, version
from pathlib import Path

CODE = Path(__file__).parents[2]


def requirements(modules: Iterable[str]) -> list[str]:
    """Return `package==version` for whatever these modules of `metal`, and those that they import, take from outside.

    Imports inside of functions count too. Left out is what is not installed here: the model was made without it.
    """
    outside: set[str] = set()
    seen: set[str] = set()
    waiting = list(modules)
    while waiting:
        module = waiting.pop()
        if module in seen or (path := source(module)) is None:
            continue
        seen.add(module)
        for name in imported(path):
            if name.split(".")[0] == "metal":
                parts = name.split(".")
                waiting += [".".join(parts[: length + 1]) for length in range(len(parts))]
            elif name.split(".")[0] not in sys.stdlib_module_names:
                outside.add(name.split(".")[0])
    known = packages_distributions()
    found = {name if name in known[name] else known[name][0] for name in outside if name in known}
    # Without its local part ("+cpu"), which no public registry of packages knows.
    return sorted(f"{distribution}=={version(distribution).partition('+')[0]}" for distribution in found)


def source(module: str) -> Path | None:
    """Return the file of a module of `metal`; None where the name is that of something in a module."""
    stem = CODE.joinpath(*module.split("."))
    return next((path for path in (stem.with_suffix(".py"), stem / "__init__.py") if path.is_file()), None)


def imported(path: Path) -> Iterator[str]:
    """Yield the names that a file imports, anywhere in it, but for type checkers alone."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    unseen = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if id(node) in unseen:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
