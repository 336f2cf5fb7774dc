"""``synaptile bench``: measure the engines or the software simulator on this machine, or the router on FPGAs."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from . import bench_hardware, bench_swsim
from .common import (
    INTERRUPTED,
    OK,
    UsageError,
    add_output_arguments,
    output_folder,
    print_json,
    rate,
    say,
    tell,
    whole,
)

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of what can be measured."""
    what = parser.add_subparsers(dest="what", required=True, metavar="WHAT", parser_class=type(parser))
    for name, (line, add, _run) in _WHAT.items():
        add(what.add_parser(name, help=line, description=line[0].upper() + line[1:] + "."))


def run(args: argparse.Namespace) -> int:
    """Run the subcommand."""
    return _WHAT[args.what][2](args)


def _add_engines_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--engines", nargs="+", metavar="NAME", help="which (default: all that run here)")
    parser.add_argument("--mesh", nargs="+", default=["4x4", "8x8"], metavar="ROWSxCOLS", help="default: 4x4 8x8")
    parser.add_argument("--rate", nargs="+", type=rate, default=[0.01, 0.05], help="default: 0.01 0.05")
    parser.add_argument("--flits", nargs="+", type=whole(1, 16), default=[2], help="flits per packet (default: 2)")
    parser.add_argument("--buffer", type=whole(1, 64), default=4, help="flits that an input queue holds (default: 4)")
    parser.add_argument("--seconds", type=float, default=1.0, help="about how long each repetition runs (default: 1)")
    parser.add_argument(
        "--peer",
        nargs=2,
        action="append",
        default=[],
        metavar=("LABEL", "COMMAND"),
        help="another simulator's command, with {rows}, {cols}, {flits}, {rate} and {cycles} in it, as one more column",
    )
    parser.add_argument("--peer-cycles", type=whole(1), default=10_000, help="cycles for a peer (default: 10000)")
    add_output_arguments(parser)


def _run_engines(args: argparse.Namespace) -> int:
    from synaptile.rtl import NetworkParams

    from ..bench import engines as bench
    from ..bench.results import results, write_results
    from ..config import parse_mesh
    from ..engines import ENGINES, EngineUnavailable, make_engine

    names = args.engines or [name for name in ENGINES if name != "auto"]
    for name in names:
        if name not in ENGINES:
            raise UsageError(f"--engines must be among {', '.join(ENGINES)}, not {name!r}")
    if not args.seconds > 0:
        raise UsageError(f"--seconds must be greater than 0, not {args.seconds}")
    try:
        meshes = [parse_mesh(mesh) for mesh in args.mesh]
    except ValueError as error:
        raise UsageError(f"--mesh {error}") from None
    folder = output_folder(args.out) if args.out else None
    measurements: list[bench.EngineMeasurement] = []
    interrupted = False
    say(args, bench.heading())
    try:
        for rows, cols in meshes:
            for flits in args.flits:
                params = NetworkParams(rows=rows, cols=cols, flits_per_packet=flits, buffer_depth=args.buffer)
                for load in args.rate:
                    for name in names:
                        try:
                            make_engine(name, params)
                        except EngineUnavailable as error:
                            if args.engines:
                                raise
                            tell(f"leaving out {name}: {error}")
                            continue
                        found = bench.measure_engine(name, params, rate=load, seconds=args.seconds, seed=args.seed)
                        measurements.append(found)
                        say(args, bench.line(found))
                    for label, command in args.peer:
                        found = bench.measure_peer(label, command, params, rate=load, cycles=args.peer_cycles)
                        measurements.append(found)
                        say(args, bench.line(found))
    except KeyboardInterrupt:
        interrupted = True
    values = results(measurements, partial=interrupted, buffer_depth=args.buffer, seed=args.seed)
    if args.json:
        print_json(values)
    if folder:
        say(args, "\n" + write_results(folder, "engines", values, measurements, bench.plot))
    if interrupted:
        tell("interrupted: the measurements are partial")
        return INTERRUPTED
    return OK


_WHAT: dict[str, tuple[str, Callable[[argparse.ArgumentParser], None], Callable[[argparse.Namespace], int]]] = {
    "engines": ("the same uniform traffic through each engine", _add_engines_arguments, _run_engines),
    "swsim": (
        "the same PyNN networks through the software simulator and others that are installed",
        bench_swsim.add_arguments,
        bench_swsim.run,
    ),
    "hardware": ("a router's area and clock frequency on FPGAs", bench_hardware.add_arguments, bench_hardware.run),
}
"""What can be measured: a line of help, what adds its options, what runs it."""
