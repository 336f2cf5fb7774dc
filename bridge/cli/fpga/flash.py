"""``synaptile fpga flash``: a bitstream onto a board, by openFPGALoader."""

from __future__ import annotations

import argparse
import shutil
import subprocess

from ..common import FAILURE, OK, UsageError, existing_file, notify

__all__ = ["add_arguments", "run"]

_LOADER = "openFPGALoader"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the subcommand's options."""
    parser.add_argument("bitstream", metavar="BITSTREAM", help="the file to write")
    parser.add_argument(
        "--board", required=True, metavar="NAME", help=f"the board: one of --board list, or what {_LOADER} calls it"
    )
    parser.add_argument(
        "--keep", action="store_true", help="write it to the board's flash memory, from which it starts when powered"
    )


def run(args: argparse.Namespace) -> int:
    """Run the subcommand."""
    from ...fpga.boards import BOARDS

    file = existing_file(args.bitstream, "BITSTREAM")
    loader = shutil.which(_LOADER)
    if loader is None:
        raise UsageError(
            f"{_LOADER} is not installed: it comes with most systems' packages (openfpgaloader), or write "
            f"{args.bitstream} with the board's own tool"
        )
    board = BOARDS[args.board].loader if args.board in BOARDS else args.board
    run = subprocess.run([loader, "--board", board, *["--write-flash"] * args.keep, str(file)], check=False)
    if run.returncode:
        notify(f"error: {_LOADER} failed with exit code {run.returncode}")
        return FAILURE
    return OK
