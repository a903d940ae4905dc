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
    """Return the application of that name. Raises ValueError listing the known names."""
    if name not in application_names():
        raise ValueError(f"unknown application {name!r}; known are {application_names()}")
    application = importlib.import_module(f"metal.applications.{name}").application
    if not isinstance(application, Application):
        raise TypeError(f"metal.applications.{name}.application is {type(application).__name__}, not an Application")
    return application
