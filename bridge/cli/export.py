"""``synaptile export``: the chip's Verilog."""

from __future__ import annotations

import argparse
from pathlib import Path

from .common import OK, notify, print_json
from .options import accept_seed, add_chip_arguments, chip_config

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the subcommand's options."""
    add_chip_arguments(parser, engine=False)
    parser.add_argument("--out", "-o", metavar="FILE.v|DIR", type=Path, default=Path("chip.v"), help="default: chip.v")
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    accept_seed(parser)


def run(args: argparse.Namespace) -> int:
    """Run the subcommand."""
    from ..chip import Chip
    from ..versions import versions

    chip = Chip(chip_config(args))
    if args.out.is_dir() or str(args.out).endswith("/"):
        args.out.mkdir(parents=True, exist_ok=True)
        args.out /= "chip.v"
    path = chip.export(args.out)
    lines = path.read_text().count("\n") if path.is_file() else None  # a pipe cannot be read again
    if args.json:
        print_json(
            {
                "file": str(path),
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
