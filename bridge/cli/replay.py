"""``synaptile replay``: the chip under a saved trace."""

from __future__ import annotations

import argparse

from .common import (
    INTERRUPTED,
    OK,
    add_chip_arguments,
    add_mapping_arguments,
    add_output_arguments,
    chip_config,
    cycle_progress,
    existing_file,
    output_folder,
    say,
    tell,
)
from .outcome import add_wave_arguments, finish, wave_recorder, write_results

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The subcommand's options."""
    parser.add_argument("trace", metavar="TRACE", help="a trace (snn.sw.out), as 'run' and 'demo' write it")
    add_chip_arguments(parser, preset="demo")
    add_mapping_arguments(parser)
    add_wave_arguments(parser)
    add_output_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Run the subcommand."""
    from synaptile.swsim.trace import Trace

    from ..chip import Chip

    trace = Trace.load(existing_file(args.trace, "TRACE"))
    config = chip_config(args)
    folder = output_folder(args.out) if args.out else None
    waves = wave_recorder(args, config, folder, "replay")
    with cycle_progress("replay", trace.steps * config.cycles_per_step) as progress:
        chip = Chip(
            config,
            engine=args.engine,
            threads=args.threads,
            partition=args.partition,
            placement=args.placement,
            seed=args.seed,
            waves=waves,
            progress=progress,
        )
        result = chip.replay(trace)
    finish(args, result)
    if folder:
        links = waves.finish() if waves else []
        written = write_results(result, folder, title=f"Replay of {args.trace}", links=links)
        say(args, "\nwrote " + ", ".join(str(path) for path in written))
    if result.partial and not trace.partial:
        tell(f"interrupted at cycle {result.activity.cycles}: the results are partial")
        return INTERRUPTED
    return OK
