"""``synaptile bench``: measure the engines or the software simulator on this machine, or routers and chips on FPGAs."""

from __future__ import annotations

import argparse
from typing import Any

from . import engines, every, fpga, hardware, link, mapping, swsim, table_iv

__all__ = ["add_arguments", "run"]

_MODULES: dict[str, tuple[str, Any]] = {
    "all": ("the engines, the software simulator, mappings and Table IV, and a page of them", every),
    "engines": ("the same uniform traffic through each engine", engines),
    "swsim": ("the same PyNN networks through the software simulator and others that are installed", swsim),
    "hardware": ("a router's area and clock frequency on FPGAs", hardware),
    "fpga": ("what chips take of the boards' FPGAs, and how fast they are", fpga),
    "link": ("images a second through the host link of a simulated board", link),
    "mapping": ("mappings by different methods, of the same networks on the same chips", mapping),
    "table-iv": ("the routings of the PyCARL paper's Table IV, beside the paper", table_iv),
}
"""The benchmarks by name: a line of help, and the module that adds its options and runs it."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of everything that can be measured."""
    what = parser.add_subparsers(dest="what", required=True, metavar="WHAT", parser_class=type(parser))
    for name, (line, module) in _MODULES.items():
        module.add_arguments(what.add_parser(name, help=line, description=line[0].upper() + line[1:] + "."))


def run(args: argparse.Namespace) -> int:
    """Run the subcommand."""
    return int(_MODULES[args.what][1].run(args))
