"""Fine sources for reports that are not acute: the marks of age and old disease, or nothing at all."""

from __future__ import annotations

from metal.applications.report.dictionaries import (
    AGE,
    ALARM,
    ATELECTASIS,
    CURVED_SPINE,
    DESCRIPTION,
    GRANULOMA,
    HARD_AORTA,
    HERNIA,
    LARGE_HEART,
    LARGE_LUNGS,
    NORMAL,
    OLD_MARK,
    PLACE_OR_DEGREE,
    WORN_SPINE,
)
from metal.applications.report.view import Report
from metal.sources import Source, Vote, labeling_function

NORMAL_CHEST, NON_URGENT = "Normal", "Non-Urgent"
MOST = 0.7
NON_ACUTE_NORMAL, NON_ACUTE_NON_URGENT = ("Non-Acute", NORMAL_CHEST), ("Non-Acute", NON_URGENT)


def calm(report: Report) -> bool:
    """Say whether a report affirms nothing alarming; only then does an old finding decide it."""
    return not report.affirms(ALARM)


@labeling_function(tasks="non_acute", labels=[NON_URGENT])
def worn_spine(report: Report) -> Vote | None:
    """Degenerative joints and discs come with age and can wait."""
    return NON_URGENT if report.affirms(WORN_SPINE) and calm(report) else None


@labeling_function(tasks="non_acute", labels=[NON_URGENT])
def curved_spine(report: Report) -> Vote | None:
    """A curved, wedged or thinned spine can wait."""
    return NON_URGENT if report.affirms(CURVED_SPINE) and calm(report) else None


@labeling_function(tasks="non_acute", labels=[NON_URGENT])
def hard_aorta(report: Report) -> Vote | None:
    """A tortuous or calcified aorta can wait."""
    return NON_URGENT if report.affirms(HARD_AORTA) and calm(report) else None


@labeling_function(tasks="non_acute", labels=[NON_URGENT])
def old_granuloma(report: Report) -> Vote | None:
    """A granuloma or calcified node tells of an infection long over."""
    return NON_URGENT if report.affirms(GRANULOMA) and calm(report) else None


@labeling_function(tasks="non_acute", labels=[NON_URGENT])
def old_mark(report: Report) -> Vote | None:
    """Scars, thickened pleura and nodules are followed up, not rushed."""
    return NON_URGENT if report.affirms(OLD_MARK) and calm(report) else None


@labeling_function(tasks="non_acute", labels=[NON_URGENT])
def large_lungs(report: Report) -> Vote | None:
    """Hyperinflated and emphysematous lungs are chronic."""
    return NON_URGENT if report.affirms(LARGE_LUNGS) and calm(report) else None


@labeling_function(tasks="non_acute", labels=[NON_URGENT])
def large_heart(report: Report) -> Vote | None:
    """A large heart by itself is chronic."""
    return NON_URGENT if report.affirms(LARGE_HEART) and calm(report) else None


@labeling_function(tasks="non_acute", labels=[NON_URGENT])
def hernia(report: Report) -> Vote | None:
    """Hernias, fat pads and variants of anatomy can wait."""
    return NON_URGENT if report.affirms(HERNIA) and calm(report) else None


@labeling_function(tasks="non_acute", labels=[NON_URGENT])
def atelectasis(report: Report) -> Vote | None:
    """Atelectasis and crowded markings without an opacity can wait."""
    return NON_URGENT if report.affirms(ATELECTASIS) and calm(report) else None


@labeling_function(tasks="non_acute", labels=[NON_URGENT])
def words_of_age(report: Report) -> Vote | None:
    """What is called old, chronic or healed is not urgent."""
    return NON_URGENT if report.affirms(AGE) and calm(report) else None


@labeling_function(tasks=("acuity", "non_acute"), labels=[NON_ACUTE_NORMAL])
def nothing_but_normal(report: Report) -> Vote | None:
    """Where every affirmed clause calls something normal, the chest is normal."""
    affirmed = report.body.affirmed.splitlines()
    plain = all(NORMAL.search(clause) and not PLACE_OR_DEGREE.search(clause) for clause in affirmed)
    return NON_ACUTE_NORMAL if report.body.clauses and plain and calm(report) else None


@labeling_function(tasks="non_acute", labels=[NORMAL_CHEST])
def nothing_described(report: Report) -> Vote | None:
    """A report without a word of place, degree, change or alarm describes no finding."""
    describes = report.raises(PLACE_OR_DEGREE) or report.raises(DESCRIPTION) or not calm(report)
    return NORMAL_CHEST if report.body.clauses and not describes else None


@labeling_function(tasks="non_acute", labels=[NORMAL_CHEST])
def mostly_denied(report: Report) -> Vote | None:
    """A report made of denials, with no word of alarm, found nothing."""
    denied = sum(clause.polarity == "denied" for clause in report.body.clauses)
    return NORMAL_CHEST if calm(report) and denied > MOST * len(report.body.clauses) else None


FINE_NON_ACUTE: tuple[Source[Report], ...] = (
    worn_spine,
    curved_spine,
    hard_aorta,
    old_granuloma,
    old_mark,
    large_lungs,
    large_heart,
    hernia,
    atelectasis,
    words_of_age,
    nothing_but_normal,
    nothing_described,
    mostly_denied,
)
