"""``synaptile bench fpga``: what chips take of the boards' FPGAs, and how fast they are."""

from __future__ import annotations

import argparse
import shlex
from typing import TYPE_CHECKING, Any

from ...json_text import write_json
from ..common import INTERRUPTED, OK, UsageError, notify, output_folder, print_json, say
from ..fpga.build import add_arguments as add_build_arguments
from ..fpga.build import build_of
from ..options import add_output_arguments

if TYPE_CHECKING:
    from ...fpga.report import BuildReport

__all__ = ["CASES", "add_arguments", "run", "table"]

_CORES = "--weight-bits 4 --core-neuron current-lif --core-readback"

CASES = {
    "ulx3s-4x4": f"--board ulx3s-85f --mesh 4x4 --crossbar 64x64 --core-lanes 1 --core-targets 256 {_CORES}",
    "ulx3s-2x3": (
        f"--board ulx3s-85f --mesh 2x3 --crossbar 256x256 --core-lanes 1 --core-targets 1024 --clock-hz 60e6 {_CORES}"
    ),
    "ulx3s-3x3": f"--board ulx3s-85f --mesh 3x3 --crossbar 256x256 --core-lanes 1 --core-targets 1024 {_CORES}",
    "icebreaker": f"--board icebreaker --mesh 1x1 --crossbar 256x256 --core-lanes 1 --core-targets 256 {_CORES}",
    "orangecrab": f"--board orangecrab-25f --mesh 2x2 --crossbar 64x64 --core-lanes 2 --core-targets 256 {_CORES}",
}
"""The chips that are measured, each as the options of ``synaptile fpga``."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument(
        "--case", action="append", choices=list(CASES), help="only this one; may be given several times (default: all)"
    )
    parser.add_argument("--dry-run", action="store_true", help="stop after synthesis")
    add_output_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Run the benchmark."""
    from ...fpga.errors import ToolError
    from ..progress import point_progress

    folder = output_folder(args.out) if args.out else None
    cases = args.case or list(CASES)
    reports: dict[str, BuildReport | str] = {}
    interrupted = False
    try:
        with point_progress("boards", len(cases)) as done:
            for name in cases:
                try:
                    reports[name] = build_of(_options(name, args), None)
                except (UsageError, ToolError) as error:
                    reports[name] = str(error)
                done(name)
    except KeyboardInterrupt:
        interrupted = True
    values: dict[str, Any] = {
        "cases": {
            name: {"command": _command(name)}
            | ({"error": found} if isinstance(found, str) else {"report": found.to_dict()})
            for name, found in reports.items()
        },
        "seed": args.seed,
        "partial": interrupted,
    }
    if folder:
        from synaptile.swsim.base.whole_file import write_text

        write_json(folder / "fpga.json", values)
        write_text(folder / "fpga.md", table(reports) + "\n")
    if args.json:
        print_json(values)
    else:
        print(table(reports))
        say(args, f"\nin {folder}: fpga.json, fpga.md" if folder else "")
    if interrupted:
        notify(f"interrupted: {len(reports)} of {len(cases)} chips are measured")
        return INTERRUPTED
    return OK


def table(reports: dict[str, BuildReport | str]) -> str:
    """The reports as a table in Markdown, with the commands below it."""
    lines = [
        "| chip | board | logic | flip-flops | block RAMs | multipliers | clock in MHz, of what was asked | place and "
        "route |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, found in reports.items():
        if isinstance(found, str):
            lines.append(f"| {name} | {found} | – | – | – | – | – | – |")
            continue
        used = {part.part: f"{part.used:,} of {part.has:,}" for part in found.usage}
        logic, flip_flops, rams, multipliers = (
            next((used[part] for part in parts if part in used), "–")
            for parts in (
                ("TRELLIS_COMB", "ICESTORM_LC"),
                ("TRELLIS_FF",),
                ("DP16KD", "ICESTORM_RAM"),
                ("MULT18X18D", "ICESTORM_DSP"),
            )
        )
        clock = "–" if found.timing is None else f"{found.timing.worst.reached_mhz:.1f} of {found.clock_hz / 1e6:g}"
        seconds = found.seconds.get("place and route")
        time = "–" if seconds is None else f"{seconds:,.0f} s"
        core, network = found.core, found.network
        chip = (
            f"{network['rows']} × {network['cols']} of {core['axons']} × {core['neurons']} × {core['weight_bits']} bits"
        )
        row = (chip, found.board.name, logic, flip_flops, rams, multipliers, clock, time)
        lines.append(f"| {' | '.join(row)} |")
    return "\n".join([*lines, "", "```", *(_command(name) for name in reports), "```"])


def _command(name: str) -> str:
    return f"synaptile fpga {CASES[name]}"


def _options(name: str, args: argparse.Namespace) -> argparse.Namespace:
    """Return the options of ``synaptile fpga`` for a case; a clock that is not met is a result, too."""
    parser = argparse.ArgumentParser()
    add_build_arguments(parser)
    words = ["--seed", str(args.seed), *shlex.split(CASES[name]), "--allow-slow"]
    return parser.parse_args([*words, *(["--dry-run"] if args.dry_run else [])])
