"""``synaptile bench link``: images a second through the host link of a simulated board."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from ...json_text import write_json
from ..common import FAILURE, OK, UsageError, output_folder, print_json, print_table, say
from ..options import add_output_arguments, whole

if TYPE_CHECKING:
    from ...bench.fpga_link import LinkFigures

__all__ = ["add_arguments", "run"]

_BAUD = 3_000_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("--images", type=whole(1, 360), default=4, metavar="N", help="digits to be shown (default: 4)")
    parser.add_argument(
        "--baud", type=whole(1, 12_000_000), default=_BAUD, metavar="BAUD", help=f"bits in a second (default: {_BAUD})"
    )
    add_output_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Run the benchmark; the exit code is 1 if a spike is another than that of the compiled engine."""
    from ...bench.fpga_link import digits_through_link
    from ..progress import stage_progress

    folder = output_folder(args.out) if args.out else None
    try:
        with stage_progress("link") as show:
            found = digits_through_link(args.images, baud=args.baud, seed=args.seed, progress=show)
    except ValueError as error:
        raise UsageError(f"--{error}") from None
    values: dict[str, Any] = found.to_dict() | {"seed": args.seed}
    if folder:
        write_json(folder / "link.json", values)
    if args.json:
        print_json(values)
    else:
        print_table("Digits through the host link of a simulated board", _rows(found))
        say(args, f"\nin {folder}: link.json" if folder else "")
    return OK if found.same else FAILURE


def _rows(found: LinkFigures) -> list[tuple[str, str, str]]:
    return [
        ("clock", f"{found.clock_hz / 1e6:g}", "MHz"),
        ("serial line", f"{found.baud:,}", "bit/s"),
        ("images", f"{found.images:,}", f"{found.ticks:,} ticks"),
        ("spikes", f"{found.spikes:,}", "as those of the engine compiled" if found.same else "NOT those of compiled"),
        ("loading", f"{found.load_seconds * 1e3:.0f}", f"ms for {found.load_bytes:,} bytes"),
        ("link efficiency", f"{100 * found.load_efficiency:.1f}", "% of what the line can carry, while loading"),
        ("with the link", f"{found.images_per_second:,.0f}", "images/s, measured"),
        ("the line alone", f"{found.images_per_second_of_line:,.0f}", "images/s"),
        ("the chip alone", f"{found.images_per_second_of_chip:,.0f}", "images/s"),
    ]
