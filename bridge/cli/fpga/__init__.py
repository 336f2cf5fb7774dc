"""``synaptile fpga``: a chip onto a board."""

from __future__ import annotations

import argparse
import importlib

from . import build

__all__ = ["ACTIONS", "add_arguments", "run"]

ACTIONS: dict[str, str] = {
    "check": "ask a board what it is, and test it against the model",
    "flash": "write a bitstream to a board by openFPGALoader",
}
"""What can be done with a board besides building for it, each in the module of its name."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of building, and the actions."""
    build.add_arguments(parser)
    actions = parser.add_subparsers(dest="action", metavar=f"[{'|'.join(ACTIONS)}]", parser_class=type(parser))
    for name, line in ACTIONS.items():
        module = importlib.import_module(f".{name}", __package__)
        sub = actions.add_parser(name, help=line, description=line[0].upper() + line[1:] + ".")
        module.add_arguments(sub)
        sub.set_defaults(act=module.run)


def run(args: argparse.Namespace) -> int:
    """Run the subcommand."""
    return int(getattr(args, "act", build.run)(args))
