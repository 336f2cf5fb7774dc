"""The ``synaptile`` command: finds the subcommand, and turns every error into one line and an exit code.

What a subcommand needs is imported when it is chosen, or later: ``--version`` and ``--help`` use the standard library.
"""

from __future__ import annotations

import argparse
import importlib
import logging
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any, NoReturn

from ..process.signals import Interruption, like_ctrl_c
from ..process.streams import abandon, json_only, open_all, writable_text
from .common import FAILURE, INTERRUPTED, OK, USAGE, UsageError, notify

__all__ = ["COMMANDS", "main"]

COMMANDS = {
    "demo": "classify handwritten digits on the chip, with report, pictures, waveform and Verilog",
    "run": "run a PyNN script, and the chip under its spikes",
    "profile": "run a PyNN script as run does, and tell where the time goes",
    "replay": "run the chip under the spikes of a saved trace",
    "map": "search for a mapping of a network to a chip, and save it for every later run",
    "explore": "find the best chips, mappings and network parameters, as a study of many trials",
    "compare": "tell what is different between runs of one network, spike by spike",
    "traffic": "measure the network under synthetic traffic",
    "program": "write what programs a chip of cores for a PyNN script's network",
    "export": "write the chip's Verilog, and a bench for it",
    "fpga": "put the chip onto a board: synthesis, place and route, bitstream; check and flash one",
    "area": "tell what the chip's circuits take after synthesis: lookup tables, registers, memories",
    "bench": "measure the engines or the software simulator on this machine, or the router on FPGAs",
    "presets": "list the built-in chips, or show one with the source of every number",
}
"""Subcommands, each in the module of its name, which gives ``add_arguments(parser)`` and ``run(args) -> int``."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message} (see {self.prog} --help)")


class _Version(argparse.Action):
    """Prints the version of what is installed."""

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> None:
        from importlib.metadata import version

        print(f"synaptile {version('synaptile')}")
        parser.exit()


class _Notify(logging.Handler):
    """Prints the library's log on standard error."""

    def emit(self, record: logging.LogRecord) -> None:
        notify(self.format(record))


def _parser(argv: Sequence[str]) -> argparse.ArgumentParser:
    parser = _Parser(
        prog="synaptile",
        description="Run spiking neural networks written in PyNN on cycle-exact neuromorphic hardware.",
        epilog="Exit codes: 0 success, 1 failure, 2 wrong use or input, 130 interrupted (128 and the "
        "signal's number for SIGTERM, SIGHUP and SIGXCPU); partial results are kept.",
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="show program's version number and exit")
    subparsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=_Parser)
    chosen = next((word for word in argv if not word.startswith("-")), None)
    for name, line in COMMANDS.items():
        sub = subparsers.add_parser(name, help=line, description=line[0].upper() + line[1:] + ".")
        if name == chosen:  # the others need not be imported
            module = importlib.import_module(f".{name}", __package__)
            module.add_arguments(sub)
            sub.set_defaults(run=module.run)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line, by default that of the process, and return its exit code."""
    open_all()
    with writable_text(), like_ctrl_c() as interruption:
        code = _run(sys.argv[1:] if argv is None else list(argv), interruption, alone=argv is None)
        try:
            sys.stdout.flush()
        except OSError as error:
            abandon(sys.stdout)
            if not isinstance(error, BrokenPipeError):
                notify(f"error: standard output: {error.strerror}")
            code = code or FAILURE
    return code


def _run(argv: Sequence[str], interruption: Interruption, *, alone: bool) -> int:
    """Run the command line; ``alone`` if that is all that the process does."""
    log = logging.getLogger("synaptile")
    log.setLevel(logging.INFO)
    logging.getLogger(f"{log.name}.paths").setLevel(logging.WARNING)  # `run` says them among its results
    if not any(isinstance(handler, _Notify) for handler in log.handlers):
        log.addHandler(_Notify())
    try:
        args = _parsed(argv)
        with json_only(for_good=alone) if getattr(args, "json", False) else nullcontext():
            code = int(args.run(args))
        return interruption.exit_code if code == INTERRUPTED else code
    except SystemExit as end:  # --help and --version
        return end.code if isinstance(end.code, int) else OK
    except UsageError as error:
        notify(f"error: {error}")
        return USAGE
    except KeyboardInterrupt:
        notify("interrupted")
        return interruption.exit_code
    except BrokenPipeError:  # the reader of our output has gone
        abandon(sys.stdout)
        return FAILURE
    except (OSError, MemoryError) as error:
        if isinstance(error, OSError) and error.errno is not None and error.filename is None:
            abandon(sys.stdout)  # files are named, so that it is no file
            error.filename = "standard output"
        notify(f"error: {_one_line(error)}")
        return FAILURE
    except (RuntimeError, ValueError, TimeoutError) as error:
        notify(f"error: {_one_line(error)}")
        return USAGE if isinstance(error, _input_errors()) else FAILURE


def _parsed(argv: Sequence[str]) -> argparse.Namespace:
    """Parse the command line; raises `UsageError`.

    The words of a script may stand before and after the options of ``run`` and ``profile``, and after ``--`` they are
    all its own.
    """
    parser = _parser(argv)
    if next((word for word in argv if not word.startswith("-")), None) not in ("run", "profile"):
        return parser.parse_args(argv)
    own = list(argv)
    rest: list[str] = []
    if "--" in own:
        at = own.index("--")
        own, rest = own[:at], own[at + 1 :]
    try:
        args, words = parser.parse_known_args(own)
    except UsageError:
        if not rest:
            raise
        args, words = parser.parse_known_args([*own, rest.pop(0)])  # the script itself, perhaps
    unknown = [word for word in words if word.startswith("-")]
    if unknown:
        parser.error(f"unrecognized arguments: {' '.join(unknown)}")
    args.arguments += words + rest
    return args


def _input_errors() -> tuple[type[Exception], ...]:
    """The errors that the user's input causes."""
    from synaptile.swsim.trace import TraceError

    from ..errors import ConfigError, MappingError
    from ..fpga.link_errors import NoBoard, PortError, WrongChip

    return ConfigError, MappingError, TraceError, NoBoard, PortError, WrongChip


def _one_line(error: BaseException) -> str:
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return "; ".join(str(error).splitlines()) or type(error).__name__
