"""``synaptile area``: what the circuits of a chip take after synthesis."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from .common import INTERRUPTED, OK, UsageError, notify, output_folder, print_json, say
from .options import add_chip_arguments, add_output_arguments, chip_config, positive

if TYPE_CHECKING:
    from ..area import ChipArea

__all__ = ["add_arguments", "run"]

_FAMILIES = ("ecp5", "xc7", "ice40")
_MAX_MM2 = 1e6


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the subcommand's options."""
    parser.add_argument("--family", choices=_FAMILIES, default="ecp5", help="family of FPGAs (default: ecp5)")
    parser.add_argument(
        "--cores", action="store_true", help="with a core in each tile, also where the chip says nothing of cores"
    )
    for name, what in (("node", "a router with its network interface"), ("core", "a core")):
        parser.add_argument(
            f"--{name}-mm2", type=float, metavar="MM2", help=f"area of {what} in mm², as you know it (default: none)"
        )
    add_chip_arguments(parser, engine=False)
    add_output_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Run the subcommand."""
    from ..area import chip_area
    from ..json_text import write_json
    from ..versions import versions
    from .progress import point_progress

    config = chip_config(args)
    cores = args.cores or config.core is not None
    mm2 = {name: getattr(args, f"{name}_mm2") for name in ("node", "core")}
    for name, value in mm2.items():
        if value is not None:
            positive(f"--{name}-mm2", value, _MAX_MM2)
    if mm2["core"] is not None and not cores:
        raise UsageError("--core-mm2 is for chips with cores: give --cores, too")
    folder = output_folder(args.out) if args.out else None
    given = {name: value for name, value in mm2.items() if value is not None}
    try:
        with point_progress("synthesis", 1 + cores) as progress:
            area = chip_area(config, args.family, cores=cores, mm2=given, done=progress)
    except KeyboardInterrupt:
        notify("interrupted: nothing is kept of the circuit that was being synthesised")
        return INTERRUPTED
    assert area is not None  # what is not in the cache was made
    values = {"chip": config.to_dict(), **area.to_dict(), "seed": args.seed, "versions": versions()}
    if folder:
        write_json(folder / "area.json", values)
    if args.json:
        print_json(values)
    else:
        print(table(area))
        if folder:
            say(args, f"in {folder}: area.json")
    return OK


def table(area: ChipArea) -> str:
    """Return the circuits and their sum as a table in Markdown."""
    names = ("luts", "lutrams", "flip_flops", "block_rams", "multipliers")
    lines = [
        f"| {area.family} | number | LUTs | LUT RAMs | flip-flops | block RAMs | multipliers | mm² |",
        "|---|---|---|---|---|---|---|---|",
    ]
    rows = [(block.name, block.count, [getattr(block, name) for name in names], block.mm2) for block in area.blocks]
    rows.append(("chip", 1, [area.total(name) for name in names], area.mm2))
    for name, count, cells, mm2 in rows:
        numbers = " | ".join(f"{cell:,}" for cell in cells)
        lines.append(f"| {name} | {count:,} | {numbers} | {'–' if mm2 is None else f'{mm2:g}'} |")
    return "\n".join(lines)
