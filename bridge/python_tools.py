"""Tools that are Python packages, run as commands of this Python: Yosys, nextpnr."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

__all__ = ["run_tool"]


def run_tool(
    arguments: Sequence[str], *, stdin: str = "", folder: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run Python with some arguments, in a folder; return what it printed, none of which reaches the terminal."""
    return subprocess.run(
        [sys.executable, *arguments], input=stdin, cwd=folder, check=False, capture_output=True, encoding="utf-8"
    )
