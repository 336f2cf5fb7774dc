"""``synaptile bench swsim``: measure the software simulator, beside other simulators that are installed."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from ..common import UsageError, notify, output_folder, say
from ..options import DAY, add_output_arguments, positive, whole
from .results import publish

if TYPE_CHECKING:
    from ...bench.simulators import SimulatorMeasurement

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
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
    parser.add_argument("--repeat", type=whole(1, 1000), default=3, help="stretches; the median counts (default: 3)")
    parser.add_argument(
        "--limit", type=float, default=300.0, metavar="S", help="give up on a network after that long (default: 300)"
    )
    add_output_arguments(parser, seed=False)


def run(args: argparse.Namespace) -> int:
    """Run the benchmark."""
    from ...bench import simulators as bench
    from ...bench.networks import LARGE, NETWORKS

    names = args.networks or [name for name in NETWORKS if name not in LARGE]
    pythons = dict(args.python)
    _check(args, names, pythons)
    simulators = _installed(args, pythons)
    folder = output_folder(args.out) if args.out else None
    measurements: list[SimulatorMeasurement] = []
    failures: list[str] = []
    interrupted = False
    say(args, bench.heading())
    try:
        for network in names:
            first = None
            for found in _measurements(args, network, simulators, pythons, failures):
                measurements.append(found)
                first = first or found
                say(args, bench.line(found, first))
    except KeyboardInterrupt:
        interrupted = True
    return publish(
        args,
        "swsim",
        measurements,
        folder=folder,
        plot=bench.plot,
        partial=interrupted,
        failures=failures,
        duration_ms=args.duration,
        repeat=args.repeat,
    )


def _check(args: argparse.Namespace, networks: Sequence[str], pythons: Mapping[str, str]) -> None:
    """Raise `UsageError` for a name that nothing has, or a number that makes no sense."""
    from ...bench.networks import NETWORKS
    from ...bench.simulators import SIMULATORS

    for option, given, known in (
        ("--networks", networks, NETWORKS),
        ("--simulators", args.simulators or (), SIMULATORS),
        ("--python", pythons, ("nest", "brian2")),
    ):
        for name in given:
            if name not in known:
                raise UsageError(f"{option} must be among {', '.join(known)}, not {name!r}")
    positive("--duration", args.duration, 1000 * DAY)
    positive("--limit", args.limit, DAY)


def _installed(args: argparse.Namespace, pythons: Mapping[str, str]) -> list[str]:
    """Return the simulators to measure; raises `UsageError` if one that is asked for is not installed."""
    from ...bench.simulators import SIMULATORS, installed

    found = []
    for name in args.simulators or SIMULATORS:
        if installed(name, pythons.get(name, sys.executable)):
            found.append(name)
        elif args.simulators:
            raise UsageError(f"--simulators: {name} and PyNN are not installed; see --python")
    return found


def _measurements(
    args: argparse.Namespace,
    network: str,
    simulators: Sequence[str],
    pythons: Mapping[str, str],
    failures: list[str],
) -> Iterator[SimulatorMeasurement]:
    """Measure a network in every simulator; a peer's failure is a result, too, and is added to ``failures``."""
    from ...bench import simulators as bench

    for name in simulators:
        try:
            yield bench.measure_simulator(
                name,
                network,
                python=pythons.get(name, sys.executable),
                duration=args.duration,
                repeat=args.repeat,
                limit=args.limit,
            )
        except bench.SimulatorFailed as error:
            if bench.SIMULATORS[name][1] is None:
                raise  # synaptile itself, which is what is measured
            notify(str(error))
            failures.append(str(error))
