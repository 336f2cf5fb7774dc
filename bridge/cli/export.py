"""``synaptile export``: the chip's Verilog."""

from __future__ import annotations

import argparse
from pathlib import Path

from .common import OK, UsageError, notify, print_json
from .options import accept_seed, add_chip_arguments, chip_config

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the subcommand's options."""
    add_chip_arguments(parser, engine=False)
    parser.add_argument("--out", "-o", metavar="FILE.v|DIR", type=Path, default=Path("chip.v"), help="default: chip.v")
    parser.add_argument(
        "--name",
        default="synaptile_chip",
        help="name of the top module, with which the names of all others begin, so that chips of several names can "
        "stand in one design (default: synaptile_chip)",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    accept_seed(parser)


def run(args: argparse.Namespace) -> int:
    """Run the subcommand."""
    from synaptile.rtl.export.names import check_name

    from ..chip import Chip
    from ..versions import versions

    try:
        check_name(args.name)
    except ValueError as error:
        raise UsageError(f"--{error}") from None

    chip = Chip(chip_config(args))
    if args.out.is_dir() or str(args.out).endswith("/"):
        args.out.mkdir(parents=True, exist_ok=True)
        args.out /= "chip.v"
    path = chip.export(args.out, name=args.name)
    lines = path.read_text().count("\n") if path.is_file() else None  # a pipe cannot be read again
    if args.json:
        print_json(
            {
                "file": str(path),
                "name": args.name,
                "lines": lines,
                "tiles": chip.config.tiles,
                "seed": args.seed,
                "config": chip.config.to_dict(),
                "versions": versions(),
            }
        )
    else:
        size = "Verilog" if lines is None else f"{lines:,} lines of Verilog"
        notify(f"wrote {path}: {chip.config.rows}×{chip.config.cols} tiles, {size}")
    return OK
