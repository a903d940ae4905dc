"""Great Expectations' pages without network: nothing is loaded from it, the index leads to every page."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest

from flows.validation import run_suites
from flows.validation_suites import Expected, Suite
from tests.flows.browser import needs_browser, open_offline


class Loaded(HTMLParser):
    """What a page names: addresses that it loads by itself, and links for people."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.links: list[str] = []
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = [value for name, value in attrs if name in ("src", "href") and value]
        (self.links if tag == "a" else self.loads).extend(named)


@pytest.fixture(scope="module")
def docs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two suites of one expectation and of two; one of these does not hold."""
    folder = tmp_path_factory.mktemp("docs")

    def between(column: str, most: int) -> Expected:
        arguments = {"column": column, "min_value": 0, "max_value": most}
        return Expected("ExpectColumnValuesToBeBetween", column, "values", f"{most}", "mend", "values", arguments)

    ages, more = pd.DataFrame({"age": [1, 2, 3]}), pd.DataFrame({"height": [5, 6], "weight": [7, 80]})
    suites = [
        Suite("ages_train", ages, (), (between("age", 3),)),
        Suite("more_test", more, (), (between("height", 9), between("weight", 9))),
    ]
    assert [[bool(r.success) for r in results] for results in run_suites(suites, folder)] == [[True], [True, False]]
    return folder


def test_no_page_loads_anything_from_elsewhere(docs: Path) -> None:
    pages = list(docs.rglob("*.html"))
    assert len(pages) == 1 + 2 + 2  # the index, and for each suite what it expects and what was found
    for page in pages:
        assert not [address for address in Loaded(page).loads if re.match("(https?:)?//", address)], page


def test_the_index_says_what_holds_and_leads_to_every_page(docs: Path) -> None:
    index = docs / "index.html"
    text = re.sub(r"<[^>]+>|\s+", " ", index.read_text(encoding="utf-8"))
    assert re.search(r"ages_train\s+1 of 1\s", text)
    assert re.search(r"more_test\s+1 of 2\s", text)
    linked = {(docs / link).resolve() for link in Loaded(index).links}
    assert linked == {page.resolve() for page in docs.rglob("*.html")} - {index.resolve()}


@needs_browser
def test_what_was_found_can_be_read_in_a_browser_without_network(docs: Path, tmp_path: Path) -> None:
    [page] = (docs / "validations" / "more_test").rglob("*.html")
    seen = open_offline(page, tmp_path)
    assert "Failed" in seen
    assert "weight" in seen
    assert "80" in seen
    assert "ages_train" in open_offline(docs / "index.html", tmp_path)
