"""Bring your own corpus: a help desk's mail, from a CSV with the columns id, text and, where known, kind and topic."""

import re
from pathlib import Path

import pandas as pd

from metal.application import Application, Corpus, Row
from metal.sources import Source, labeling_function
from metal.tasks import NOT_APPLICABLE, Task, TaskGraph

# Topics apply to requests only: three label vectors are possible (spam, bill, fault), not four.
MAIL = TaskGraph.hierarchy(Task("kind", ("spam", "request")), Task("topic", ("bill", "fault"), ("kind", "request")))


def read(path: Path, section: object) -> Corpus:  # `section`: the corpus's own part of params.yaml
    rows = pd.read_csv(path, dtype=str, keep_default_na=False)
    gold = rows.loc[rows["kind"] != "", ["id", "kind", "topic"]].replace({"topic": {"": NOT_APPLICABLE}})
    return Corpus(examples=rows[["id", "text"]], gold=gold, counts={"read": len(rows)})


def lower(row: Row) -> str:
    return str(row["text"]).lower()


def word(name: str, task: str, label: str, pattern: str) -> Source[str]:  # votes `label` where the pattern occurs
    return Source(name, (task,), (label,), lambda text: label if re.search(rf"\b(?:{pattern})\b", text) else None)


@labeling_function(tasks=("kind", "topic"), labels=[("request", "bill"), ("spam", NOT_APPLICABLE)])
def invoice(text: str) -> tuple[str, str] | None:
    """An invoice with a link is spam, one without is about a bill."""
    return None if "invoice" not in text else ("spam", NOT_APPLICABLE) if "http" in text else ("request", "bill")


SPAM = (word("prize", "kind", "spam", "won|prize|free"), word("link", "kind", "spam", "https?"))
REQUEST = (word("plea", "kind", "request", "please"), word("charge", "topic", "bill", "charged?|refund"))
FAULT = (word("error", "topic", "fault", "errors?"), word("crash", "topic", "fault", "crash|freezes"))
application = Application("mail", MAIL, (invoice, *SPAM, *REQUEST, *FAULT), read, lower, lower, (("invoice", "link"),))
