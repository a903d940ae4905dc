"""The labeling functions of report triage: what each votes on invented reports, and what they are together."""

import ast
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

import metal.applications.report
from metal.applications import load_application
from metal.applications.report import TRIAGE, application
from metal.applications.report.view import view
from metal.baselines.majority_vote import MajorityVote
from metal.identifiability import check_identifiability
from metal.label_model import LabelModel
from metal.sources import Vote, apply_sources
from tests.openi_reports import varied_reports

SOURCES = {source.name: source for source in application.sources}
PACKAGE = Path(metal.applications.report.__file__).parent
MODULES = sorted({path.name for path in PACKAGE.glob("*.py")} - {"read.py"})

EMERGENCY = ("Acute", "Emergent")
LONG = "The heart is normal in size. " * 11  # 66 words

# source: (a report on which it votes, its vote, a report on which it is silent). A string is the findings.
CASES: dict[str, tuple[str | dict[str, str], Vote, str | dict[str, str]]] = {
    # coarse
    "clear_verdict": ({"impression": "No acute disease."}, "Non-Acute", {"impression": "No acute disease. A nodule."}),
    "advice_given": ("Recommend CT of the chest.", "Acute", "CT is not recommended."),
    "change_reported": ("The haze has worsened: new haze.", "Acute", "No new haze."),
    "doubt_expressed": ("Possible scar.", "Acute", "A scar."),
    "many_words": (LONG, "Acute", LONG[:100]),
    "many_places": (
        "Small right, left, basilar and bilateral bands.",
        "Acute",
        "No small right, left or basilar bands.",
    ),
    "sick_patient": ({"indication": "Hypoxia since noon."}, "Acute", {"indication": "Screening."}),
    "lung_opacity": ("Hazy opacities.", "Acute", "No focal opacity."),
    "pleural_fluid": ("Blunted right costophrenic angle.", "Acute", "No pleural effusion."),
    "small_volumes": ("Low lung volumes.", "Acute", "Lung volumes are not low."),
    "lines_and_tubes": ("The catheter ends in the SVC.", "Acute", "The catheter was removed."),
    # emergent
    "broken_bone": ("Healed fracture of a rib.", EMERGENCY, "No rib fracture."),
    "escaped_air": ("A tiny pneumothorax.", EMERGENCY, "No pneumothorax or free air."),
    "foreign_body": ("A bullet lies in the wall.", "Emergent", "No foreign body."),
    # urgent
    "lung_disease": ("Consolidation of the lingula.", "Urgent", "Clear of infiltrate and consolidation."),
    "suspected_disease": ({"impression": "Possible pneumonia."}, "Urgent", {"impression": "No pneumonia."}),
    "congestion": ("Pulmonary edema.", "Urgent", "No edema or congestion."),
    "moved_diaphragm": ("Elevated left hemidiaphragm.", "Urgent", "The diaphragm is not elevated."),
    "hardware": ("A pacemaker with two leads.", "Urgent", "No pacemaker."),
    "mass_or_nodes": ("A mass in the hilum.", "Urgent", "No mass or adenopathy."),
    "deformed_bone": ("Deformity of the right clavicle.", "Urgent", "No deformity of the clavicle."),
    # non-urgent: silent too where something alarming stands beside the old finding
    "worn_spine": ("Degenerative spine.", "Non-Urgent", "Degenerative spine. A mass."),
    "curved_spine": ("Mild scoliosis.", "Non-Urgent", "No scoliosis."),
    "hard_aorta": ("Tortuous aorta.", "Non-Urgent", "The aorta is not tortuous."),
    "old_granuloma": ("Calcified granuloma.", "Non-Urgent", "Calcified granuloma. Pleural effusion."),
    "old_mark": ("Apical scarring.", "Non-Urgent", "No scar."),
    "large_lungs": ("Hyperinflated lungs.", "Non-Urgent", "No emphysema."),
    "large_heart": ("The heart is enlarged.", "Non-Urgent", "The heart is not enlarged."),
    "hernia": ("A hiatal hernia.", "Non-Urgent", "No hiatal hernia."),
    "atelectasis": ("Linear atelectasis.", "Non-Urgent", "Atelectasis and edema."),
    "words_of_age": ("Chronic change.", "Non-Urgent", "No chronic change."),
    # normal
    "nothing_but_normal": ("Normal heart. No effusion.", ("Non-Acute", "Normal"), "Normal heart. A nodule."),
    "nothing_described": ("Normal heart.", "Normal", "Normal heart. Small nodule."),
    "mostly_denied": ("No mass. No edema. No air. Clear lungs.", "Normal", "Clear lungs. A nodule. No mass."),
}


def vote(name: str, report: str | dict[str, str]) -> Vote | None:
    return SOURCES[name].function(view({"findings": report} if isinstance(report, str) else report))


@pytest.mark.parametrize("name", CASES)
def test_votes_where_it_should(name: str) -> None:
    assert vote(name, CASES[name][0]) == CASES[name][1]


@pytest.mark.parametrize("name", CASES)
def test_is_silent_on_the_denial(name: str) -> None:
    assert vote(name, CASES[name][2]) is None


