"""The outcome of the identifiability check: a verdict, names, findings and remedies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any


@dataclass(frozen=True)
class IdentifiabilityReport:
    """The outcome of the check.

    identifiable : whether every source's parameters are determined, and the balance where that is not known
    evidence : what of the votes was used: "moments" between groups, or the "likelihood"
    undetermined : names of the sources whose parameters are not
    components : the sources of each sign component; each needs one source better than chance, its anchor
    findings : what was found, in words with names
    remedies : what would mend it
    notes : what the reader should know though it does not stop anything
    rank : the generic rank that decided, and the number of parameters; None where another rule did
    weak : names of the sources that the structure determines but these votes do not, where votes were given
    """

    identifiable: bool
    parameterisation: str
    groups: tuple[tuple[str, ...], ...]
    undetermined: tuple[str, ...]
    components: tuple[tuple[str, ...], ...]
    findings: tuple[str, ...] = ()
    remedies: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    weak: tuple[str, ...] = ()
    counts: dict[str, int] = field(default_factory=dict)
    evidence: str = "moments"
    rank: tuple[int, int] | None = None

    @classmethod
    def joined(cls, parts: Sequence[IdentifiabilityReport]) -> IdentifiabilityReport:
        """Return the reports on tasks that nothing ties together as one on all of them; the only one as it is."""
        if len(parts) == 1:
            return parts[0]
        ranks = [part.rank for part in parts if part.rank is not None]
        return replace(
            parts[0],
            identifiable=all(part.identifiable for part in parts),
            rank=(sum(a for a, _ in ranks), sum(b for _, b in ranks)) if len(ranks) == len(parts) else None,
            counts={key: sum(part.counts[key] for part in parts) for key in parts[0].counts},
            groups=tuple(chain(*(part.groups for part in parts))),
            undetermined=tuple(chain(*(part.undetermined for part in parts))),
            components=tuple(chain(*(part.components for part in parts))),
            findings=tuple(chain(*(part.findings for part in parts))),
            remedies=tuple(chain(*(part.remedies for part in parts))),
            notes=tuple(chain(*(part.notes for part in parts))),
            weak=tuple(chain(*(part.weak for part in parts))),
        )

    def prefixed(self, tasks: str) -> IdentifiabilityReport:
        """Return the report with every sentence of it said to be of the named tasks."""

        def said(entries: tuple[str, ...]) -> tuple[str, ...]:
            return tuple(f"{tasks}: {entry}" for entry in entries)

        return replace(self, findings=said(self.findings), remedies=said(self.remedies), notes=said(self.notes))

    def __bool__(self) -> bool:
        """Say whether every source's parameters are determined, so that `if report` asks what it seems to ask."""
        return self.identifiable

    def explain(self) -> str:
        """Return the report as text."""
        what = "accuracies are" if self.identifiable or self.undetermined else "class balance is"
        rank = "" if self.rank is None else f", rank {self.rank[0]} of {self.rank[1]}"
        lines = [
            f"The {what} {'' if self.identifiable else 'NOT '}determined by the {self.evidence} "
            f"({self.parameterisation} parameterisation{rank}): {self.counts.get('sources', 0)} sources, "
            f"{self.counts.get('votes', 0)} kinds of votes, {len(self.groups)} groups, "
            f"{len(self.components)} sign component{'' if len(self.components) == 1 else 's'}."
        ]
        for title, entries in (("Found", self.findings), ("Remedy", self.remedies), ("Note", self.notes)):
            lines += [f"{title}: {entry}" for entry in entries]
        if self.weak:
            lines.append(
                f"Weak: too few votes to tell the accuracies of {list(self.weak)} from chance: none of their votes is "
                "significantly correlated (|z| > 3) with votes of two other groups that are with each other"
            )
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain data for JSON."""
        return {
            "identifiable": self.identifiable,
            "parameterisation": self.parameterisation,
            "evidence": self.evidence,
            "rank": None if self.rank is None else list(self.rank),
            "groups": [list(group) for group in self.groups],
            "undetermined": list(self.undetermined),
            "components": [list(component) for component in self.components],
            "findings": list(self.findings),
            "remedies": list(self.remedies),
            "notes": list(self.notes),
            "weak": list(self.weak),
            "counts": dict(self.counts),
        }
