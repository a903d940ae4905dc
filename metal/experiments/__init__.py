"""Experiments on synthetic worlds, whose truth is known: the paper's Figure 4, and two more of its kind.

One experiment a module. Each has its trials, frozen dataclasses with what they need and a method `run` that returns
records (`Record`); `trials_of`, which lists them; `curves`, their means; and
`metrics`, what the whole says in a few numbers. A trial
is deterministic in its fields, but for the seconds that `runtime` measures.
"""

from metal.experiments.curves import Record, Trial, curve

__all__ = ["Record", "Trial", "curve"]