@pytest.mark.parametrize(
    ("impression", "expected"),
    [
        ("Rib fracture. Opacity. Cardiomegaly.", ("Acute", "Emergent", "N/A")),
        ("Opacity. Cardiomegaly.", ("Acute", "Urgent", "N/A")),
        ("Cardiomegaly. No opacity.", ("Non-Acute", "N/A", "Non-Urgent")),
        ("No fracture.", None),
        ("", None),
    ],
)
def test_the_worst_word_of_the_impression_decides(impression: str, expected: Vote | None) -> None:
    assert vote("worst_in_impression", {"impression": impression, "findings": "Pneumothorax."}) == expected


def test_every_source_is_tried_here() -> None:
    assert set(SOURCES) == {*CASES, "worst_in_impression"}


def test_each_task_has_nine_to_nineteen_sources() -> None:
    covering = Counter(task for source in application.sources for task in source.tasks)

    assert set(covering) == set(TRIAGE.names)
    assert all(9 <= number <= 19 for number in covering.values()), covering


def test_sources_are_a_mixture() -> None:
    covered = Counter(source.tasks for source in application.sources)

    assert covered[("acuity",)] >= 5, "coarse sources"
    assert sum(number for tasks, number in covered.items() if len(tasks) > 1) >= 3, "sources of several tasks"
    assert sum(len(source.labels) == 1 for source in application.sources) >= 20, "unipolar sources"


def test_every_source_says_in_one_line_what_it_believes() -> None:
    for source in application.sources:
        assert source.description.endswith("."), source.name
        assert "\n" not in (source.function.__doc__ or ""), source.name


def test_the_accuracies_are_determined_under_the_declared_dependencies() -> None:
    spaces = [source.space(TRIAGE) for source in application.sources]

    assert check_identifiability(TRIAGE, spaces, application.dependencies).identifiable


@pytest.mark.parametrize("name", SOURCES)
def test_is_silent_on_a_report_without_text(name: str) -> None:
    assert vote(name, {}) is None


def test_sources_agree_with_themselves_and_label_invented_reports() -> None:
    reports = varied_reports(40)
    examples = [
        (str(report.number), view({"findings": report.findings, "impression": report.impression})) for report in reports
    ]

    votes, failures = apply_sources(application.sources, examples, TRIAGE, recheck_every=1)

    assert not any(failures.values())
    for probabilities in (
        MajorityVote(TRIAGE).predict_proba(votes),
        LabelModel(TRIAGE, application.dependencies).fit(votes).predict_proba(votes),
    ):
        assert probabilities.shape == (40, 4)
        assert probabilities.sum(axis=1) == pytest.approx(1)


def test_votes_are_those_of_asking_each_source_about_each_report() -> None:
    reports = [view({"findings": report.findings, "impression": report.impression}) for report in varied_reports(40)]

    votes, _ = apply_sources(application.sources, [(str(row), report) for row, report in enumerate(reports)], TRIAGE)

    for column, source in enumerate(application.sources):
        codes: dict[Vote | None, int] = {None: 0, **{label: code for code, label in enumerate(source.labels, start=1)}}
        assert votes.codes[:, column].tolist() == [codes[source.function(report)] for report in reports]


def words(code: str) -> set[str]:
    """Return every name that code uses, of whatever kind, and every string in it, in lower case."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(code)):
        match node:
            case ast.Name(id=word) | ast.Attribute(attr=word) | ast.arg(arg=word) | ast.Constant(value=str(word)):
                found.add(word.lower())
            case ast.FunctionDef(name=word) | ast.ClassDef(name=word) | ast.keyword(arg=str(word)):
                found.add(word.lower())
            case ast.ImportFrom(module=str(word)):
                found |= {word.lower(), *(alias.name.lower() for alias in node.names)}
            case ast.Import():
                found |= {alias.name.lower() for alias in node.names}
    return found


@pytest.mark.parametrize(
    "code",
    [
        "report.major",
        "row['major']",
        "f(major=1)",
        "major",
        "def major(): ...",
        "def f(major): ...",
        "from a import major",
        "from major import a",
        "import a.major",
        "class Major: ...",
    ],
)
def test_no_way_to_name_gold_goes_unseen(code: str) -> None:
    assert any("major" in word for word in words(code))


def test_the_modules_of_the_package_are_found_from_any_folder() -> None:
    assert {"__init__.py", "sources_acuity.py", "sources_acute.py", "sources_non_acute.py", "view.py"} <= set(MODULES)


@pytest.mark.parametrize("module", MODULES)
def test_only_the_reader_knows_of_gold_and_of_tags(module: str) -> None:
    """`automatic` too: the collection has such tags only where an indexer found something, so they tell gold."""
    found = words((PACKAGE / module).read_text(encoding="utf-8"))

    for word in ("major", "gold", "mesh", "automatic"):
        assert not any(word in text for text in found), f"{module} mentions {word!r}"


def test_an_application_must_bear_the_name_of_its_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("metal.applications.report.application", replace(application, name="reprot"))

    with pytest.raises(ValueError, match=r"metal/applications/report calls itself 'reprot'; rename one"):
        load_application("report", "openi")
