"""``synaptile traffic --sweep``: latency-against-load curves, several networks side by side."""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...errors import show
from ...json_text import write_json
from ..common import INTERRUPTED, OK, UsageError, notify, output_folder, print_json
from ..options import check_packets, whole
from .energy import energy_text, lacking_rows

if TYPE_CHECKING:
    from synaptile.rtl import NetworkParams

    from ...config import ChipConfig
    from ...traffic.energy import Price
    from ...traffic.load_sweep import Curve, LoadPoint
    from ...traffic.patterns import TrafficPattern

__all__ = ["add_arguments", "check", "run"]

_LOADS = (0.05, 0.5)
_MAX_STEPS = 10_000
_STEPS, _CYCLES, _WARMUP = 10, 5000, 1000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of a sweep."""
    sweep = parser.add_argument_group("latency against load")
    sweep.add_argument("--sweep", action="store_true", help="measure several loads one after the other")
    sweep.add_argument(
        "--loads",
        metavar="FROM:TO",
        help=f"range of loads in flits per cycle per node (default: {_LOADS[0]}:{_LOADS[1]})",
    )
    sweep.add_argument("--steps", type=whole(1, _MAX_STEPS), help=f"number of loads (default: {_STEPS})")
    sweep.add_argument(
        "--compare",
        nargs="+",
        metavar="ROUTING[/SELECTION]",
        help="a curve for each of these, such as xy odd-even/buffer-level, instead of the chip's own routing",
    )


def check(args: argparse.Namespace) -> None:
    """Raise `UsageError` for options that belong to the other kind of measurement."""
    if not args.sweep:
        for name in ("loads", "steps", "compare"):
            if getattr(args, name) is not None:
                raise UsageError(f"--{name} needs --sweep")
        return
    for name in ("rate", "drain", "log"):
        if getattr(args, name):
            raise UsageError(f"--{name} cannot be used with --sweep")


def run(args: argparse.Namespace, config: ChipConfig, pattern: TrafficPattern) -> int:
    """Run the sweep."""
    from ...engines import fastest
    from ...traffic.energy import traffic_energy
    from ...traffic.load_sweep import ACCEPTED_PART, LATENCY_FACTOR, Curve
    from ...versions import versions

    cycles = _CYCLES if args.cycles is None else args.cycles
    warmup = min(_WARMUP, cycles // 2) if args.warmup is None else args.warmup
    if warmup >= cycles:
        raise UsageError(f"--warmup must lie in 0..{cycles - 1} (less than the cycles to run), not {warmup}")
    at = _loads(args, config)
    check_packets(at[-1] / config.flits_per_packet * config.tiles * cycles)
    networks = list(_networks(args.compare, config))
    folder = output_folder(args.out) if args.out else None
    price = partial(traffic_energy, config)
    measured, interrupted = _measure(args, networks, pattern, at, cycles, warmup, price)
    curves = [
        Curve(params.routing, params.selection, tuple(points))
        for params, points in zip(networks, measured, strict=True)
    ]
    values = {
        "curves": [curve.to_dict() for curve in curves],
        "pattern": pattern.to_dict(config.rows, config.cols),
        "warmup": warmup,
        "cycles": cycles,
        "seed": args.seed,
        "engine": fastest(args.engine),
        "saturated_if": {"accepted_less_than": ACCEPTED_PART, "latency_times_zero_load": LATENCY_FACTOR},
        "partial": interrupted,
        "config": config.to_dict(),
        "versions": versions(),
    }
    title = (
        f"{pattern.name.capitalize()} traffic on {config.rows}×{config.cols}, "
        f"{config.flits_per_packet} flits per packet, buffers of {config.buffer_depth}"
    )
    if folder:
        _write(folder, curves, values, f"{title} — PARTIAL" if interrupted else title)
    if args.json:
        print_json(values)
    else:
        _print(curves, title)
        if folder:
            print(f"\nin {folder}: sweep.json, sweep.csv, sweep.png")
    if interrupted:
        notify(f"interrupted: {sum(map(len, measured))} of {len(networks) * len(at)} points are measured")
        return INTERRUPTED
    return OK


def _loads(args: argparse.Namespace, config: ChipConfig) -> Sequence[float]:
    """Return the loads to measure; raises `UsageError`."""
    from ...traffic.load_sweep import loads

    try:
        at = loads(*_range(args.loads), _STEPS if args.steps is None else args.steps)
    except ValueError as error:
        raise UsageError(f"--loads: {error}") from None
    if at[-1] > config.flits_per_packet:
        raise UsageError(
            f"--loads must not exceed {config.flits_per_packet} flits per cycle per node (one packet per cycle), "
            f"not {at[-1]:g}"
        )
    return at


def _measure(
    args: argparse.Namespace,
    networks: Sequence[NetworkParams],
    pattern: TrafficPattern,
    at: Sequence[float],
    cycles: int,
    warmup: int,
    price: Price,
) -> tuple[list[list[LoadPoint]], bool]:
    """Return the points of each network, and whether the sweep was interrupted."""
    from ...engines import make_engine
    from ...traffic.load_sweep import sweep
    from ..progress import point_progress

    measured: list[list[LoadPoint]] = [[] for _ in networks]
    try:
        with point_progress("sweep", len(networks) * len(at)) as progress:
            for points, params in zip(measured, networks, strict=True):
                for point in sweep(
                    lambda params: make_engine(args.engine, params, threads=args.threads),
                    params,
                    at,
                    cycles=cycles,
                    warmup=warmup,
                    seed=args.seed,
                    pattern=pattern,
                    price=price,
                ):
                    points.append(point)
                    progress(f"{params.routing} at {point.load:g}")
    except KeyboardInterrupt:
        return measured, True
    return measured, False


def _write(folder: Path, curves: Sequence[Curve], values: dict[str, Any], title: str) -> None:
    from synaptile.swsim.base.whole_file import write_bytes, write_text

    from ...report.figures import load_curves, to_png
    from ...traffic.load_sweep import to_csv

    write_json(folder / "sweep.json", values)
    write_text(folder / "sweep.csv", to_csv(curves))
    write_bytes(folder / "sweep.png", to_png(load_curves(curves, title=title)))


def _range(text: str | None) -> tuple[float, float]:
    if text is None:
        return _LOADS
    first, _, last = text.partition(":")
    try:
        ends = float(first), float(last)
    except ValueError:
        ends = math.nan, math.nan
    if not all(map(math.isfinite, ends)):
        raise UsageError(f"--loads must be FROM:TO, such as 0.05:0.5, not {show(text)}")
    return ends


def _networks(names: Sequence[str] | None, config: ChipConfig) -> Iterator[NetworkParams]:
    """Yield the chip's network, with each routing and selection that is asked for."""
    from ...chip import network_params

    params = network_params(config)
    if names is None:
        yield params
        return
    for name in names:
        routing, _, selection = name.partition("/")
        threshold = params.dyad_threshold if routing == "dyad" else None
        try:
            yield params.replace(routing=routing, selection=selection or "first", dyad_threshold=threshold)
        except ValueError as error:
            raise UsageError(f"--compare {name}: {error}") from None


