"""``synaptile replay``: the chip under a saved trace, or the spikes of another simulator."""

from __future__ import annotations

import argparse

from .common import INTERRUPTED, OK, notify, output_folder
from .foreign import add_foreign_arguments, given_trace
from .options import (
    add_chip_arguments,
    add_mapping_arguments,
    add_output_arguments,
    add_tables_argument,
    chip_config,
    tables_format,
)
from .outcome import add_inferences, add_wave_arguments, chip_of, print_result, save_result, wave_recorders

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the subcommand's options."""
    parser.add_argument("trace", metavar="TRACE", nargs="?", help="a trace (snn.sw.out), as 'run' and 'demo' write it")
    add_foreign_arguments(parser)
    add_chip_arguments(parser, preset="demo")
    add_mapping_arguments(parser)
    add_wave_arguments(parser)
    add_inferences(parser)
    add_output_arguments(parser)
    add_tables_argument(parser)


def run(args: argparse.Namespace) -> int:
    """Run the subcommand."""
    from .progress import cycle_progress

    tables_format(args)
    trace = given_trace(args)
    config = chip_config(args)
    name = args.trace or ", ".join(args.spikes)
    if not trace.spikes:
        notify(f"{name} has no spikes: no packet is sent")
    folder = output_folder(args.out) if args.out else None
    waves = wave_recorders(args, config, folder, "replay")
    with cycle_progress("replay", trace.steps * config.cycles_per_step) as progress:
        result = chip_of(args, config, waves=waves.chip, progress=progress).replay(trace)
    print_result(args, result)
    save_result(args, result, folder, title=f"Replay of {name}", waves=waves)
    if result.partial and not trace.partial:
        notify(f"interrupted at cycle {result.activity.cycles}: the results are partial")
        return INTERRUPTED
    return OK
