"""What the project's modules import, read with `ast`: for the tests of the layers and of the DAG."""

import ast
from pathlib import Path

ROOT = Path(__file__).parent.parent
PACKAGES = ("metal", "flows")


def module_file(module: str) -> Path | None:
    """Return the file of one of our modules, relative to the root."""
    stem = Path(*module.split("."))
    for candidate in (stem.with_suffix(".py"), stem / "__init__.py"):
        if (ROOT / candidate).is_file():
            return candidate
    return None


def imported(file: Path) -> set[str]:
    """Return the absolute names of the modules that a file imports, anywhere in it: ours and others."""
    names: set[str] = set()
    for node in ast.walk(ast.parse((ROOT / file).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file} imports relatively; the project imports by absolute names"
            assert node.module is not None
            for alias in node.names:
                submodule = f"{node.module}.{alias.name}"
                names.add(submodule if ours(submodule) else node.module)
    return names


def ours(module: str) -> bool:
    """Say whether a name is a module of this project."""
    return module.split(".")[0] in PACKAGES and module_file(module) is not None


def local_imports(file: Path) -> set[Path]:
    """Return the files of our modules that a file imports itself."""
    return {found for name in imported(file) if ours(name) and (found := module_file(name)) is not None}


def closure(files: set[Path], *, ignore: set[Path]) -> set[Path]:
    """Return the files and all of our files that they import, directly or not; ignored ones are not followed."""
    reached: set[Path] = set()
    waiting = set(files) - ignore
    while waiting:
        file = waiting.pop()
        reached.add(file)
        waiting |= local_imports(file) - reached - ignore
    return reached


def python_files(*packages: str) -> list[Path]:
    """Return the Python files of packages, relative to the root."""
    return sorted(file.relative_to(ROOT) for package in packages for file in (ROOT / package).rglob("*.py"))
