"""Invented radiology reports in OpenI's native format: an archive that the whole pipeline can run on.

Every sentence here is made up; none is from a real report. `varied_reports` gives a small corpus over the
four triage classes, `write_archive` packs reports the way the published collection is packed.
"""

from __future__ import annotations

import gzip
import io
import random
import tarfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

FOLDER = "ecgen-radiology"


@dataclass(frozen=True)
class Report:
    """One report: `number` is its file name and uid; `major` is where gold comes from."""

    number: int
    findings: str = ""
    impression: str = ""
    indication: str = ""
    comparison: str = ""
    major: tuple[str, ...] = ("normal",)
    automatic: tuple[str, ...] = ()

    def xml(self) -> bytes:
        """Return the report as the collection publishes it, with the parts that a reader should pass over."""
        sections = {
            "COMPARISON": self.comparison,
            "INDICATION": self.indication,
            "FINDINGS": self.findings,
            "IMPRESSION": self.impression,
        }
        texts = "\n".join(
            f"<AbstractText Label={quoteattr(label)}>{escape(text)}</AbstractText>" if text else
            f"<AbstractText Label={quoteattr(label)}/>"
            for label, text in sections.items()
        )  # fmt: skip
        headings = "\n".join(
            [f"<major>{escape(term)}</major>" for term in self.major]
            + [f"<automatic>{escape(term)}</automatic>" for term in self.automatic]
        )
        return f"""<?xml version="1.0" encoding="utf-8"?>
<eCitation>
   <meta type="rr"/>
   <uId id="CXR{self.number}"/>
   <pmcId id="{self.number}"/>
   <docSource>CXR</docSource>
   <MedlineCitation Owner="An Invented Hospital" Status="supplied by publisher">
      <Article PubModel="Electronic">
         <ArticleTitle>Invented Chest X-ray Collection</ArticleTitle>
         <Abstract>
{texts}
         </Abstract>
         <Language>eng</Language>
      </Article>
   </MedlineCitation>
   <MeSH>
{headings}
   </MeSH>
   <parentImage id="CXR{self.number}_IM-0001"><figureId>F1</figureId><caption>Xray Chest PA</caption></parentImage>
</eCitation>
""".encode()


