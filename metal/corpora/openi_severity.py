"""How severe each MeSH heading of an OpenI report is, and the triage label that follows.

The indexers of the collection gave every report *major* headings such as "Opacity/lung/base/right/mild": a
head (what) and qualifiers (where, how much). The table below grades heads by what the term means for whoever
has to read the film next:

Normal : nothing was found
Non-Urgent : chronic, degenerative, healed or incidental; it can wait for the next appointment
Urgent : needs treatment or a second look soon: fluid, infection, failure, a mass, and also lines, tubes and
    hardware, whose position somebody must check
Emergent : cannot wait: air or blood where none belongs, broken bones, displaced structures, foreign bodies

Where a qualifier changes the meaning (an under-inflated lung is Urgent, an over-inflated one chronic), it is
listed under its head. All other qualifiers, among them sides, sizes and ages, leave the grade as it is: the
published labels treat a healed fracture as a fracture. The label of a report is the maximum over its headings.

This is gold. Sources and features must not see a heading, nor anything made of one.
"""

from __future__ import annotations

from collections.abc import Iterable

from metal.corpora import CorpusError

SEVERITIES = ("Normal", "Non-Urgent", "Urgent", "Emergent")
"""Triage labels, from mildest to gravest."""

NORMAL, NON_URGENT, URGENT, EMERGENT = range(len(SEVERITIES))

UNGRADED = frozenset({"no indexing"})
"""Headings that say that the indexers gave none: they grade nothing."""

_NON_URGENT_HEADS = """
    Adipose Tissue; Aorta; Aorta, Thoracic; Aortic Aneurysm; Arthritis; Atherosclerosis; Blister; Bone and Bones;
    Bone Diseases, Metabolic; Breast Implants; Bronchiectasis; Bullous Emphysema; Calcified Granuloma; Calcinosis;
    Cardiac Shadow; Cardiomegaly; Cervical Vertebrae; Cholelithiasis; Cicatrix; Cystic Fibrosis; Cysts;
    Diaphragmatic Eventration; Emphysema; Epicardial Fat; Fibrosis; Funnel Chest; Granuloma; Granulomatous Disease;
    Heart Atria; Heart Ventricles; Hernia, Diaphragmatic; Hernia, Hiatal; Humerus;
    Hyperostosis, Diffuse Idiopathic Skeletal; Hypertension, Pulmonary; Hypovolemia; Kyphosis; Lumbar Vertebrae; Lung;
    Lung Diseases, Interstitial; Lung, Hyperlucent; Markings; Mastectomy; Nipple Shadow; Nodule; Osteophyte;
    Osteoporosis; Pectus Carinatum; Pleura; Pneumonectomy; Pulmonary Artery; Pulmonary Atelectasis;
    Pulmonary Disease, Chronic Obstructive; Pulmonary Emphysema; Pulmonary Fibrosis; Ribs; Sarcoidosis; Sclerosis;
    Scoliosis; Shoulder; Spinal Fusion; Spine; Spondylosis; Sulcus; Technical Quality of Image Unsatisfactory;
    Thickening; Thoracic Vertebrae; Thorax; Volume Loss
"""

_URGENT_HEADS = """
    Abdomen; Airspace Disease; Blood Vessels; Bronchiolitis; Bronchitis; Catheters, Indwelling; Cavitation;
    Colonic Interposition; Consolidation; Contrast Media; Costophrenic Angle; Deformity; Density; Diaphragm;
    Expansile Bone Lesions; Heart; Heart Failure; Implanted Medical Device; Infiltrate; Lucency; Lymph Nodes; Mass;
    Mediastinum; Medical Device; Opacity; Pericardial Effusion; Pleural Effusion; Pneumonia; Pulmonary Congestion;
    Pulmonary Edema; Stents; Subcutaneous Emphysema; Surgical Instruments; Sutures; Trachea; Trachea, Carina;
    Tube, Inserted; Tuberculosis
"""

_EMERGENT_HEADS = """
    Dislocations; Foreign Bodies; Fractures, Bone; Hemopneumothorax; Hemothorax; Hydropneumothorax;
    Mediastinal Emphysema; Pneumoperitoneum; Pneumothorax; Shift
"""


def _tidy(text: str) -> str:
    """Spelling as the table knows it: the collection varies in capitals and blanks."""
    return " ".join(text.casefold().split())


def _heads(listed: str, severity: int) -> dict[str, int]:
    return {_tidy(head): severity for head in listed.split(";")}


HEADS: dict[str, int] = {
    "normal": NORMAL,
    **_heads(_NON_URGENT_HEADS, NON_URGENT),
    **_heads(_URGENT_HEADS, URGENT),
    **_heads(_EMERGENT_HEADS, EMERGENT),
}
"""Severity of each head, as an index into `SEVERITIES`."""

QUALIFIED: dict[str, dict[str, int]] = {
    # Too little air: collapse, or an effort too poor to rule anything out. A full hilum: nodes or vessels.
    "lung": {"hypoinflation": URGENT, "hilum": URGENT, "lymph nodes": URGENT},
    # A net or nodes throughout the lung is active disease; prominent bronchi and vessels alone are not.
    "markings": {"reticular": URGENT},
    # Fluid rounds the angle off; one that is merely hidden shows nothing.
    "sulcus": {"blunted": URGENT},
    # Vertebrae lose height with age; ribs, clavicles and sternum deform by injury.
    "deformity": {"thoracic vertebrae": NON_URGENT, "lumbar vertebrae": NON_URGENT, "spine": NON_URGENT},
    # In the chest wall a density is bone or shadow; in the lung it may be anything.
    "density": {"thorax": NON_URGENT, "ribs": NON_URGENT, "sternum": NON_URGENT},
    # Clear apices are emphysema.
    "lucency": {"apex": NON_URGENT},
    # Coronary stents are history.
    "stents": {"coronary vessels": NON_URGENT},
    "tuberculosis": {"healed": NON_URGENT},
}
"""Qualifiers that change the severity of a head; the first listed one that a heading has decides."""


class UnknownHeadingError(CorpusError):
    """A heading that the severity table does not grade."""


def severity(heading: str) -> int | None:
    """Return the severity of one heading as an index into `SEVERITIES`; None where it grades nothing.

    >>> SEVERITIES[severity("Lung/hypoinflation/mild")]
    'Urgent'

    Raises UnknownHeadingError for a head that is not in the table.
    """
    head, *qualifiers = (_tidy(part) for part in heading.split("/"))
    if head in UNGRADED:
        return None
    if head not in HEADS:
        raise UnknownHeadingError(f"heading {heading!r}: {head!r} is not in the severity table; add it")
    changes = (grade for qualifier, grade in QUALIFIED.get(head, {}).items() if qualifier in qualifiers)
    return next(changes, HEADS[head])


def triage_label(headings: Iterable[str]) -> str | None:
    """Return the label of a report: the gravest of its major headings; None where none grades it.

    Raises UnknownHeadingError for a head that is not in the table.
    """
    grades = [grade for grade in map(severity, headings) if grade is not None]
    return SEVERITIES[max(grades)] if grades else None
