"""Models on raw documents: what they answer is what their parts say, and what is wrong with a document is named."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from safetensors.torch import save_file

from metal.application import Application
from metal.applications import load_application
from metal.corpora.sample_tacred import write_tacred
from metal.end_model.network import BiLSTM, MultiTaskNetwork
from metal.end_model.parameters import NetworkShape
from metal.end_model.tokens import Tokens, build_vocabulary, words
from metal.end_model.training import predict_proba
from metal.label_matrix import ABSTAIN
from metal.label_model import LabelModel
from metal.serving.documents import DocumentError, Scorer, ScorerError, Shown, column_kinds
from metal.serving.end import EndScorer
from metal.serving.folders import load_scorer
from metal.serving.label import LabelScorer
from metal.sources import Source, apply_sources
from metal.tasks import NOT_APPLICABLE, TaskGraph
from tests.flows.small_application import no_reader, sun, view_of, weather

SHAPE = NetworkShape("lstm", 4, (4,), "attention", 0.0, 0.0, True)


@pytest.fixture(scope="module")
def application() -> Application[Any]:
    return load_application("relation", "sample")


@pytest.fixture(scope="module")
def documents(application: Application[Any], tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    path = tmp_path_factory.mktemp("corpus") / "sentences.json"
    write_tacred(path, examples=120, seed=1)
    section = {"on_error": "raise", "dev": 1, "test": 1, "seed": 0}
    return application.read(path, section).examples


@pytest.fixture(scope="module")
def label_scorer(application: Application[Any], documents: pd.DataFrame) -> LabelScorer:
    rows = [{str(k): v for k, v in row.items()} for row in documents.to_dict("records")]
    votes, _ = apply_sources(
        application.sources, [(row["id"], application.view(row)) for row in rows], application.tasks
    )
    model = LabelModel(application.tasks, application.dependencies).fit(votes)
    return LabelScorer(application, column_kinds(documents), model)


@pytest.fixture(scope="module")
def end_scorer(
    application: Application[Any], documents: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory
) -> EndScorer:
    """A network as chance made it: what is asked is whether it is the same one."""
    folder = tmp_path_factory.mktemp("network")
    rows = [{str(k): v for k, v in row.items()} for row in documents.to_dict("records")]
    vocabulary = build_vocabulary([words(application.text(row)) for row in rows])
    torch.manual_seed(0)
    encoder = BiLSTM(np.random.default_rng(0).normal(size=(len(vocabulary), 3)).astype(np.float32), SHAPE)
    network = MultiTaskNetwork(encoder, application.tasks, SHAPE)
    header = {"shape": dataclasses.asdict(SHAPE), "task_graph": application.tasks.to_dict()}
    save_file(network.state_dict(), folder / "network.safetensors", {"metal": json.dumps(header)})
    (folder / "vocabulary.json").write_text(json.dumps(vocabulary), encoding="utf-8")
    return EndScorer(application, column_kinds(documents), folder, max_tokens=12)


@pytest.fixture(params=["label_scorer", "end_scorer"])
def scorer(request: pytest.FixtureRequest) -> Scorer:
    found: Scorer = request.getfixturevalue(request.param)
    return found


# --- what they answer -------------------------------------------------------------------------------------------------


def test_a_label_is_the_likeliest_vector_with_its_tasks_marginals(
    label_scorer: LabelScorer, documents: pd.DataFrame
) -> None:
    answers = label_scorer.score(documents)
    tasks = label_scorer.tasks
    posterior = label_scorer.model.predict_proba(label_scorer.votes(documents))
    for row, best in enumerate(posterior.argmax(axis=1)):
        assert tuple(answers[list(tasks.names)].iloc[row]) == tasks.feasible[best]
        assert answers["probability"].iloc[row] == posterior[row, best]
    for task in tasks.names:
        columns = [f"task:{task}={value}" for value in tasks.values(task)]
        np.testing.assert_array_equal(answers[columns], tasks.marginal(posterior, task))
        np.testing.assert_allclose(answers[columns].sum(axis=1), 1)
    assert (answers[list(tasks.names)] == NOT_APPLICABLE).any(axis=None)  # which is said, not left empty


def test_the_reasons_are_the_votes_and_give_the_posterior_back(
    label_scorer: LabelScorer, documents: pd.DataFrame
) -> None:
    """Votes rebuilt from the explanation alone lead the label model to the very same probabilities."""
    answers = label_scorer.score(documents)
    votes = label_scorer.votes(documents)
    names = list(votes.names)
    rebuilt = np.full(votes.codes.shape, ABSTAIN, dtype=votes.codes.dtype)
    for row, reasons in enumerate(answers["votes"]):
        for reason in reasons:
            i = names.index(reason["source"])
            space = votes.spaces[i]
            said = [", ".join(f"{t}={x}" for t, x in zip(space.tasks, x, strict=True)) for x in space.labels]
            rebuilt[row, i] = 1 + said.index(reason["label"])
            assert reason["accuracy"] == label_scorer.model.accuracies_[reason["source"]]
    np.testing.assert_array_equal(rebuilt, votes.codes)
    again = label_scorer.model.predict_proba(type(votes)(rebuilt, votes.spaces, votes.tasks))
    np.testing.assert_array_equal(answers["probability"], again.max(axis=1))
    assert (answers["voted"] == answers["votes"].map(bool)).all()


def test_the_end_model_reads_what_it_was_trained_to_read(end_scorer: EndScorer, documents: pd.DataFrame) -> None:
    rows = [{str(k): v for k, v in row.items()} for row in documents.to_dict("records")]
    texts = [words(end_scorer.application.text(row)) for row in rows]
    tokens = Tokens.encode(texts, end_scorer.vocabulary, max_tokens=12)
    expected = predict_proba(end_scorer.network, tokens)
    np.testing.assert_array_equal(end_scorer.score(documents)["probability"], expected.max(axis=1))


def test_a_document_is_answered_alike_in_any_company(scorer: Scorer, documents: pd.DataFrame) -> None:
    together = scorer.score(documents)
    for row in (0, 57, 119):
        alone = scorer.score(documents.iloc[[row]].drop(columns="id"))
        assert alone[list(scorer.tasks.names)].iloc[0].tolist() == together[list(scorer.tasks.names)].iloc[row].tolist()
        assert alone["probability"].iloc[0] == pytest.approx(together["probability"].iloc[row], abs=1e-6)


def test_sources_vote_alike_one_by_one_and_over_columns(
    label_scorer: LabelScorer, documents: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    one_by_one = label_scorer.votes(documents)
    monkeypatch.setattr("metal.serving.label.FEW", 0)
    np.testing.assert_array_equal(label_scorer.votes(documents).codes, one_by_one.codes)


def test_a_saved_scorer_answers_as_before_and_holds_no_pickle(
    scorer: Scorer, documents: pd.DataFrame, tmp_path: Path
) -> None:
    scorer.save(tmp_path, "sample")
    loaded = load_scorer(tmp_path)
    pd.testing.assert_frame_equal(loaded.score(documents), scorer.score(documents))
    assert {path.suffix for path in tmp_path.iterdir()} <= {".json", ".npz", ".safetensors"}


# --- what they refuse -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda frame: frame.drop(columns="sentence"), "column 'sentence' is missing; a document has the columns"),
        (lambda frame: frame.iloc[:0], "there is no document; send at least one"),
        (lambda frame: frame.assign(object=[None, *frame["object"][1:]]), "row 0: column 'object' is null"),
        (lambda frame: frame.assign(object=[*frame["object"][:-1], np.nan]), "row 119: column 'object' is null"),
        (
            lambda frame: frame.astype({"object": object}).assign(object=7),
            "row 0: column 'object' holds 7, expected a s",
        ),
    ],
)
def test_a_document_that_cannot_be_read_is_named(
    scorer: Scorer, documents: pd.DataFrame, change: Any, message: str
) -> None:
    with pytest.raises(DocumentError) as caught:
        scorer.score(change(documents))
    assert str(caught.value).startswith(message)


def test_an_empty_text_is_a_text(scorer: Scorer, documents: pd.DataFrame) -> None:
    empty = documents.iloc[:1].assign(sentence="", subject="", object="")
    assert len(scorer.score(empty)) == 1


def test_numbers_are_told_from_truth_values() -> None:
    kinds = column_kinds(pd.DataFrame({"id": ["a"], "x": [1], "y": [1.5], "z": [True], "w": ["t"]}))
    assert kinds == {"x": "long", "y": "double", "z": "boolean", "w": "string"}
    scorer = Numbers(kinds)
    assert scorer.rows(pd.DataFrame({"x": [1], "y": [2], "z": [False], "w": [""]}))[0]["id"] == "0"
    for name, value in {"x": True, "y": "2", "z": 1}.items():
        row = {"x": 1, "y": 1.0, "z": True, "w": "", name: value}
        with pytest.raises(DocumentError, match=f"row 0: column '{name}' holds {value!r}"):
            scorer.rows(pd.DataFrame([row], dtype=object))
    with pytest.raises(ScorerError, match="column 'when' is of type datetime64"):
        column_kinds(pd.DataFrame({"when": pd.to_datetime(["2026-01-01"])}))


class Numbers(Scorer):
    """Only reads."""

    def __init__(self, columns: dict[str, str]) -> None:
        super().__init__(weather(), columns)

    def score(self, documents: pd.DataFrame) -> pd.DataFrame:
        raise NotImplementedError

    def save(self, folder: Path, corpus: str) -> None:
        raise NotImplementedError


def test_what_the_application_raises_is_told_with_the_document(label_scorer: LabelScorer) -> None:
    broken = weather()
    scorer = Numbers({"words": "string"})
    scorer.application = broken
    shown = Shown(scorer.rows(pd.DataFrame({"words": ["a", "b"]})), "view", broken.view)
    with pytest.raises(DocumentError, match=r"row 1: the application's view raised KeyError: 'sentence'"):
        shown[1]


def test_a_model_of_other_sources_is_refused(label_scorer: LabelScorer) -> None:
    with pytest.raises(ScorerError, match="are not the 3 of application 'weather'"):
        LabelScorer(weather(), {"sentence": "string"}, label_scorer.model)


def test_a_network_for_other_tasks_is_refused(end_scorer: EndScorer) -> None:
    with pytest.raises(ScorerError, match="trained for other tasks than application 'weather' has"):
        EndScorer(weather(), {"sentence": "string"}, end_scorer.files, 12)


def test_a_task_called_like_a_column_of_answers_is_refused() -> None:
    single = TaskGraph.single("voted", ("Dry", "Wet"))
    source = Source("sun", ("voted",), ("Dry",), sun.function)
    application = Application("weather", single, (source,), no_reader, view_of, view_of)
    with pytest.raises(ScorerError, match=r"tasks \['voted'\] of application 'weather' are called like columns"):
        Nothing(application)


class Nothing(Numbers):
    """Only is made."""

    def __init__(self, application: Application[str]) -> None:
        Scorer.__init__(self, application, {})


@pytest.mark.parametrize("content", [None, "{", "[]", '{"format": "other", "version": 1}'])
def test_a_folder_without_a_scorer_is_named(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "scorer.json").write_text(content, encoding="utf-8")
    with pytest.raises(ScorerError, match=r"scorer\.json"):
        load_scorer(tmp_path)


def test_a_damaged_network_is_named(end_scorer: EndScorer, tmp_path: Path) -> None:
    end_scorer.save(tmp_path, "sample")
    content = (tmp_path / "network.safetensors").read_bytes()
    (tmp_path / "network.safetensors").write_bytes(content[: len(content) // 2])
    with pytest.raises(ScorerError, match=r"network\.safetensors holds no trained network"):
        load_scorer(tmp_path)
