"""Files in HDF5, whose library is asked for only where there is one to be read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..trace.errors import TraceError

__all__ = ["open_hdf5", "text"]


def open_hdf5(path: Path, what: str) -> Any:
    """Open a file to be read, which errors call ``what``.

    Raises
    ------
    ModuleNotFoundError
        If h5py is not installed.
    FileNotFoundError
        If there is no such file.
    TraceError
        If it is of another kind.
    """
    try:
        import h5py
    except ModuleNotFoundError:
        raise ModuleNotFoundError("SONATA files need h5py: pip install 'synaptile[sonata]'") from None
    try:
        return h5py.File(path, "r")
    except FileNotFoundError:
        raise
    except OSError as error:
        raise TraceError(what, "be HDF5", str(error), path) from None


def text(value: Any) -> str:
    """Return an attribute that is text, in bytes or not."""
    return value.decode() if isinstance(value, bytes) else str(value)
