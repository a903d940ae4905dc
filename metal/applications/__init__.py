"""Applications by name: the module `metal.applications.NAME` with an `application` in it."""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any

from metal.application import Application, Corpus

__all__ = ["Application", "Corpus", "application_names", "load_application"]


def application_names() -> list[str]:
    """Return the names that `load_application` knows: the modules here that hold an application."""
    return sorted(found.name for found in pkgutil.iter_modules(__path__))


def load_application(name: str) -> Application[Any]:
    """Return the application of that name. Raises ValueError for an unknown name, and for one that is not its own."""
    if name not in application_names():
        raise ValueError(f"unknown application {name!r}; known are {application_names()}")
    application = importlib.import_module(f"metal.applications.{name}").application
    if not isinstance(application, Application):
        raise TypeError(f"metal.applications.{name}.application is {type(application).__name__}, not an Application")
    if application.name != name:
        raise ValueError(f"the application in metal/applications/{name} calls itself {application.name!r}; rename one")
    return application
