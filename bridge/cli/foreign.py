"""Options for spikes of other simulators: ``synaptile replay --spikes FILE --connections FILE``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .common import UsageError, existing_file
from .options import argument, whole

if TYPE_CHECKING:
    from synaptile.swsim.trace import Trace

__all__ = ["add_foreign_arguments", "given_trace"]

FORMATS = ("csv", "nest", "sonata", "carlsim")
"""As `synaptile.swsim.foreign.FORMATS` has them, which is imported when files are read."""

_MOST_NEURONS = 2**31 - 1
_NEEDED = ("spikes", "connections", "dt")
_OTHERS = ("spike_format", "duration", "neurons", "population", "first_id", "tolerance")


def add_foreign_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options; `given_trace` reads them."""
    group = parser.add_argument_group("in place of a trace, spikes of another simulator (docs/files.md)")
    group.add_argument("--spikes", metavar="FILE", nargs="+", help="spike file, or several of one run")
    group.add_argument(
        "--connections", metavar="FILE", help="CSV file of pre,post and perhaps weight,delay (in ms); or SONATA's edges"
    )
    group.add_argument("--dt", metavar="MS", type=_number, help="length of a step")
    group.add_argument("--spike-format", choices=FORMATS, help="default: what the files look like")
    group.add_argument("--duration", metavar="MS", type=_number, help="time simulated (default: up to the last spike)")
    group.add_argument("--neurons", metavar="N", type=whole(1, _MOST_NEURONS), help="default: as the highest id says")
    group.add_argument(
        "--population",
        metavar="LABEL=N",
        type=argument(_population),
        nargs="+",
        help="populations, in the order of their neurons, and how many each has",
    )
    group.add_argument(
        "--first-id",
        metavar="ID",
        type=whole(0, _MOST_NEURONS),
        help="the first neuron's id in spikes and connections (default: 1 of NEST's spikes, else 0)",
    )
    group.add_argument(
        "--tolerance",
        metavar="STEPS",
        type=_number,
        help="how far from a step a time may lie, of which the nearest is taken (default: 0.01; 0.5 takes all)",
    )


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be a number, not {text!r}") from None


def _population(text: str) -> tuple[str, int]:
    label, equals, size = text.rpartition("=")
    if not equals or not label or not size.isdecimal() or int(size) > _MOST_NEURONS:
        raise ValueError(f"must be LABEL=N such as excitatory=80, not {text!r}")
    return label, int(size)


def given_trace(args: argparse.Namespace) -> Trace:
    """Return the trace that the command line names, or that the files of another simulator make.

    Raises `UsageError`, `TraceError` and ``OSError``.
    """
    if args.spikes is None:
        _refuse_others(args, (*_NEEDED[1:], *_OTHERS))
        if args.trace is None:
            raise UsageError("TRACE must be given, or --spikes with --connections and --dt")
        from synaptile.swsim.trace import Trace

        return Trace.load(existing_file(args.trace, "TRACE"))
    if args.trace is not None:
        raise UsageError(f"TRACE must be left out where --spikes is given, not {args.trace!r}")
    for name in _NEEDED:
        if getattr(args, name) is None:
            raise UsageError(f"--{name} must be given where --spikes is")
    return _foreign_trace(args)


def _refuse_others(args: argparse.Namespace, names: tuple[str, ...]) -> None:
    for name in names:
        if getattr(args, name) is not None:
            raise UsageError(f"--{name.replace('_', '-')} needs --spikes")


def _foreign_trace(args: argparse.Namespace) -> Trace:
    from synaptile.swsim.foreign import read_connections, read_spikes, trace_of

    files = [existing_file(name, "--spikes") for name in args.spikes]
    edges = existing_file(args.connections, "--connections")
    parts = tuple(args.population or ())
    given: dict[str, Any] = {} if args.tolerance is None else {"tolerance": args.tolerance}
    try:
        spikes = read_spikes(files, format=args.spike_format, first_id=args.first_id, populations=parts)
        connections = read_connections(edges, first_id=args.first_id, populations=parts)
    except ModuleNotFoundError as error:
        raise UsageError(str(error)) from None
    return trace_of(
        spikes,
        connections,
        dt=args.dt,
        duration=args.duration,
        neurons=args.neurons,
        populations=parts,
        meta={"spikes": [Path(name).name for name in args.spikes], "connections": edges.name},
        **given,
    )
