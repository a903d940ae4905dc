"""What the benchmarks write: a table as markdown and CSV, and the goals with what was found."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

Row = Mapping[str, str]


@dataclass(frozen=True)
class Goal:
    """A stated goal and what was measured; `met` None where it was not measured."""

    text: str
    found: str
    met: bool | None

    def __str__(self) -> str:
        verdict = "not measured" if self.met is None else "met" if self.met else "NOT met"
        return f"- {verdict}: {self.text} ({self.found})"


def markdown(rows: Sequence[Row]) -> str:
    """Return rows of the same keys as a markdown table."""
    names = list(rows[0])
    cells = [names, *([row[name] for name in names] for row in rows)]
    widths = [max(len(line[i]) for line in cells) for i in range(len(names))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |" for line in cells
    ]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def write_report(folder: Path, name: str, rows: Sequence[Row], goals: Sequence[Goal], notes: Sequence[str]) -> str:
    """Write NAME.md and NAME.csv to the folder; return the markdown."""
    text = "\n\n".join([markdown(rows), "\n".join(str(goal) for goal in goals), *notes]) + "\n"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.md").write_text(text, encoding="utf-8")
    with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as handle:
        writer = csv.DictWriter(handle, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return text
