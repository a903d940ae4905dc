"""A small project with results, made once, and its models in a registry."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from flows import tracking_place
from flows.config import Config
from flows.register import register
from tests.flows.serving.small_project import NAME, write_project


@dataclass(frozen=True)
class Project:
    """Its folder, the configuration that it was made with, and where its database is."""

    root: Path
    config: Config

    @property
    def uri(self) -> str:
        return tracking_place.tracking_uri(self.root)

    def copy(self, root: Path) -> Project:
        """Return a copy; by another process: one that closes a database's file gives up sqlite's locks on it."""
        subprocess.run(["cp", "-r", str(self.root), str(root)], check=True)
        return Project(root, self.config)


@pytest.fixture(scope="session")
def registered(tmp_path_factory: pytest.TempPathFactory, empty_database: Path) -> Project:
    """Both models of the project are version 1 and champions; not to be changed."""
    root = tmp_path_factory.mktemp("project")
    config = write_project(root)
    shutil.copyfile(empty_database, root / tracking_place.DATABASE)
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("MLFLOW_TRACKING_URI", raising=False)
        register(root, config, NAME, "metal")
    return Project(root, config)
