"""``synaptile bench hardware``: a router's area and clock frequency on FPGAs."""

from __future__ import annotations

import argparse
from typing import Any

from ...json_text import write_json
from ..common import INTERRUPTED, OK, UsageError, notify, output_folder, print_json, say
from ..options import add_output_arguments, whole

__all__ = ["add_arguments", "run"]

_SPEEDS = (6, 7, 8)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument(
        "--variant",
        action="append",
        metavar="NAME=VALUE[,...]",
        help="parameters of the network in which a router differs from the usual one, such as routing=odd-even; "
        "may be given several times (default: a list of them)",
    )
    parser.add_argument("--speed", type=int, choices=_SPEEDS, default=6, help="speed grade of the ECP5 (default: 6)")
    parser.add_argument(
        "--seeds",
        type=whole(0, 1000),
        default=5,
        metavar="N",
        help="place and route with the seeds from --seed + 1 on (default: 5; 0 leaves it out)",
    )
    add_output_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Run the benchmark."""
    from ...bench import hardware as bench
    from ...bench.fpga_tools import tool_versions
    from ...versions import versions
    from ..progress import point_progress

    variants: list[dict[str, Any]] = list(bench.VARIANTS)
    if args.variant:
        try:
            variants = [bench.changes_of(text) for text in args.variant]
        except (TypeError, ValueError) as error:
            raise UsageError(f"--variant: {error}") from None
    folder = output_folder(args.out) if args.out else None
    seeds = range(args.seed + 1, args.seed + 1 + args.seeds)
    figures: list[bench.RouterFigures] = []
    interrupted = False
    families = ("xc7", "ice40")
    try:
        with point_progress("synthesis", len(variants) * (len(families) + len(seeds))) as progress:
            for changes in variants:
                figures.append(
                    bench.measure_router(changes, families=families, seeds=seeds, speed=args.speed, done=progress)
                )
    except KeyboardInterrupt:
        interrupted = True
    values = {
        "figures": [found.to_dict() for found in figures],
        "base": bench.describe_base(),
        "device": f"LFE5U-{bench.DEVICE} {bench.PACKAGE}",
        "speed": args.speed,
        "seeds": list(seeds),
        "goal_mhz": bench.FMAX_GOAL,
        "seed": args.seed,
        "partial": interrupted,
        "versions": versions() | tool_versions(),
    }
    if folder:
        from synaptile.swsim.base.whole_file import write_text

        write_json(folder / "hardware.json", values)
        write_text(folder / "hardware.md", bench.table(figures) + "\n")
    if args.json:
        print_json(values)
    else:
        print(bench.table(figures))
        what = f"seeds {seeds[0]}..{seeds[-1]}" if seeds else "no place and route"
        print(f"\nECP5 {bench.DEVICE}, {bench.PACKAGE}, speed grade {args.speed}, {what}")
        say(args, f"in {folder}: hardware.json, hardware.md" if folder else "")
    if interrupted:
        notify(f"interrupted: {len(figures)} of {len(variants)} routers are measured")
        return INTERRUPTED
    return OK
