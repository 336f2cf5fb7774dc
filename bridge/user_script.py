"""A user's script, run as Python would run it."""

from __future__ import annotations

import contextlib
import os
import runpy
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any

__all__ = ["INTERRUPTED_EARLY", "run_script"]

INTERRUPTED_EARLY = "interrupted: the results are partial"
"""What `run_script` returns for a script that was interrupted."""


def run_script(script: Path, arguments: Sequence[str], name: str, names: dict[str, Any] | None = None) -> str | None:
    """Run a script; return why it ended early, or ``None``.

    The current folder, ``sys.argv`` and ``sys.path`` are afterwards as they were before.

    Parameters
    ----------
    script
        Its absolute path, which is also what it finds in ``sys.argv[0]`` and ``__file__``.
    arguments
        What it finds in ``sys.argv`` after its name.
    name
        The path as the user gave it, for messages.
    names
        Takes what the script has defined, if it comes to its end.

    Raises
    ------
    ConfigError, MappingError, NoBoard, PortError, WrongChip
        Those of the script, for they say what would do.
    """
    argv, path, folder = sys.argv, list(sys.path), Path.cwd()
    sys.argv = [str(script), *arguments]
    sys.path.insert(0, str(script.resolve().parent))
    # A folder in the environment is the user's too, and must not move with the script.
    if cache := os.environ.get("SYNAPTILE_CACHE"):
        os.environ["SYNAPTILE_CACHE"] = os.path.abspath(os.path.expanduser(cache))  # noqa: PTH100, PTH111
    try:
        defined = runpy.run_path(str(script), run_name="__main__")
        if names is not None:
            names.update(defined)
    except KeyboardInterrupt:
        return INTERRUPTED_EARLY
    except SystemExit as end:
        return None if end.code in (None, 0) else f"{name} ended itself with {end.code!r}"
    except BaseException as error:
        from .errors import ConfigError, MappingError
        from .fpga.link_errors import NoBoard, PortError, WrongChip

        if isinstance(error, ConfigError | MappingError | NoBoard | PortError | WrongChip):
            raise
        return f"error: {_where(script, name, error)}{type(error).__name__}: {_in_one_line(error)}"
    finally:
        sys.argv, sys.path[:] = argv, path
        with contextlib.suppress(OSError):  # the script has removed it
            os.chdir(folder)
    return None


def _where(script: Path, name: str, error: BaseException) -> str:
    """Return the line of the script (not of a library) at which it failed."""
    if isinstance(error, SyntaxError):
        return f"{name if error.filename == str(script) else error.filename}, line {error.lineno}: "
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if frame.filename == str(script):
            return f"{name}, line {frame.lineno}: "
    return f"{name}: "


def _in_one_line(error: BaseException) -> str:
    return "; ".join(line.strip() for line in str(error).splitlines() if line.strip())
