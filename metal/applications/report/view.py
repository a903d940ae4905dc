"""What the sources see of a report: its sections, split into clauses that affirm, deny or only suspect.

The view is computed once a report and shared by all sources. It follows NegEx (Chapman et al., "A Simple
Algorithm for Identifying Negated Findings and Diseases in Discharge Summaries", 2001): trigger phrases
open a scope that runs to the end of the clause. "No effusion, but mild edema" denies the effusion and
affirms the edema; "opacity, possibly pneumonia" affirms the opacity and suspects the pneumonia.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from metal.application import Row

Polarity = Literal["affirmed", "suspected", "denied"]

PSEUDO_NEGATION = re.compile(r"\b(?:no|without|not)\s(?:\w+\s){0,2}?(?:change[sd]?|increase[ds]?|interval\s\w+|only)\b")
"""Phrases that open with a negation and deny nothing: "no significant change in the effusion"."""

SENTENCE_END = re.compile(r"[.;:?!]+(?=\s|$)|\s*\n\s*|(?<=[.\s])\d{1,2}\.(?=\s)|\.(?=[a-z])")
"""Ends of sentences, and the numbers of a list; the point of 1.9 cm is neither."""

CLAUSE_BREAK = re.compile(
    r",?\s\b(?:but|however|although|though|except|aside\sfrom|apart\sfrom|other\sthan|which|while|whereas)\b"
    r"|,\s(?:and\s)?(?=(?:there\s(?:is|are|has|have)|the|a|an|mild|mildly|minimal|stable)\b)"
    r"|\sand\s(?=(?:there\s(?:is|are)|the)\b)"
)
"""Where the scope of a negation or of a doubt ends inside a sentence."""

DENIAL_BEFORE = re.compile(
    r"\b(?:no|not|nor|neither|without|w/o|negative\sfor|free\sof|clear\sof|absence\sof|absent|lack\sof|"
    r"rather\sthan|resolution\sof|resolved|removal\sof|removed|interval\sclearing|cleared|never|ruled?\sout)\b"
)
"""Triggers that deny what follows them in the clause."""

DENIAL_AFTER = re.compile(
    r"\b(?:(?:is|are|was|were|has|have)\s(?:been\s)?(?:\w+ly\s)?"
    r"(?:not|absent|resolved|removed|cleared|unremarkable|excluded)\b"
    r"|within\s(?:normal\slimits|limits\sof\snormal)"
    r"|(?:has|have)\s(?:\w+ly\s)?(?:resolved|cleared)|unlikely|less\slikely)"
)
"""Triggers that deny what precedes them in the clause."""

DOUBT_BEFORE = re.compile(
    r"\b(?:may|might|could|cannot|possibl[ey]|possibility|question(?:able)?|probabl[ey]|suspect(?:ed)?|suspicio(?:us|n)|"
    r"concern(?:ing)?|suggest(?:s|ing|ive)?|likely|versus|vs|differential|either|exclude|if|"
    r"history\sof|(?:to|for|further)\s(?:better\s)?evaluat(?:e|ion))\b"
)
"""Triggers that leave what follows them in doubt."""

STUB = re.compile(r"(?:\w+\s){0,3}(?:is|are|was|were|has|have|shows?|demonstrates?|remains?)")
"""What stands before a denial and says nothing by itself: "there is" no effusion, "lungs are" free of disease."""


@dataclass(frozen=True)
class Clause:
    """A stretch of a sentence with one polarity."""

    text: str
    polarity: Polarity


@dataclass(frozen=True)
class Section:
    """A section of a report in lower case, white space collapsed, and its clauses in order."""

    text: str
    clauses: tuple[Clause, ...]

    @classmethod
    def parse(cls, text: str) -> Section:
        """Normalise a section's text and split it into clauses."""
        lowered = re.sub(r"\s+", " ", text.lower()).strip()
        return cls(lowered, tuple(clause for sentence in sentences(lowered) for clause in clauses(sentence)))

    @cached_property
    def affirmed(self) -> str:
        """What the section states: its affirmed clauses, one a line."""
        return self._joined("affirmed")

    @cached_property
    def raised(self) -> str:
        """What the section states or suspects, one clause a line."""
        return self._joined("affirmed", "suspected")

    @cached_property
    def denied(self) -> str:
        """What the section rules out, one clause a line."""
        return self._joined("denied")

    def _joined(self, *polarities: Polarity) -> str:
        return "\n".join(clause.text for clause in self.clauses if clause.polarity in polarities)


@dataclass(frozen=True)
class Report:
    """A radiology report as the sources see it; `body` is findings and impression together."""

    indication: Section
    findings: Section
    impression: Section
    body: Section

    def affirms(self, pattern: re.Pattern[str]) -> bool:
        """Say whether the body states what the pattern describes, neither denied nor in doubt."""
        return pattern.search(self.body.affirmed) is not None

    def raises(self, pattern: re.Pattern[str]) -> bool:
        """Say whether the body states or suspects what the pattern describes."""
        return pattern.search(self.body.raised) is not None


def sentences(text: str) -> list[str]:
    """Split normalised text into sentences, without their closing points and list numbers."""
    return [part.strip(" ,") for part in SENTENCE_END.split(f" {text}") if part.strip(" ,")]


def clauses(sentence: str) -> Iterator[Clause]:
    """Split a sentence into clauses of one polarity each, in order."""
    for part in CLAUSE_BREAK.split(PSEUDO_NEGATION.sub("unchanged", sentence)):
        text = part.strip(" ,")
        after, before = DENIAL_AFTER.search(text), DENIAL_BEFORE.search(text)
        if after and (before is None or after.start() <= before.start()):
            yield Clause(text, "denied")
            continue
        stated, denied = (text[: before.start()], text[before.start() :]) if before else (text, "")
        if STUB.fullmatch(stated.strip()):
            stated, denied = "", text
        doubt = DOUBT_BEFORE.search(stated)
        certain, suspected = (stated[: doubt.start()], stated[doubt.start() :]) if doubt else (stated, "")
        spans: tuple[tuple[str, Polarity], ...] = ((certain, "affirmed"), (suspected, "suspected"), (denied, "denied"))
        for span, polarity in spans:
            if span.strip(" ,"):
                yield Clause(span.strip(" ,"), polarity)


def view(row: Row) -> Report:
    """Turn a row of the corpus into a report; a missing section is an empty one."""
    indication, findings, impression = (
        Section.parse(string(row.get(column))) for column in ("indication", "findings", "impression")
    )
    body = Section(f"{findings.text} {impression.text}".strip(), (*findings.clauses, *impression.clauses))
    return Report(indication, findings, impression, body)


def text(row: Row) -> str:
    """Turn a row of the corpus into what the end model reads: findings, then impression."""
    return " ".join(part for part in (string(row.get("findings")), string(row.get("impression"))) if part)


def string(value: Any) -> str:
    """Return a cell as text; a missing cell (None, NaN) is empty."""
    return value if isinstance(value, str) else ""
