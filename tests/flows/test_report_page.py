"""The report page: it needs no network, says the numbers, and can be read without seeing it."""

from __future__ import annotations

import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pandas as pd
import pytest

from flows.artifacts import RESULTS
from flows.comparison import Score
from flows.report_page import reading, verdict
from flows.steps.summarize import summarize
from tests.flows.invented_results import write_evaluated

VOID = {"meta", "link", "br", "img", "input", "hr"}


class Page(HTMLParser):
    """What the tests look at: text, tags with attributes, and whether tags are balanced."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("style", "script"):
            self.text += data


@pytest.fixture(scope="module")
def html(tmp_path_factory: pytest.TempPathFactory) -> str:
    root = tmp_path_factory.mktemp("page")
    for application in ("animals", "report"):
        write_evaluated(root, application)
    summarize(root, ["animals", "report"], "trials: 3 # <three>\n")
    return (root / RESULTS / "report.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def page(html: str) -> Page:
    return Page(html)


def test_needs_no_network(html: str, page: Page) -> None:
    # Names of XML namespaces are the only addresses; nothing fetches them.
    assert set(re.findall(r"""(?:https?:)?//[^\s"'<>)]+""", html)) <= {
        "http://www.w3.org/1999/xlink",
        "http://www.w3.org/2000/svg",
    }
    assert not {tag for tag, _ in page.tags} & {"script", "link", "iframe", "img", "object", "embed"}
    assert "@import" not in html
    loaded = [value for _, attributes in page.tags for name, value in attributes.items() if name in ("src", "href")]
    assert all(value is not None and value.startswith("#") for value in loaded)


def test_is_well_formed(page: Page) -> None:
    assert page.open == []
    ids = Counter(attributes["id"] for _, attributes in page.tags if "id" in attributes)
    assert [name for name, count in ids.items() if count > 1] == []


def test_links_and_references_lead_somewhere(html: str, page: Page) -> None:
    ids = {attributes["id"] for _, attributes in page.tags if "id" in attributes}
    wanted = {value[1:] for _, a in page.tags for name in ("href", "xlink:href") if (value := a.get(name))}
    wanted |= set(re.findall(r"url\(#([^)]+)\)", html))
    assert wanted - ids == set()


def test_says_the_numbers(page: Page) -> None:
    text = re.sub(r"\s+", " ", page.text)
    for said in ("80.0 (55.2–100.0)", "66.7 ± 14.3", "50.0 ± 0.0"):  # the end models: .8, .9, .7; .6, .7, .7; .5
        assert said in text
    for paper in ("62.7", "74.2", "76.6"):
        assert paper in text
    assert "the paper’s own split and labels" in text
    assert "+30.0" in text  # MeTaL minus Gold (dev)
    assert "10 test examples" in text
    assert "All 41 expectations hold" in text
    assert "All 3 sources are determined & <anchored>." in text
    assert "trials: 3 # <three>" in text
    assert "growls" in text
    assert "1 declared dependency between sources" in text


def test_dependencies_come_with_their_evidence(html: str) -> None:
    assert '<th scope="row">growls</th><td class="left">purrs</td><td>0.31</td><td>7.5</td>' in html


def test_says_what_gold_was_used_for(page: Page) -> None:
    text = re.sub(r"\s+", " ", page.text)
    assert "without having seen gold" not in text
    assert "No source’s accuracy is read from gold; development gold may set the class balance" in text
    assert text.count("dev³") == 2 * 2  # two label models, two applications
    assert "³ Optimistic: sources were written, and hyperparameters chosen, with the development split in view." in text
    assert "over 3 trials (seeds)" in text


def test_every_supervision_is_named_in_every_application(page: Page) -> None:
    for name in ("Gold (dev)", "Majority vote", "MeTaL"):
        assert page.text.count(name) >= 2 * 3  # the table, the differences, the confusion matrix


def test_figures_are_described_for_those_who_do_not_see_them(page: Page) -> None:
    drawings = [attributes for tag, attributes in page.tags if tag == "svg"]
    # An application: accuracies, three reliability diagrams, curves, estimates, conflicts, dependencies.
    assert len(drawings) == 2 * 8
    assert all(drawing.get("role") == "img" and drawing.get("aria-label") for drawing in drawings)
    labels = [str(drawing["aria-label"]) for drawing in drawings]
    assert any("MeTaL 80.0" in label for label in labels)
    assert any("growls and purrs" in label for label in labels)


def test_figures_follow_the_theme(html: str) -> None:
    for drawing in re.findall(r"<svg.*?</svg>", html, flags=re.DOTALL):
        fixed = set(re.findall(r"(?:fill|stroke): (#[0-9a-f]{6})", drawing))
        assert fixed == set(), "a colour that does not come from the page"
    assert "prefers-color-scheme: dark" in html
    used = set(re.findall(r"var\((--[a-z-]+)", html))
    defined = set(re.findall(r"(--[a-z-]+):", html))
    assert used <= defined


def test_figures_are_xml(html: str) -> None:
    for drawing in re.findall(r"<svg.*?</svg>", html, flags=re.DOTALL):
        ElementTree.fromstring(drawing)


def test_tables_have_heads(page: Page) -> None:
    scopes = [attributes.get("scope") for tag, attributes in page.tags if tag == "th"]
    assert scopes
    assert all(scope in ("col", "row") for scope in scopes)


def test_machine_paths_and_dates_do_not_enter(html: str, tmp_path: Path) -> None:
    assert str(tmp_path.parent) not in html
    assert not re.search(r"20\d\d-\d\d-\d\dT", html)


@pytest.mark.parametrize(
    ("low", "high", "test_low", "test_high", "said"),
    [
        (0.01, 0.03, 0.005, 0.04, "a difference"),
        (-0.03, -0.01, -0.04, -0.005, "a difference"),
        (0.01, 0.03, -0.01, 0.05, "a difference on this test split; another split might not show it"),
        (-0.01, 0.03, 0.01, 0.05, "no difference to be seen"),
        (float("nan"), float("nan"), 0.01, 0.05, "a single trial: nothing to conclude"),
    ],
)
def test_reading_of_a_difference(low: float, high: float, test_low: float, test_high: float, said: str) -> None:
    assert reading({"low": low, "high": high, "test_low": test_low, "test_high": test_high}) == said


def test_verdict_tells_the_order_as_it_is() -> None:
    scores = {
        "majority_vote": {"end": Score(0.84, 0.83, 0.85, 10)},
        "metal": {"end": Score(0.82, 0.81, 0.83, 10)},
    }
    # Written as metal minus majority vote: here majority vote leads.
    row = {"first": "metal", "second": "majority_vote", "difference": -0.02}
    row |= {"low": -0.03, "high": -0.01, "test_low": -0.04, "test_high": 0.01}
    assert verdict(scores, pd.DataFrame([row])) == (
        "The end model trained on Majority vote labels gets 84.0 ± 1.0% of the test examples right: "
        "2.0 points above MeTaL."
    )
    noisy = pd.DataFrame([row | {"high": 0.01}])
    assert verdict(scores, noisy).endswith("2.0 points above MeTaL (within the noise of training).")
