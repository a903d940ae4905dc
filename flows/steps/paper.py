"""Paper: section 5 of Ratner et al. from the results at hand: tables as CSV and Markdown, and one page with all."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from flows import artifacts, cli, paper_figures, paper_results
from flows.artifacts import RESULTS, Paths
from flows.config import Config
from flows.report_page import page
from flows.studies import STUDIES, UNDETERMINED

FOLDER = RESULTS / "paper"


def paper(root: Path, applications: Sequence[str], studies: Sequence[str]) -> None:
    """Write table1.md, the tables behind every figure, and paper.html into data/results/paper.

    Raises ArtifactError where an application's results or a study's scores are missing.
    """
    results = pd.concat(
        [pd.read_csv(artifacts.existing(Paths(root, name).evaluation / "trials.csv")) for name in applications]
    )
    found, reasons = outcomes(root, applications, studies)
    parts = paper_results.blocks(results)
    chapters: list[dict[str, Any]] = [
        {"name": name, "corpus": corpus, "real": block.real}
        | {
            "scaling": paper_results.scaling(results, found, name),
            "ablations": paper_results.ablations(results, found, name, undetermined=reasons[name]),
            "undetermined": [(STUDIES[study].title, reason) for study, reason in reasons[name].items()],
            "gains": paper_results.gains(block.comparison, name),
            "subtasks": paper_results.subtasks(results, name),
        }
        for block in parts
        for name, corpus in block.corpora.items()
    ]
    out = root / FOLDER
    for chapter in chapters:
        for kind in ("scaling", "ablations", "gains", "subtasks"):
            content = chapter[kind].to_csv(index=False, lineterminator="\n")
            artifacts.write_text(out / f"{kind}_{chapter['name']}.csv", content)
    artifacts.write_text(out / "table1.md", markdown(parts))
    artifacts.write_text(
        out / "paper.html", page("paper.html", blocks=[shown(b) for b in parts], chapters=drawn(chapters))
    )


def outcomes(
    root: Path, applications: Sequence[str], studies: Sequence[str]
) -> tuple[pd.DataFrame, dict[str, dict[str, str]]]:
    """Return the scores of all studies, and by application why each of the others has none.

    Raises ArtifactError where a study left neither.
    """
    scores = [pd.DataFrame(columns=["application", "study", "model", "seed", "n_train", "micro_accuracy"])]
    reasons: dict[str, dict[str, str]] = {name: {} for name in applications}
    for name in applications:
        for study in studies:
            folder = Paths(root, name).study(study)
            if (folder / UNDETERMINED).exists():
                reasons[name][study] = str(artifacts.read_json(folder / UNDETERMINED)["reason"])
            else:
                scores.append(pd.read_csv(artifacts.existing(folder / "scores.csv")))
    return pd.concat(scores[1:] or scores), reasons


def shown(block: paper_results.Block) -> dict[str, object]:
    """Return what the page shows of Table 1 for one kind of corpus."""
    return {
        "title": block.title,
        "comparable": block.comparable,
        "corpora": block.corpora,
        "measured": paper_results.table1(block),
        "papers": paper_results.papers_table1(block),
    }


def drawn(chapters: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the chapters with their figures."""
    figures = {"scaling": paper_figures.scaling, "ablations": paper_figures.ablations, "gains": paper_figures.gains}
    return [
        chapter | {f"{kind}_figure": draw(chapter[kind], chapter["name"]) for kind, draw in figures.items()}
        for chapter in chapters
    ]


def markdown(parts: Sequence[paper_results.Block]) -> str:
    """Return Table 1 as Markdown, real and invented corpora apart, with the paper's numbers in a block of their own."""
    lines = []
    for block in parts:
        corpora = ", ".join(f"{name} on {corpus}" for name, corpus in block.corpora.items())
        lines += [f"## {block.title} ({corpora})", ""]
        lines += [rows(paper_results.table1(block)), ""]
        if block.comparable:
            lines += ["The paper's, on its own corpora and splits:", "", rows(paper_results.papers_table1(block)), ""]
    lines.append(
        "End-model micro accuracy over whole label vectors, in percent; mean ± half of the 95% interval over trials."
    )
    return "\n".join(lines) + "\n"


def rows(table: pd.DataFrame) -> str:
    """Return a table of text in Markdown."""
    head = f"| {' | '.join(table.columns)} |\n|{'---|' + '---:|' * (len(table.columns) - 1)}\n"
    return head + "\n".join(f"| {' | '.join(map(str, row))} |" for row in table.itertuples(index=False))


def step(arguments: argparse.Namespace, config: Config) -> None:
    """Put together what the configuration's applications and studies left."""
    paper(Path(), config.applications, config.paper.studies)


def main() -> None:
    """Run the step from the command line."""
    cli.run(step, application=False, description="Write the paper's tables and figures from all results.")


if __name__ == "__main__":
    main()
