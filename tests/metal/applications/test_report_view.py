"""Clauses and their polarity, on sentences invented for the purpose."""

import pytest

from metal.applications.report.view import Section, clauses, sentences, text, view


@pytest.mark.parametrize(
    ("paragraph", "expected"),
    [
        ("the heart is large. lungs are clear.", ["the heart is large", "lungs are clear"]),
        ("1. small effusion. 2. no nodule.", ["small effusion", "no nodule"]),
        ("a nodule of 1.5 cm; unchanged", ["a nodule of 1.5 cm", "unchanged"]),
        ("chest: normal", ["chest", "normal"]),
        ("", []),
        (" . ", []),
    ],
)
def test_sentences(paragraph: str, expected: list[str]) -> None:
    assert sentences(paragraph) == expected


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("large effusion", [("large effusion", "affirmed")]),
        ("no effusion", [("no effusion", "denied")]),
        # A denial runs over commas and "or" to the end of the clause ...
        ("no effusion, nodule or mass", [("no effusion, nodule or mass", "denied")]),
        # ... and "but" ends it.
        ("no effusion, but mild edema", [("no effusion", "denied"), ("mild edema", "affirmed")]),
        ("no effusion, there is edema", [("no effusion", "denied"), ("there is edema", "affirmed")]),
        ("scarring without effusion", [("scarring", "affirmed"), ("without effusion", "denied")]),
        ("there is no effusion", [("there is no effusion", "denied")]),
        ("the lungs are free of infiltrate", [("the lungs are free of infiltrate", "denied")]),
        ("an effusion is not seen", [("an effusion is not seen", "denied")]),
        ("the effusion has resolved", [("the effusion has resolved", "denied")]),
        ("vessels appear within limits of normal", [("vessels appear within limits of normal", "denied")]),
        ("pneumonia is unlikely", [("pneumonia is unlikely", "denied")]),
        # "No change" denies nothing.
        ("no significant change in the effusion", [("unchanged in the effusion", "affirmed")]),
        ("effusion without interval increase", [("effusion unchanged", "affirmed")]),
        ("opacity, possibly pneumonia", [("opacity", "affirmed"), ("possibly pneumonia", "suspected")]),
        ("this may represent a mass", [("this", "affirmed"), ("may represent a mass", "suspected")]),
        (
            "opacity may be scar without effusion",
            [("opacity", "affirmed"), ("may be scar", "suspected"), ("without effusion", "denied")],
        ),
        # An evaluation that was made is no doubt; one that is asked for is.
        ("limited evaluation shows scar", [("limited evaluation shows scar", "affirmed")]),
        ("repeat to evaluate scar", [("repeat", "affirmed"), ("to evaluate scar", "suspected")]),
        # "Nodule" and "notable" hold no trigger.
        ("notable nodule", [("notable nodule", "affirmed")]),
    ],
)
def test_clauses(sentence: str, expected: list[tuple[str, str]]) -> None:
    assert [(clause.text, clause.polarity) for clause in clauses(sentence)] == expected


def test_section_sorts_its_clauses() -> None:
    section = Section.parse("Large  EFFUSION. Possible mass.\nNo fracture.")

    assert section.text == "large effusion. possible mass. no fracture."
    assert section.affirmed == "large effusion"
    assert section.raised == "large effusion\npossible mass"
    assert section.denied == "no fracture"


def test_body_is_findings_then_impression() -> None:
    report = view({"findings": "A nodule.", "impression": "No mass.", "indication": "Cough."})

    assert [clause.text for clause in report.body.clauses] == ["a nodule", "no mass"]
    assert report.indication.text == "cough."


@pytest.mark.parametrize("missing", [None, float("nan"), ""])
def test_missing_sections_are_empty(missing: object) -> None:
    row = {"findings": missing, "impression": "Normal chest."}

    assert view(row).findings.clauses == ()
    assert view(row).body.text == "normal chest."
    assert text(row) == "Normal chest."


def test_end_model_reads_findings_and_impression_only() -> None:
    row = {"indication": "Cough.", "findings": "A nodule.", "impression": "Nodule."}

    assert text(row) == "A nodule. Nodule."
