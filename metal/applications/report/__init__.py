"""Triage of chest radiology reports: how soon must somebody look at this patient? (The paper's report task.)

Start with `triage` (the task graph), then `view` (what a source sees), then the sources: `sources_acuity`
(coarse, by manner and context), `sources_acute` and `sources_non_acute` (fine, by findings), whose words
are in `dictionaries`. `read` turns the published archive into a corpus.
"""

from __future__ import annotations

from metal.application import Application
from metal.applications.report.read import read
from metal.applications.report.sources_acuity import COARSE
from metal.applications.report.sources_acute import FINE_ACUTE
from metal.applications.report.sources_non_acute import FINE_NON_ACUTE
from metal.applications.report.triage import TRIAGE
from metal.applications.report.view import Report, text, view

__all__ = ["TRIAGE", "application"]

DEPENDENCIES = (
    # They look for the same words of place and degree.
    ("many_places", "nothing_but_normal"),
    ("many_places", "nothing_described"),
    ("nothing_but_normal", "nothing_described"),
    # Both grow with the length of a report.
    ("many_words", "many_places"),
    # They read the same impression, and count the same doubts.
    ("clear_verdict", "worst_in_impression"),
    ("suspected_disease", "worst_in_impression"),
    ("suspected_disease", "doubt_expressed"),
    # A doubt and the advice to resolve it come in one sentence.
    ("doubt_expressed", "advice_given"),
    # What is old is most often a granuloma, and then both fire on one phrase.
    ("words_of_age", "old_granuloma"),
)
"""G_source: pairs of sources that share parts or phrases, and so err together.

A known simplification: the ten non-urgent sources also share the question whether anything alarming is affirmed
(`calm`), and are dependent through it. Where it overlooks what is urgent, all may vote, else none: on the Urgent
reports of the development split, pairs of them vote together 11 times, where 1.0 were expected if they were
independent. So the label model trusts their agreement too much. These pairs are not declared because all of them
together would make one group of ten sources.
"""

application: Application[Report] = Application(
    name="report",
    tasks=TRIAGE,
    sources=(*COARSE, *FINE_ACUTE, *FINE_NON_ACUTE),
    read=read,
    view=view,
    text=text,
    dependencies=DEPENDENCIES,
)
