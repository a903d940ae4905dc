"""Coarse sources: is the report acute at all? They read manner and context rather than findings."""

from __future__ import annotations

from metal.applications.report.dictionaries import (
    ADVICE,
    CHANGE,
    CHRONIC_WORDS,
    GRAVE_WORDS,
    PLACE_OR_DEGREE,
    SICK,
    URGENT_WORDS,
)
from metal.applications.report.triage import TRIAGE
from metal.applications.report.view import Report
from metal.sources import Source, Vote, labeling_function
from metal.tasks import NOT_APPLICABLE

ACUTE, NON_ACUTE = "Acute", "Non-Acute"
EMERGENT_REPORT = ("Acute", "Emergent", NOT_APPLICABLE)
URGENT_REPORT = ("Acute", "Urgent", NOT_APPLICABLE)
NON_URGENT_REPORT = ("Non-Acute", NOT_APPLICABLE, "Non-Urgent")
LONG, OFTEN = 60, 4


@labeling_function(tasks="acuity", labels=[NON_ACUTE])
def clear_verdict(report: Report) -> Vote | None:
    """An impression that denies acute disease and raises nothing of its own is not acute."""
    return NON_ACUTE if report.impression.denied and not report.impression.raised else None


@labeling_function(tasks="acuity", labels=[ACUTE])
def advice_given(report: Report) -> Vote | None:
    """Who asks for a follow-up, a CT or a telephone call has found something acute."""
    return ACUTE if report.raises(ADVICE) else None


@labeling_function(tasks="acuity", labels=[ACUTE])
def change_reported(report: Report) -> Vote | None:
    """What is new, worse or superimposed is acute."""
    return ACUTE if report.affirms(CHANGE) else None


@labeling_function(tasks="acuity", labels=[ACUTE])
def doubt_expressed(report: Report) -> Vote | None:
    """Radiologists hedge about acute disease; of old and normal things they are sure."""
    return ACUTE if any(clause.polarity == "suspected" for clause in report.body.clauses) else None


@labeling_function(tasks="acuity", labels=[ACUTE])
def many_words(report: Report) -> Vote | None:
    """Acute findings take many words."""
    return ACUTE if len(report.body.text.split()) > LONG else None


@labeling_function(tasks="acuity", labels=[ACUTE])
def many_places(report: Report) -> Vote | None:
    """A report that keeps naming sides, lobes and degrees describes acute disease."""
    return ACUTE if len(PLACE_OR_DEGREE.findall(report.body.raised)) > OFTEN else None


@labeling_function(tasks="acuity", labels=[ACUTE])
def sick_patient(report: Report) -> Vote | None:
    """Patients sent for respiratory distress, cancer or a line have acute findings more often than others."""
    return ACUTE if SICK.search(report.indication.text) else None


@labeling_function(tasks=TRIAGE.names, labels=[EMERGENT_REPORT, URGENT_REPORT, NON_URGENT_REPORT])
def worst_in_impression(report: Report) -> Vote | None:
    """The worst word that the impression raises decides, by three short lists."""
    raised = report.impression.raised
    if GRAVE_WORDS.search(raised):
        return EMERGENT_REPORT
    return URGENT_REPORT if URGENT_WORDS.search(raised) else NON_URGENT_REPORT if CHRONIC_WORDS.search(raised) else None


COARSE: tuple[Source[Report], ...] = (
    clear_verdict,
    advice_given,
    change_reported,
    doubt_expressed,
    many_words,
    many_places,
    sick_patient,
    worst_in_impression,
)
