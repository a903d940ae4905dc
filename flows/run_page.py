"""What Prefect's page of a run shows beside the stages: results, validations, verdicts of gates, links (artifacts)."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from prefect.artifacts import create_link_artifact, create_markdown_artifact, create_table_artifact

from flows.artifacts import RESULTS, Paths, read_json
from flows.comparison import NAMES, Comparison, compare, in_order, percent

KEPT_PAGES = 50
"""Of how many runs, the latest, the pages are kept."""


def post_stage(root: Path, stage: str) -> None:
    """Show what a stage found: of a validation, also of one that failed, and of a gate. Nothing for other stages."""
    kind, _, application = stage.partition("@")
    paths = Paths(root, application)
    if kind == "validate":
        folder = next((at for at in validations(paths) if (at / "summary.json").is_file()), None)
        if folder is not None:
            create_markdown_artifact(validation_markdown(read_json(folder / "summary.json")), key(stage))
    elif kind == "gate" and (paths.gate / "report.txt").is_file():
        text = (paths.gate / "report.txt").read_text(encoding="utf-8")
        verdict = read_json(paths.gate / "report.json")["verdict"]
        create_markdown_artifact(f"## Gate of {application}: {verdict}\n\n```\n{text.rstrip()}\n```", key(stage))


def validations(paths: Paths) -> tuple[Path, Path]:
    """Return where a validation's pages lie: those of one that passed, and those of any."""
    return paths.validation, paths.scratch("validation")


def validation_markdown(summary: Mapping[str, Any]) -> str:
    """Return the summary of a validation: verdict, rows, and every failure with what to do about it."""
    failures = summary["failures"]
    verdict = "passed" if summary["success"] else f"{len(failures)} failures"
    rows = ", ".join(f"{split} {count:,}" for split, count in summary["rows"].items())
    lines = [
        f"## Validation of {summary['application']}: {verdict}",
        "",
        f"{summary['expectations']} expectations over {len(summary['sources'])} sources; rows: {rows}.",
    ]
    if failures:
        lines += ["", "| severity | what | expected | observed | remedy |", "|---|---|---|---|---|"]
        for found in failures:
            cells = (
                found["severity"],
                f"{found['subject']}: {found['statement']}",
                found["bound"],
                found["observed"],
                found["remedy"],
            )
            lines.append(f"| {' | '.join(cell(text) for text in cells)} |")
    return "\n".join(lines)


def cell(text: str) -> str:
    """Return text as it may stand in a table of Markdown."""
    return " ".join(str(text).split()).replace("|", "\\|")


def post_results(root: Path, applications: Sequence[str]) -> None:
    """Show the comparison of the applications that were evaluated, be it that others failed."""
    compared = read_comparison(root, applications)
    if compared:
        create_table_artifact(results_table(compared), "results", description=results_description(compared))


def read_comparison(root: Path, applications: Sequence[str]) -> Comparison:
    """Read the results of the applications that have any."""
    import pandas as pd

    files = [Paths(root, name).evaluation / "trials.csv" for name in applications]
    tables = [pd.read_csv(file) for file in files if file.is_file()]
    return compare(pd.concat(tables, ignore_index=True)) if tables else {}


def results_table(compared: Comparison) -> list[dict[str, str | int]]:
    """Return a row an application and supervision, accuracies in percent."""
    return [
        {
            "application": application,
            "supervision": NAMES.get(name, name),
            "label model alone": percent(supervisions[name].get("label")),
            "end model": percent(supervisions[name]["end"]),
            "trials": supervisions[name]["end"].trials,
        }
        for application, supervisions in compared.items()
        for name in in_order(supervisions)
    ]


def results_description(compared: Comparison) -> str:
    """Say what the numbers of the table are."""
    return (
        f"{', '.join(compared)}: test accuracy over whole label vectors, %, mean ± half of the 95% interval over trials"
    )


def keep_pages(root: Path, applications: Sequence[str], folder: Path) -> list[Path]:
    """Copy the report and the validations' pages out of a working copy; return them, relative to `folder`'s parent."""
    pages = []
    if (root / RESULTS / "report.html").is_file():
        folder.mkdir(parents=True, exist_ok=True)
        pages.append(Path(shutil.copy(root / RESULTS / "report.html", folder)))
    for application in applications:
        found = next((at for at in validations(Paths(root, application)) if (at / "index.html").is_file()), None)
        if found is not None:
            shutil.copytree(found, folder / f"validation-{application}", dirs_exist_ok=True)
            pages.append(folder / f"validation-{application}" / "index.html")
    forget_pages(folder.parent)
    return [page.relative_to(folder.parent) for page in pages]


def forget_pages(folder: Path) -> None:
    """Remove the pages of all runs but the latest."""
    kept = sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime) if folder.is_dir() else []
    for old in kept[:-KEPT_PAGES]:
        shutil.rmtree(old, ignore_errors=True)


def post_links(links: Mapping[str, str]) -> None:
    """Show links by what they lead to."""
    for text, address in links.items():
        create_link_artifact(address, link_text=text, key=key(text))


def key(text: str) -> str:
    """Return text as the key of an artifact: lower-case letters, digits and dashes."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
