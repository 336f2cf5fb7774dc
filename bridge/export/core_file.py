"""A description of an exported chip for FuseSoC and Edalize: a core file in their format CAPI2."""

from __future__ import annotations

import re
from collections.abc import Sequence
from importlib import metadata
from typing import Any

import yaml

__all__ = ["core_file"]


def core_file(name: str, verilog: str, description: str, *, bench: str | None = None, data: Sequence[str] = ()) -> str:
    """Return the text of the core file of a chip.

    Parameters
    ----------
    name
        The chip's top module.
    verilog
        The file that has it.
    description
        A line.
    bench, data
        The bench's file and those that it reads; without a bench there are no targets ``sim`` and ``sim_verilator``.
    """
    filesets: dict[str, Any] = {"rtl": {"files": [verilog], "file_type": "verilogSource"}}
    targets: dict[str, Any] = {
        "default": {"description": "The chip, for designs that depend on it", "filesets": ["rtl"], "toplevel": name},
        "lint": {
            "description": "All warnings of Verilator",
            "filesets": ["rtl"],
            "toplevel": name,
            "flow": "lint",
            "flow_options": {"tool": "verilator", "verilator_options": ["-Wall"]},
        },
        "synth": {
            "description": "Synthesis by Yosys, for an ECP5",
            "filesets": ["rtl"],
            "toplevel": name,
            "flow": "generic",
            "flow_options": {"tool": "yosys", "arch": "ecp5", "output_format": "json"},
        },
    }
    if bench is not None:
        filesets["bench"] = {
            # Copied to where the simulator runs, for the bench reads them there.
            "files": [bench, *({file: {"file_type": "user", "copyto": file}} for file in data)],
            "file_type": "verilogSource",
        }
        for target, tool, options in (
            ("sim", "icarus", {"iverilog_options": ["-g2005"]}),
            ("sim_verilator", "verilator", {"mode": "binary", "verilator_options": ["--timing"]}),
        ):
            targets[target] = {
                "description": f"The chip checks itself, in {tool}",
                "filesets": ["rtl", "bench"],
                "toplevel": f"{name}_bench",
                "flow": "sim",
                "flow_options": {"tool": tool, **options},
            }
    release = re.match(r"\d+(\.\d+)*", metadata.version("synaptile"))
    core = {
        "name": f"synaptile::{name}:{release[0] if release else 0}",
        "description": description,
        "filesets": filesets,
        "targets": targets,
    }
    return "CAPI=2:\n" + yaml.safe_dump(core, sort_keys=False, width=120)
