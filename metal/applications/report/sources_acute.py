"""Sources for acute reports: one family of findings each, affirmed by the report.

Severity is that of the worst finding, so a finding that often stands beside a worse one votes Acute and
leaves the rest open; one that is rarely seen beside a worse one votes Urgent or Emergent.
"""

from __future__ import annotations

from metal.applications.report.dictionaries import (
    CONGESTION,
    DEFORMED_BONE,
    DIAPHRAGM,
    EFFUSION,
    FOREIGN_BODY,
    FRACTURE,
    FREE_AIR,
    HARDWARE,
    LINES,
    LUNG_DISEASE,
    MASS,
    OPACITY,
    SHIFT,
    SMALL_VOLUMES,
)
from metal.applications.report.view import Report
from metal.sources import Source, Vote, labeling_function

URGENT, EMERGENT = "Urgent", "Emergent"
ACUTE, ACUTE_EMERGENT = "Acute", ("Acute", EMERGENT)


@labeling_function(tasks=("acuity", "acute"), labels=[ACUTE_EMERGENT])
def broken_bone(report: Report) -> Vote | None:
    """A broken or dislocated bone is an emergency, fresh or healed."""
    return ACUTE_EMERGENT if report.affirms(FRACTURE) else None


@labeling_function(tasks=("acuity", "acute"), labels=[ACUTE_EMERGENT])
def escaped_air(report: Report) -> Vote | None:
    """Air where none belongs, or a mediastinum pushed aside, is an emergency."""
    return ACUTE_EMERGENT if report.affirms(FREE_AIR) or report.affirms(SHIFT) else None


@labeling_function(tasks="acute", labels=[EMERGENT])
def foreign_body(report: Report) -> Vote | None:
    """A bullet, a piercing or another foreign body counts as an emergency."""
    return EMERGENT if report.affirms(FOREIGN_BODY) else None


@labeling_function(tasks="acuity", labels=[ACUTE])
def lung_opacity(report: Report) -> Vote | None:
    """An opacity or density in the lung is acute; whether urgent or worse, others must say."""
    return ACUTE if report.affirms(OPACITY) else None


@labeling_function(tasks="acute", labels=[URGENT])
def lung_disease(report: Report) -> Vote | None:
    """Pneumonia, infiltrate, consolidation and diseased bronchi are urgent."""
    return URGENT if report.affirms(LUNG_DISEASE) else None


@labeling_function(tasks="acute", labels=[URGENT])
def suspected_disease(report: Report) -> Vote | None:
    """An impression that suspects pneumonia, fluid or a mass is urgent enough to have said so."""
    suspected = "\n".join(clause.text for clause in report.impression.clauses if clause.polarity == "suspected")
    return URGENT if any(finding.search(suspected) for finding in (LUNG_DISEASE, EFFUSION, CONGESTION, MASS)) else None


@labeling_function(tasks="acuity", labels=[ACUTE])
def pleural_fluid(report: Report) -> Vote | None:
    """An effusion, or a blunted angle that hides one, is acute; trauma may be behind it."""
    return ACUTE if report.affirms(EFFUSION) else None


@labeling_function(tasks="acute", labels=[URGENT])
def congestion(report: Report) -> Vote | None:
    """Edema and congested vessels mean a failing heart: urgent."""
    return URGENT if report.affirms(CONGESTION) else None


@labeling_function(tasks="acuity", labels=[ACUTE])
def small_volumes(report: Report) -> Vote | None:
    """Lungs that do not fill are acute, whatever keeps them from it."""
    return ACUTE if report.affirms(SMALL_VOLUMES) else None


@labeling_function(tasks="acute", labels=[URGENT])
def moved_diaphragm(report: Report) -> Vote | None:
    """A raised or flattened diaphragm is urgent."""
    return URGENT if report.affirms(DIAPHRAGM) else None


@labeling_function(tasks="acuity", labels=[ACUTE])
def lines_and_tubes(report: Report) -> Vote | None:
    """Who has a catheter or tube in place is acutely ill."""
    return ACUTE if report.affirms(LINES) else None


@labeling_function(tasks="acute", labels=[URGENT])
def hardware(report: Report) -> Vote | None:
    """Devices, clips and valves left in the chest count as urgent."""
    return URGENT if report.affirms(HARDWARE) else None


@labeling_function(tasks="acute", labels=[URGENT])
def mass_or_nodes(report: Report) -> Vote | None:
    """A mass, adenopathy or a widened mediastinum is urgent."""
    return URGENT if report.affirms(MASS) else None


@labeling_function(tasks="acute", labels=[URGENT])
def deformed_bone(report: Report) -> Vote | None:
    """Ribs and clavicles deformed or lucent are urgent."""
    return URGENT if report.affirms(DEFORMED_BONE) else None


FINE_ACUTE: tuple[Source[Report], ...] = (
    broken_bone,
    escaped_air,
    foreign_body,
    lung_opacity,
    lung_disease,
    suspected_disease,
    pleural_fluid,
    congestion,
    small_volumes,
    moved_diaphragm,
    lines_and_tubes,
    hardware,
    mass_or_nodes,
    deformed_bone,
)
