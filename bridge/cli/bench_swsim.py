"""``synaptile bench swsim``: measure the software simulator, beside other simulators that are installed."""

from __future__ import annotations

import argparse
import sys

from .common import INTERRUPTED, OK, UsageError, add_output_arguments, output_folder, print_json, say, tell, whole

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options."""
    parser.add_argument(
        "--networks", nargs="+", metavar="NAME", help="which (default: all but Potjans-Diesmann at full scale)"
    )
    parser.add_argument(
        "--simulators",
        nargs="+",
        metavar="NAME",
        help="among synaptile, numpy (synaptile without Numba), nest, brian2 (default: all that are installed)",
    )
    parser.add_argument(
        "--python",
        nargs=2,
        action="append",
        default=[],
        metavar=("SIMULATOR", "PATH"),
        help="the Python in which a simulator and PyNN are installed (default: this one)",
    )
    parser.add_argument("--duration", type=float, default=1000.0, metavar="MS", help="of each stretch (default: 1000)")
    parser.add_argument("--repeat", type=whole(1), default=3, help="stretches; the median counts (default: 3)")
    parser.add_argument(
        "--limit", type=float, default=300.0, metavar="S", help="give up on a network after that long (default: 300)"
    )
    add_output_arguments(parser, seed=False)


def run(args: argparse.Namespace) -> int:
    """Run the subcommand."""
    from ..bench import simulators as bench
    from ..bench.networks import LARGE, NETWORKS
    from ..bench.results import results, write_results

    names = args.networks or [name for name in NETWORKS if name not in LARGE]
    columns = args.simulators or list(bench.SIMULATORS)
    pythons = dict(args.python)
    for option, given, known in (
        ("--networks", names, NETWORKS),
        ("--simulators", columns, bench.SIMULATORS),
        ("--python", pythons, ("nest", "brian2")),
    ):
        for name in given:
            if name not in known:
                raise UsageError(f"{option} must be among {', '.join(known)}, not {name!r}")
    for option, value in (("--duration", args.duration), ("--limit", args.limit)):
        if not value > 0:
            raise UsageError(f"{option} must be greater than 0, not {value:g}")
    chosen = []
    for column in columns:
        if bench.installed(column, pythons.get(column, sys.executable)):
            chosen.append(column)
        elif args.simulators:
            raise UsageError(f"--simulators: {column} and PyNN are not installed; see --python")
    folder = output_folder(args.out) if args.out else None
    measurements: list[bench.SimulatorMeasurement] = []
    failures: list[str] = []
    interrupted = False
    say(args, bench.heading())
    try:
        for network in names:
            first = None
            for column in chosen:
                try:
                    found = bench.measure_simulator(
                        column,
                        network,
                        python=pythons.get(column, sys.executable),
                        duration=args.duration,
                        repeat=args.repeat,
                        limit=args.limit,
                    )
                except bench.SimulatorFailed as error:
                    if bench.SIMULATORS[column][1] is None:
                        raise  # a peer that fails is a result, synaptile is what is measured
                    tell(str(error))
                    failures.append(str(error))
                    continue
                measurements.append(found)
                first = first or found
                say(args, bench.line(found, first))
    except KeyboardInterrupt:
        interrupted = True
    values = results(
        measurements, partial=interrupted, failures=failures, duration_ms=args.duration, repeat=args.repeat
    )
    if args.json:
        print_json(values)
    if folder:
        say(args, "\n" + write_results(folder, "swsim", values, measurements, bench.plot))
    if interrupted:
        tell("interrupted: the measurements are partial")
        return INTERRUPTED
    return OK
