"""A fitted label model as two files of a folder: `label_model.json`, and the npz archive that it names.

The JSON holds format and version, the settings, the task graph, the sources' label spaces and the report; the npz,
called after its own SHA-256, the balance and the tables. Renaming the JSON into place is what replaces a model: whoever
is killed before leaves the old one whole, and no JSON is ever read with another fit's arrays. No file holds a pickle.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import numpy.typing as npt

from metal.atomic import write_bytes
from metal.npz import from_npz, to_npz

FORMAT = "metal.LabelModel"
VERSION = 1
"""Raised when a reader of the old version could misunderstand a file."""
NAME = "label_model.json"

Model = TypeVar("Model")
Arrays = Mapping[str, npt.NDArray[Any]]


class ModelFileError(ValueError):
    """A file is missing, damaged or holds no label model of this version."""


def write_model(folder: Path, arrays: Arrays, description: Mapping[str, Any]) -> None:
    """Write a model's state into a folder, which is made if need be; a model that it holds is replaced as a whole.

    Raises UnwritableError naming the file; the old model is then unchanged.
    """
    content = to_npz(arrays)
    digest = hashlib.sha256(content).hexdigest()
    archive = f"label_model-{digest[:12]}.npz"
    header = {"format": FORMAT, "version": VERSION, "arrays": archive, "sha256": digest}
    text = json.dumps(header | {"model": description}, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    try:
        before = _header(folder / NAME)["arrays"]
    except ModelFileError:
        before = archive  # nothing of ours to replace
    write_bytes(folder / archive, content)
    write_bytes(folder / NAME, text.encode())
    if before != archive:
        (folder / before).unlink(missing_ok=True)


def read_model(folder: Path, build: Callable[[Arrays, Mapping[str, Any]], Model]) -> Model:
    """Read a model's state from a folder and build the model of it.

    Raises ModelFileError naming the file that is missing, truncated, foreign, or of another version or fit.
    """
    path = folder / NAME
    header = _header(path)
    archive = folder / header["arrays"]
    content = _content(archive)
    if hashlib.sha256(content).hexdigest() != header["sha256"]:
        raise ModelFileError(f"{archive} is damaged: its SHA-256 is not the one in {path}. Save the model again")
    try:
        return build(from_npz(content), header["model"])
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
        raise ModelFileError(f"{path} describes no label model: {error!r}. Save the model again") from error


def _header(path: Path) -> dict[str, Any]:
    content = _content(path)
    try:
        header = json.loads(content)
    except ValueError as error:
        raise ModelFileError(f"{path} is truncated or no JSON: {error}. Save the model again") from error
    if not isinstance(header, dict) or header.get("format") != FORMAT:
        raise ModelFileError(f"{path} was not written by LabelModel.save: its format is not {FORMAT!r}")
    if header.get("version") != VERSION:
        raise ModelFileError(
            f"{path} has version {header.get('version')!r} of the format; this library reads version {VERSION}. "
            "Load it with the library that wrote it, or fit again"
        )
    archive = header.get("arrays")
    if not isinstance(archive, str) or Path(archive).name != archive or not {"sha256", "model"} <= header.keys():
        raise ModelFileError(f"{path} does not say where its arrays are, or of which model. Save the model again")
    return header


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ModelFileError(f"{path} cannot be read: {error.strerror}. Save a model there first") from error
