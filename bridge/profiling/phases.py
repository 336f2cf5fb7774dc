"""The phases of a run, told from the files of the functions that are running."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

__all__ = ["IMPORTS", "OTHER", "PHASES", "Frame", "phase_of"]

Frame = tuple[str, str]
"""A function that is running: its name and its file."""

IMPORTS, COMPILERS, OTHER = "imports", "compilers", "Python, other"
SCRIPT, NETWORK, SOFTWARE = "script", "network building", "software simulation"
MAPPING, HARDWARE, METRICS = "mapping", "hardware simulation", "metrics and report"

PHASES: dict[str, str] = {
    SCRIPT: "the script's own code",
    NETWORK: "PyNN: populations, connectors, recording",
    SOFTWARE: "neurons, synapses and sources of the software engine",
    MAPPING: "partition and placement",
    HARDWARE: "the chip: engine, packets, log",
    METRICS: "metrics, comparison, report, files",
    IMPORTS: "modules loaded",
    COMPILERS: "Numba, the C++ compiler and Yosys, which run once for a machine",
    OTHER: "the command line, and what is none of these",
}
"""Phases by name, with what belongs to each."""

_PACKAGES = Path(__file__).parents[2]
_OWN: dict[str, str] = {
    "swsim/pynn": NETWORK,
    "swsim": SOFTWARE,
    "bridge/mapping": MAPPING,
    "bridge/mapped_trace.py": MAPPING,
    "bridge/engines": HARDWARE,
    "bridge/onchip": HARDWARE,
    "bridge/fpga": HARDWARE,
    "bridge/waves": HARDWARE,
    "bridge/chip.py": HARDWARE,
    "bridge/session.py": HARDWARE,
    "bridge/core_session.py": HARDWARE,
    "rtl": HARDWARE,
    "bridge/metrics": METRICS,
    "bridge/comparison": METRICS,
    "bridge/report": METRICS,
    "bridge/plots": METRICS,
    "bridge/tables": METRICS,
    "bridge/finished.py": METRICS,
    "bridge/run.py": METRICS,
    "bridge/saved_run.py": METRICS,
    "bridge": OTHER,
}
"""Folders and files of the three packages; the longest that holds a file counts."""

_FOREIGN: dict[str, str] = {"pyNN": NETWORK, "neo": NETWORK, "numba": COMPILERS, "llvmlite": COMPILERS}
"""Packages of others that are a phase whoever calls them; the time of any other package is its caller's."""


def phase_of(stack: Sequence[Frame], script: str | None = None) -> str:
    """Return the phase of functions that are running: that of the innermost one whose file tells.

    Parameters
    ----------
    stack
        The functions, the outermost first.
    script
        The user's script, whose functions and those of files beside it are `SCRIPT`.
    """
    folder = None if script is None else str(Path(script).parent)
    for _, file in reversed(stack):
        phase = _phase_of_file(file, folder)
        if phase is not None:
            return phase
    return OTHER


@cache
def _phase_of_file(file: str, script_folder: str | None) -> str | None:
    if file.startswith("<frozen importlib"):
        return IMPORTS
    path = Path(file)
    if path.name == "subprocess.py":
        return COMPILERS
    if path.is_relative_to(_PACKAGES) and "site-packages" not in path.relative_to(_PACKAGES).parts:
        own = path.relative_to(_PACKAGES).as_posix()
        for known in sorted(_OWN, key=len, reverse=True):
            if own == known or own.startswith(f"{known}/"):
                return _OWN[known]
    if "site-packages" in path.parts:
        package = path.parts[path.parts.index("site-packages") + 1]
        return _FOREIGN.get(package)
    if script_folder is not None and path.is_relative_to(script_folder):
        return SCRIPT
    return None