def write_members(path: Path, members: Iterable[tuple[str, bytes]]) -> Path:
    """Write a gzipped tar of (member name, content) pairs, names as given, the same bytes every time."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name, content in members:
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(packed.getvalue(), mtime=0))
    return path


def write_archive(path: Path, reports: Iterable[Report]) -> Path:
    """Write reports as a .tgz of one XML file each; returns `path`."""
    return write_members(path, ((f"{FOLDER}/{report.number}.xml", report.xml()) for report in reports))


# What the reports of a class may say: (findings, impression, major, automatic).
Finding = tuple[str, str, str, str]

NORMAL: tuple[Finding, ...] = (
    ("Both lungs are clear.", "No acute cardiopulmonary abnormality.", "normal", "normal"),
    ("The heart is normal in size and contour.", "Normal chest.", "normal", "normal"),
    ("Lungs are well expanded and free of consolidation.", "No active disease.", "normal", "normal"),
    ("The cardiomediastinal silhouette is unremarkable.", "No acute disease of the chest.", "normal", ""),
    ("Bones of the thorax appear intact.", "Negative chest radiograph.", "normal", "normal"),
)
NON_URGENT: tuple[Finding, ...] = (
    ("A calcified granuloma sits in the left upper lobe.", "Old granulomatous disease.",
     "Calcified Granuloma/lung/upper lobe/left", "Calcified granuloma"),
    ("Degenerative changes run along the thoracic spine.", "Degenerative spine, no acute findings.",
     "Thoracic Vertebrae/degenerative", "Degenerative change"),
    ("The thoracic aorta is tortuous.", "Tortuous aorta without acute process.", "Aorta/tortuous", "Aorta, tortuous"),
    ("There is mild dextroscoliosis of the spine.", "Scoliosis, otherwise no acute abnormality.",
     "Scoliosis/thoracic vertebrae/mild", "Scoliosis"),
    ("The lungs are hyperexpanded with flattened diaphragms.", "Chronic obstructive pulmonary disease.",
     "Pulmonary Disease, Chronic Obstructive", "Chronic obstructive pulmonary disease"),
    ("Old healed rib injuries are noted along with osteophytes.", "Stable chronic changes.",
     "Osteophyte/thoracic vertebrae/multiple", "Osteophyte"),
)  # fmt: skip
URGENT: tuple[Finding, ...] = (
    ("There is patchy opacity in the right lower lobe.", "Right basilar opacity, possible pneumonia.",
     "Opacity/lung/lower lobe/right/patchy", "Opacity"),
    ("A small left pleural effusion blunts the costophrenic angle.", "Small left pleural effusion.",
     "Pleural Effusion/left/small", "Pleural effusion"),
    ("The heart is enlarged with vascular congestion.", "Cardiomegaly and pulmonary vascular congestion.",
     "Cardiomegaly/mild;Pulmonary Congestion", "Cardiomegaly;Vascular congestion"),
    ("Streaky bibasilar opacities suggest an infiltrate.", "Bibasilar infiltrates.",
     "Infiltrate/lung/base/bilateral/streaky", "Infiltrate"),
    ("Interstitial markings are increased with Kerley lines.", "Interstitial pulmonary edema.",
     "Pulmonary Edema/interstitial", "Pulmonary edema"),
    ("A 4 cm mass projects over the left mid lung.", "Left lung mass, CT is recommended.",
     "Mass/lung/middle lobe/left/large", "Mass"),
    ("Dense airspace disease fills the lingula.", "Lingular pneumonia.",
     "Pneumonia/lingula", "Pneumonia"),
)  # fmt: skip
EMERGENT: tuple[Finding, ...] = (
    ("There is a moderate right apical pneumothorax.", "Right pneumothorax; the team was called.",
     "Pneumothorax/right/moderate", "Pneumothorax"),
    ("An acute displaced fracture of the left sixth rib is seen.", "Acute left rib fracture.",
     "Fractures, Bone/ribs/left", "Rib fracture"),
    ("A metallic foreign body projects over the right chest.", "Metallic foreign body.",
     "Foreign Bodies/thorax/right", "Foreign body"),
)  # fmt: skip
CLASSES: Mapping[str, tuple[Finding, ...]] = {
    "Normal": NORMAL,
    "Non-Urgent": NON_URGENT,
    "Urgent": URGENT,
    "Emergent": EMERGENT,
}
# Ten reports in this order repeat: 4 Normal, 3 Urgent, 2 Non-Urgent, 1 Emergent.
CYCLE = (
    "Normal", "Urgent", "Non-Urgent", "Normal", "Emergent", "Urgent", "Normal", "Non-Urgent", "Urgent", "Normal"
)  # fmt: skip

INDICATIONS = (
    "Cough and fever for three days", "Chest pain", "Shortness of breath", "Preoperative evaluation",
    "Positive tuberculosis test", "Fall from a ladder with chest wall pain", "Follow up", "Routine examination",
)  # fmt: skip
COMPARISONS = ("None.", "Chest film of last year", "", "Prior radiograph")
# What a report denies, with words of a finding that would make the denial absurd.
NEGATIVES = (
    ("No pneumothorax.", ("pneumothorax",)),
    ("No pleural effusion.", ("effusion",)),
    ("There is no focal consolidation.", ("opacit", "airspace")),
    ("No acute bony abnormality.", ("fracture", "rib")),
    ("No evidence of pulmonary edema.", ("congestion", "interstitial")),
    ("Heart size is within normal limits.", ("heart",)),
)


def class_of(number: int) -> str:
    """Return the class that `varied_reports` gives report `number` (counted from 1)."""
    return CYCLE[(number - 1) % len(CYCLE)]


def varied_reports(count: int = 60, *, seed: int = 0) -> list[Report]:
    """Return `count` invented reports numbered from 1, over the four classes, with some sections missing.

    The class of report i is `class_of(i)`. About one in eight has no findings, about one in twenty no
    impression, none lacks both. Non-urgent findings also occur beside urgent ones, as in life.
    """
    draw = random.Random(seed)
    reports = []
    for number in range(1, count + 1):
        kind = class_of(number)
        said = [draw.choice(CLASSES[kind])]
        if kind in ("Urgent", "Emergent") and draw.random() < 0.3:
            said.append(draw.choice(NON_URGENT))
        told = " ".join(text for text, *_ in said).lower()
        deniable = [text for text, words in NEGATIVES if not any(word in told for word in words)]
        negatives = draw.sample(deniable, 3 if kind == "Normal" else 1)
        findings = " ".join([text for text, *_ in said] + negatives)
        impression = " ".join(f"{place}. {text}" for place, (_, text, *_) in enumerate(said, start=1))
        gap = draw.random()
        reports.append(
            Report(
                number=number,
                findings="" if gap < 0.125 else findings,
                impression="" if gap > 0.95 else impression,
                indication=draw.choice(INDICATIONS),
                comparison=draw.choice(COMPARISONS),
                major=tuple(term for *_, terms, _ in said for term in terms.split(";")),
                automatic=tuple(term for *_, terms in said for term in terms.split(";") if term),
            )
        )
    return reports
