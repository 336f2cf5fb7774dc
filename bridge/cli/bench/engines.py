"""``synaptile bench engines``: the same uniform traffic through each engine."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ...config.parameters import PARAMETERS
from ..common import UsageError, notify, output_folder, say
from ..options import DAY, MAX_CYCLES, add_output_arguments, positive, rate, whole, within
from .results import publish

if TYPE_CHECKING:
    from synaptile.rtl import NetworkParams

    from ...bench.engines import EngineMeasurement

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    flits, depth = PARAMETERS["flits_per_packet"], PARAMETERS["buffer_depth"]
    parser.add_argument("--engines", nargs="+", metavar="NAME", help="which (default: all that run here)")
    parser.add_argument("--mesh", nargs="+", default=["4x4", "8x8"], metavar="ROWSxCOLS", help="default: 4x4 8x8")
    parser.add_argument("--rate", nargs="+", type=rate, default=[0.01, 0.05], help="default: 0.01 0.05")
    parser.add_argument(
        *flits.options, nargs="+", type=within(flits), default=[2], metavar="FLITS", help=f"{flits.help} (default: 2)"
    )
    parser.add_argument(
        *depth.options, type=within(depth), default=4, metavar="FLITS", help=f"{depth.help} (default: 4)"
    )
    parser.add_argument("--seconds", type=float, default=1.0, help="about how long each repetition runs (default: 1)")
    parser.add_argument(
        "--peer",
        nargs=2,
        action="append",
        default=[],
        metavar=("LABEL", "COMMAND"),
        help="another simulator's command, with {rows}, {cols}, {flits}, {rate} and {cycles} in it, as one more column",
    )
    parser.add_argument(
        "--peer-cycles", type=whole(1, MAX_CYCLES), default=10_000, help="cycles for a peer (default: 10000)"
    )
    add_output_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Run the benchmark."""
    from ...bench import engines as bench
    from ...config import parse_mesh
    from ...engines import ENGINES

    for name in args.engines or ():
        if name not in ENGINES:
            raise UsageError(f"--engines must be among {', '.join(ENGINES)}, not {name!r}")
    positive("--seconds", args.seconds, DAY)
    for label, command in args.peer:
        _check_command(label, command)
    try:
        meshes = [parse_mesh(mesh) for mesh in args.mesh]
    except ValueError as error:
        raise UsageError(f"--mesh {error}") from None
    folder = output_folder(args.out) if args.out else None
    measurements: list[EngineMeasurement] = []
    interrupted = False
    say(args, bench.heading())
    try:
        for found in _measurements(args, meshes):
            measurements.append(found)
            say(args, bench.line(found))
    except KeyboardInterrupt:
        interrupted = True
    return publish(
        args,
        "engines",
        measurements,
        folder=folder,
        plot=bench.plot,
        partial=interrupted,
        buffer_depth=args.buffer_depth,
        seed=args.seed,
    )


def _check_command(label: str, command: str) -> None:
    """Raise `UsageError` for a peer's command that cannot be one, before anything is measured."""
    from ...bench.engines import peer_command

    try:
        peer_command(label, command, dict.fromkeys(("rows", "cols", "flits", "rate", "cycles"), 1))
    except ValueError as error:
        raise UsageError(f"--peer: {error}") from None


def _measurements(args: argparse.Namespace, meshes: Sequence[tuple[int, int]]) -> Iterator[EngineMeasurement]:
    """Measure every engine and every peer on every network."""
    from synaptile.rtl import NetworkParams

    from ...bench import engines as bench

    for rows, cols in meshes:
        for flits in args.flits_per_packet:
            params = NetworkParams(rows=rows, cols=cols, flits_per_packet=flits, buffer_depth=args.buffer_depth)
            for load in args.rate:
                for name in _engines(args, params):
                    yield bench.measure_engine(name, params, rate=load, seconds=args.seconds, seed=args.seed)
                for label, command in args.peer:
                    yield bench.measure_peer(label, command, params, rate=load, cycles=args.peer_cycles)


def _engines(args: argparse.Namespace, params: NetworkParams) -> Iterator[Any]:
    """Yield the names of the engines to measure: those asked for, or all that are available."""
    from ...engines import ENGINES, EngineUnavailable, make_engine

    for name in args.engines or [name for name in ENGINES if name != "auto"]:
        try:
            make_engine(name, params)
        except EngineUnavailable as error:
            if args.engines:
                raise
            notify(f"leaving out {name}: {error}")
            continue
        yield name
