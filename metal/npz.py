"""Named arrays as the bytes of an npz archive, and back. No pickles."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt


def to_npz(arrays: Mapping[str, npt.ArrayLike]) -> bytes:
    """Return an npz archive, the same bytes for the same arrays. Raises ValueError for object arrays."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **{name: np.asarray(arrays[name]) for name in sorted(arrays)})
    return buffer.getvalue()


def from_npz(content: bytes) -> dict[str, npt.NDArray[Any]]:
    """Return the arrays of an npz archive. Raises ValueError if it is truncated, damaged or holds a pickle."""
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    # A lone array (npy) has no `files`; what zipfile meets in damaged archives it has many names for.
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, AttributeError, NotImplementedError, TypeError) as error:
        raise ValueError(f"not a whole npz archive: {error}") from error
