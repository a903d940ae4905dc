"""What the README shows is what runs."""

import contextlib
import io
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", (ROOT / "README.md").read_text(encoding="utf-8"), flags=re.S | re.M)
PYTHON = [text for language, text in BLOCKS if language == "python"]


def test_the_worked_application_is_the_tested_one() -> None:
    shown = next(text for text in PYTHON if "Application(" in text)

    assert shown.strip() == (ROOT / "tests" / "worked_application.py").read_text(encoding="utf-8").strip()


def test_the_library_example_runs_and_finds_the_accuracies() -> None:
    shown = next(text for text in PYTHON if "LabelModel(" in text)
    names: dict[str, object] = {}

    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(shown, names)

    assert "determined" in printed.getvalue()
    accuracies = names["model"].accuracies_  # type: ignore[attr-defined]
    # The comment there promises .9, .8, .7, .6; 10,000 rows leave a standard error of about .01.
    assert list(accuracies.values()) == pytest.approx([0.9, 0.8, 0.7, 0.6], abs=0.04)


def test_the_page_on_estimators_runs_and_says_what_it_promises() -> None:
    page = (ROOT / "metal" / "label_model" / "README.md").read_text(encoding="utf-8")
    shown = re.findall(r"^```python\n(.*?)^```$", page, flags=re.S | re.M)
    names: dict[str, object] = {}

    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec("\n".join(shown), names)

    assert len(shown) == 2
    assert "1 dependencies suggested" in printed.getvalue()
    assert "source_0 - source_1" in printed.getvalue()
    assert "The accuracies are determined" in printed.getvalue()
    assert "An error of 0.005 needs" in printed.getvalue()
    assert (ROOT / "metal" / "label_model" / "estimators.svg").stat().st_size < 100_000


@pytest.mark.parametrize("page", ["README.md", "metal/label_model/README.md"])
def test_every_target_and_file_it_names_exists(page: str) -> None:
    readme = (ROOT / page).read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.M))

    assert set(re.findall(r"(?:^|`)make ([a-z-]+)", readme, flags=re.M)) <= targets
    for link in re.findall(r"\]\(([^)#:]+)\)", readme):
        assert ((ROOT / page).parent / link).exists(), link
