"""``synaptile fpga --board``: the bitstream of a chip for a board."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...errors import ConfigError
from ..common import INTERRUPTED, OK, UsageError, notify, output_folder, print_json, print_table, shown
from ..options import add_chip_arguments, add_output_arguments, chip_config, positive

if TYPE_CHECKING:
    from ...fpga.report import BuildReport

__all__ = ["add_arguments", "build_of", "run"]

_MAX_BAUD = 12e6


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the subcommand's options."""
    board = parser.add_argument_group("the board")
    board.add_argument("--board", metavar="NAME", help="the board; --board list lists them")
    board.add_argument(
        "--baud", type=float, metavar="BAUD", help="rate of the serial line in bits per second (default: the board's)"
    )
    board.add_argument("--dry-run", action="store_true", help="stop after synthesis")
    board.add_argument(
        "--allow-slow", action="store_true", help="write the bitstream although it is slower than its clock"
    )
    board.add_argument("--no-cache", action="store_true", help="make everything again")
    add_chip_arguments(parser, engine=False)
    add_output_arguments(parser)


def build_of(args: argparse.Namespace, folder: Path | None, **calls: Any) -> BuildReport:
    """Build what the options describe; raises `UsageError` for everything that the user can change, and `ConfigError`.

    ``calls`` are ``progress`` and ``notify`` of `build`.
    """
    from ...config.cores import chip_on_board
    from ...fpga.boards import board_named
    from ...fpga.build import build
    from ...fpga.errors import ClockNotMet, DoesNotFit, ToolUnavailable, UnknownBoard

    if args.baud is not None:
        positive("--baud", args.baud, _MAX_BAUD)
    try:
        board = board_named(args.board)
        network, core, host_tile, host_key = chip_on_board(chip_config(args))
        return build(
            board,
            network,
            core,
            folder,
            clock_hz=args.clock_hz,
            baud=args.baud,
            host_tile=host_tile,
            host_key=host_key,
            seed=args.seed,
            dry_run=args.dry_run,
            cache=not args.no_cache,
            must_meet=not args.allow_slow,
            **calls,
        )
    except UnknownBoard as error:
        raise UsageError(f"--{error}") from None
    except ConfigError:
        raise
    except (DoesNotFit, ClockNotMet, ToolUnavailable) as error:
        raise UsageError(str(error)) from None
    except ValueError as error:
        if str(error).startswith(("clock_hz ", "baud ")):
            raise UsageError(f"--{str(error).replace('clock_hz', 'clock-hz', 1)}") from None
        raise


def run(args: argparse.Namespace) -> int:
    """Run the subcommand."""
    from ...fpga.boards import BOARDS
    from ..progress import stage_progress

    if args.board == "list":
        return _list(args)
    if args.board is None:
        raise UsageError(f"--board must be given: one of {', '.join(BOARDS)}")
    folder = _folder(args.out)
    step = "elaboration"

    def note(what: str) -> None:
        nonlocal step
        step = what.partition(":")[0]
        show(what)

    try:
        with stage_progress(args.board) as show:
            report = build_of(args, folder, progress=note, notify=notify)
    except KeyboardInterrupt:
        notify(f"interrupted during {step}: the steps before are kept, and the next run goes on from there")
        return INTERRUPTED
    if args.json:
        print_json(report.to_dict())
        return OK
    print_table(report.board.title, report.rows())
    if report.timing is not None:
        print(f"\nslowest path: {report.timing.path_text()}")
    if folder is not None:
        print(f"\nin {shown(folder)}: {', '.join(report.files.values())}")
    if not report.board.is_built_here:
        notify(
            f"{args.board} needs the vendor's tools: run build_synaptile_top.sh in that folder, with vivado on the path"
        )
    return OK


def _folder(out: Path | None) -> Path | None:
    """Make the folder for the results; raises `UsageError` if it cannot be written."""
    try:
        return None if out is None else output_folder(out)
    except OSError as error:
        raise UsageError(f"--out {out}: cannot be written: {error.strerror or error}") from None


def _list(args: argparse.Namespace) -> int:
    """Print the boards."""
    from ...fpga.boards import BOARDS

    if args.json:
        boards: dict[str, Any] = {
            name: {"title": board.title, "device": board.device, "clock_hz": board.clock_hz, "host": board.host}
            for name, board in BOARDS.items()
        }
        print_json({"boards": boards})
    else:
        print_table("Boards", ((name, board.device, board.title) for name, board in BOARDS.items()))
    return OK