def _print(curves: Sequence[Curve], title: str) -> None:
    print(f"{title}\nflits per cycle and node; latency in cycles, creation to head delivered")

    def number(value: float | None, form: str) -> str:
        return "–" if value is None else format(value, form)

    for curve in curves:
        print(f"\n{curve.label}: {_verdict(curve)}")
        print(
            f"{'load':>8} {'offered':>9} {'accepted':>9} {'mean latency':>13} {'99 % within':>12} {'empty':>7} "
            f"{'energy/packet':>14}"
        )
        for point in curve.points:
            cells = (
                f"{point.load:8.3f} {point.offered:9.4f} {point.accepted:9.4f}",
                f"{number(point.latency_mean, '.2f'):>13} {number(point.latency_p99, ','):>12}",
                f"{number(point.latency_zero_load, '.2f'):>7} {energy_text(point.energy):>14}"
                f"{'  saturated' if point.saturated else ''}",
            )
            print(*cells)
    for line in _energy_lines(curves):
        print(line)


def _energy_lines(curves: Sequence[Curve]) -> Iterator[str]:
    """Yield whose numbers the energies are by, and what is not in them."""
    found = [point.energy for curve in curves for point in curve.points if point.energy is not None]
    if not found:
        return
    yield f"\nenergy by the table {found[0].table}, leakage of all cycles included, over what was delivered in them"
    for label, value, text in dict.fromkeys(row for energy in found for row in lacking_rows(energy)):
        yield f"{label.lower()}: {f'{value} ' if value else ''}{text}"


def _verdict(curve: Curve) -> str:
    if curve.throughput is None:
        return "not measured"
    limit = f"accepts {curve.throughput:.4f} flits/cycle/node at most"
    if curve.saturates_at is None:
        return f"not saturated at these loads, {limit}"
    if curve.sustained is None:
        return f"saturated at every load measured, {limit}"
    return f"saturates between {curve.sustained:.3f} and {curve.saturates_at:.3f}, {limit}"
