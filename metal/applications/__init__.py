"""Applications by name: the module `metal.applications.NAME` with an `application` in it.

Where the labels differ by corpus, the module has `applications` instead: a mapping of corpus name to application.
"""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any

from metal.application import Application, Corpus

__all__ = ["Application", "Corpus", "application_names", "load_application"]


def application_names() -> list[str]:
    """Return the names that `load_application` knows: the modules here that hold an application."""
    return sorted(found.name for found in pkgutil.iter_modules(__path__))


def load_application(name: str, corpus: str) -> Application[Any]:
    """Return the application of that name for a corpus, which is named as in the corpus's configuration section.

    Raises ValueError for an unknown name, for a corpus that the application has no labels for, and for a module that
    holds another application than its own.
    """
    if name not in application_names():
        raise ValueError(f"unknown application {name!r}; known are {application_names()}")
    module = importlib.import_module(f"metal.applications.{name}")
    by_corpus = getattr(module, "applications", None)
    if by_corpus is not None and corpus not in by_corpus:
        raise ValueError(f"application {name!r} has no labels for corpus {corpus!r}; it has for {sorted(by_corpus)}")
    application = module.application if by_corpus is None else by_corpus[corpus]
    if not isinstance(application, Application):
        raise TypeError(f"metal.applications.{name}.application is {type(application).__name__}, not an Application")
    if application.name != name:
        raise ValueError(f"the application in metal/applications/{name} calls itself {application.name!r}; rename one")
    return application
