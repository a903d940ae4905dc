"""The task graph of radiology triage: is a report acute, and how urgent is it? (Figure 2 of the paper)."""

from __future__ import annotations

from metal.tasks import Task, TaskGraph

TRIAGE = TaskGraph.hierarchy(
    Task("acuity", ("Acute", "Non-Acute")),
    Task("acute", ("Urgent", "Emergent"), parent=("acuity", "Acute")),
    Task("non_acute", ("Normal", "Non-Urgent"), parent=("acuity", "Non-Acute")),
)
