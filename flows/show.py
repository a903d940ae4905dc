"""Show the comparison in the terminal: `python -m flows.show [--seconds N]`, as `make repro` does."""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterable, Mapping
from pathlib import Path

from flows.artifacts import RESULTS, existing, read_json
from flows.cli import plain_errors
from flows.comparison import NAMES, Comparison, Measured, from_json, in_order, measured_on, percent


def table(comparison: Comparison, measured: Mapping[str, Measured]) -> str:
    """Return the comparison as text of aligned columns; applications on invented text come last."""
    lines: list[str] = []
    for application in sorted(comparison, key=lambda name: measured[name].synthetic):
        supervisions, on = comparison[application], measured[application]
        paper = on.paper
        trials = max(models["end"].trials for models in supervisions.values())
        header = ["", "label model alone", "end model", *(["paper (own split)"] if paper else [])]
        rows = [
            [
                NAMES.get(name, name),
                percent(supervisions[name].get("label")),
                percent(supervisions[name]["end"]),
                *([percent(paper.get(name))] if paper else []),
            ]
            for name in in_order(supervisions)
        ]
        widths = [max(len(row[i]) for row in [header, *rows]) for i in range(len(header))]

        def line(row: list[str], widths: list[int] = widths) -> str:
            return "  ".join(
                [row[0].ljust(widths[0]), *(cell.rjust(w) for cell, w in zip(row[1:], widths[1:], strict=True))]
            )

        unit = "1 trial" if trials == 1 else f"{trials} trials"
        lines += on.remarks
        lines += [f"{on.title}: test accuracy over {on.over}, %, mean ± 95% interval over {unit}", ""]
        lines += [line(header), "  ".join("─" * width for width in widths), *map(line, rows), ""]
    return "\n".join(lines)


def duration(seconds: float) -> str:
    """Return seconds as people say them: `8 s`, `12 min 5 s`."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def show(root: Path, seconds: float | None = None) -> str:
    """Return what the main job shows of its results. Raises ArtifactError if there are no results yet."""
    comparison = from_json(read_json(root / RESULTS / "table1.json"))
    with existing(root / RESULTS / "results.csv").open(encoding="utf-8", newline="") as rows:
        lines = [table(comparison, measured_on(csv.DictReader(rows)))]
    if seconds is not None:
        lines.append(f"Time     {duration(seconds)}")
    lines.append(f"Report   {RESULTS / 'report.html'}")
    return "\n".join(lines)


def compared(links: Iterable[str], served: bool) -> str:
    """Return the last line of the main job, one for each application: where MLflow shows the runs side by side."""
    return "\n".join(f"MLflow   {link}" + ("" if served else "   (served by: make mlflow)") for link in links)


def main() -> None:
    """Print the comparison, or say why there is none."""
    parser = argparse.ArgumentParser(prog="python -m flows.show", description="Show the comparison of supervisions.")
    parser.add_argument("--seconds", type=float, help="wall time of the run, to be shown with it")
    arguments = parser.parse_args()
    with plain_errors():
        print(show(Path(), arguments.seconds))


if __name__ == "__main__":
    main()
