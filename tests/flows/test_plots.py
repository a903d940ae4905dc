"""The pages of `dvc plots` need no network: the template's scripts lie beside it, and are fetched once."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest
from dvc.repo import Repo

from flows import plots
from flows.fetch import FetchError
from tests.flows.browser import needs_browser, open_offline
from tests.local_imports import ROOT


def template() -> Path:
    with Repo(str(ROOT)) as repo:
        return Path(str(repo.dvc_dir)) / str(repo.config["plots"]["html_template"])


def test_the_template_takes_nothing_from_the_network() -> None:
    html = template().read_text(encoding="utf-8")
    assert "{plot_divs}" in html
    assert "{scripts}" not in html  # DVC's own, from a content delivery network
    assert "//" not in re.sub(r"<!--.*?-->", "", html, flags=re.DOTALL)
    assert re.findall(r'src="([^"]+)"', html) == list(plots.SCRIPTS)


def test_fetches_what_is_missing_or_damaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    contents = {member: f"// {name}\n".encode() for name, (member, _) in plots.SCRIPTS.items()}
    scripts = {
        name: (member, hashlib.sha256(contents[member]).hexdigest()) for name, (member, _) in plots.SCRIPTS.items()
    }
    fetched: list[str] = []

    def fetch(requirement: str, member: str, target: Path, sha256: str) -> None:
        fetched.append(target.name)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(contents[member.rpartition("/")[2]])

    monkeypatch.setattr(plots, "SCRIPTS", scripts)
    monkeypatch.setattr(plots, "fetch_from_wheel", fetch)

    plots.fetch_scripts(tmp_path)
    assert fetched == ["vega.js", "vega-lite.js", "vega-embed.js"]
    (tmp_path / "vega-lite.js").write_text("half of")
    plots.fetch_scripts(tmp_path)
    assert fetched[3:] == ["vega-lite.js"]


@needs_browser
def test_says_what_to_do_where_the_scripts_are_missing(tmp_path: Path) -> None:
    page = tmp_path / "index.html"
    page.write_text(template().read_text(encoding="utf-8").replace("{plot_divs}", "<script>vegaEmbed('#x')</script>"))

    seen = open_offline(page, tmp_path / "browser")

    assert re.search(r'<p id="missing">.*?python -m flows.plots', seen, flags=re.DOTALL)


@pytest.mark.slow
@needs_browser
def test_the_published_scripts_draw_offline(tmp_path: Path) -> None:
    try:
        plots.fetch_scripts(tmp_path)
    except FetchError as error:
        pytest.skip(f"no package index: {error}")
    plot = """<div id="plot"><script>
    vegaEmbed('#plot', {"$schema": "https://vega.github.io/schema/vega-lite/v5.json", "data": {"values": [{"x": 1}]},
      "mark": "point", "encoding": {"x": {"field": "x", "type": "quantitative", "title": "an axis"}}},
      {renderer: "svg"});</script></div>"""
    page = tmp_path / "index.html"
    page.write_text(template().read_text(encoding="utf-8").replace("{plot_divs}", plot))

    seen = open_offline(page, tmp_path / "browser")

    assert '<p id="missing" hidden="">' in seen
    assert "an axis</text>" in seen
