"""The application that the README shows: from a CSV to labels, by majority vote and by the label model."""

from pathlib import Path

import numpy as np
import pytest

from metal.application import Corpus
from metal.baselines.majority_vote import MajorityVote
from metal.identifiability import check_identifiability
from metal.label_matrix import LabelMatrix
from metal.label_model import LabelModel
from metal.sources import apply_sources
from tests.worked_application import MAIL, application

SPAM, BILL, FAULT = (MAIL.index(v) for v in (("spam", "N/A"), ("request", "bill"), ("request", "fault")))

# Text, kind, topic and the label vector that the text deserves. Only the first four have gold.
ROWS = [
    ("You won a prize, claim it at http://prizes.example", "spam", "", SPAM),
    ("Please refund me, I was charged twice", "request", "bill", BILL),
    ("Please help, it shows an error and will crash", "request", "fault", FAULT),
    ("Lunch is at noon", "spam", "", None),
    ("Your invoice is ready: http://pay.example, and win a free prize", "", "", SPAM),
    ("The invoice says I was charged for a year", "", "", BILL),
    ("Please mend it: errors, and then it freezes", "", "", FAULT),
    ("A free prize", "", "", SPAM),
] * 12


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    lines = [f'{number},"{text}",{kind},{topic}' for number, (text, kind, topic, _) in enumerate(ROWS)]
    path = tmp_path / "mail.csv"
    path.write_text("\n".join(["id,text,kind,topic", *lines]) + "\n", encoding="utf-8")
    return application.read(path, {})


@pytest.fixture
def votes(corpus: Corpus) -> LabelMatrix:
    rows = [{"id": number, "text": text} for number, text in corpus.examples[["id", "text"]].to_numpy()]
    examples = [(row["id"], application.view(row)) for row in rows]
    return apply_sources(application.sources, examples, application.tasks)[0]


def test_the_reader_keeps_gold_apart(corpus: Corpus) -> None:
    assert list(corpus.examples.columns) == ["id", "text"]
    assert corpus.gold.iloc[:3].to_numpy().tolist() == [
        ["0", "spam", "N/A"],
        ["1", "request", "bill"],
        ["2", "request", "fault"],
    ]
    assert corpus.counts == {"read": 96}
    assert len(corpus.gold) == 48


def test_the_sources_vote(votes: LabelMatrix) -> None:
    # Columns: invoice prize link plea charge error crash. Codes: 1 is a source's first label, invoice's second is spam.
    assert votes.codes[:5].tolist() == [
        [0, 1, 1, 0, 0, 0, 0],
        [0, 0, 0, 1, 1, 0, 0],
        [0, 0, 0, 1, 0, 1, 1],
        [0, 0, 0, 0, 0, 0, 0],
        [2, 1, 1, 0, 0, 0, 0],
    ]


def test_its_accuracies_are_determined() -> None:
    spaces = [source.space(MAIL) for source in application.sources]

    assert check_identifiability(MAIL, spaces, application.dependencies).identifiable


def test_majority_vote_and_label_model_agree_with_the_mail(votes: LabelMatrix) -> None:
    wanted = np.array([-1 if label is None else label for *_, label in ROWS])
    model = LabelModel(application.tasks, application.dependencies).fit(votes)

    for probabilities in (MajorityVote(application.tasks).predict_proba(votes), model.predict_proba(votes)):
        assert probabilities.shape == (96, 3)
        assert np.allclose(probabilities.sum(axis=1), 1)
        assert (probabilities.argmax(axis=1) == wanted)[wanted >= 0].all()
    # Nobody voted on the fourth row: the label model answers with its class balance.
    assert np.allclose(model.predict_proba(votes)[3], model.balance_)
