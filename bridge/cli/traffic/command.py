"""``synaptile traffic``: the network under synthetic traffic."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...json_text import write_json
from ...traffic.patterns import PATTERNS, TrafficPattern
from ..common import INTERRUPTED, OK, UsageError, notify, output_folder, print_json, print_table
from ..options import (
    MAX_CYCLES,
    add_chip_arguments,
    add_output_arguments,
    argument,
    check_packets,
    chip_config,
    rate,
    whole,
)
from . import sweep
from .energy import energy_rows

if TYPE_CHECKING:
    from ...traffic.fan_out import Fanout

__all__ = ["add_arguments", "run"]

_RATE, _CYCLES = 0.05, 10_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the subcommand's options."""
    parser.add_argument("--rate", type=rate, default=None, help=f"packets per cycle per node, 0..1 (default: {_RATE})")
    parser.add_argument(
        "--pattern",
        choices=PATTERNS,
        default="uniform",
        help="where packets go (default: uniform); docs/network.md defines each",
    )
    for pattern in PATTERNS.values():
        for item in pattern.parameters:
            how: dict[str, Any] = {"nargs": "+"} if item.several else {}
            how |= {"dest": item.name, "metavar": item.metavar, "type": argument(item.parse)}
            parser.add_argument(item.option, help=item.help, **how)
    parser.add_argument(
        "--cycles",
        type=whole(1, MAX_CYCLES),
        default=None,
        help=f"cycles with traffic (default: {_CYCLES}; 5000 with --sweep)",
    )
    parser.add_argument(
        "--warmup",
        type=whole(0, MAX_CYCLES),
        default=None,
        metavar="N",
        help="first cycles left out of the figures (default: 0; 1000 with --sweep)",
    )
    parser.add_argument(
        "--fanout",
        type=whole(1),
        metavar="N",
        help="send every packet to N tiles, drawn once for each node; one packet each, or one for all with --multicast",
    )
    parser.add_argument("--drain", action="store_true", help="run on until everything is delivered")
    parser.add_argument(
        "--log",
        type=Path,
        metavar="FILE.npy",
        help="write every delivery there as the run goes on; memory then does not grow with it (compiled engine). "
        "Rows of tag, source, destination, neuron, stamp, created, injected, delivered, completed (docs/files.md)",
    )
    sweep.add_arguments(parser)
    add_chip_arguments(parser)
    add_output_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Run the subcommand."""
    from ...chip import network_params
    from ...engines import make_engine
    from ...metrics.hardware_log import HardwareLog, save_hardware_log
    from ...traffic import measure
    from ...traffic.energy import traffic_energy
    from ...versions import versions
    from ..progress import cycle_progress

    config = chip_config(args)
    sweep.check(args)
    if args.log and args.engine == "amaranth":
        raise UsageError("--log needs --engine compiled, not amaranth")
    if config.tiles < 2:
        raise UsageError(f"--mesh must have at least 2 nodes for traffic, not {config.rows}x{config.cols}")
    pattern = _pattern(args, config.rows, config.cols)
    fanout = _fanout(args, config)
    if args.sweep:
        if fanout:
            raise UsageError(f"--sweep takes no --fanout (every load would need its own), not {args.fanout}")
        return sweep.run(args, config, pattern)
    load = _RATE if args.rate is None else args.rate
    cycles = _CYCLES if args.cycles is None else args.cycles
    warmup = args.warmup or 0
    if warmup > cycles:
        raise UsageError(f"--warmup must lie in 0..{cycles} (the cycles to run), not {warmup}")
    if not args.log:
        check_packets(load * config.tiles * cycles * (args.fanout or 1))
    folder = output_folder(args.out) if args.out else None
    params = network_params(config)
    if fanout and config.multicast:
        params = params.replace(table_entries=config.tiles)
    table = fanout.table(config.routing, config.topology) if fanout else None
    pieces = fanout.in_pieces(params, rate=load, cycles=cycles, seed=args.seed) if fanout else None
    with cycle_progress("traffic", cycles) as progress:
        engine = make_engine(
            args.engine, params, table=table, progress=progress, log_file=args.log, threads=args.threads
        )
        result = measure(
            engine,
            params,
            rate=load,
            cycles=cycles,
            seed=args.seed,
            warmup=warmup,
            drain=args.drain,
            pattern=pattern,
            pieces=pieces,
        )
    energy = traffic_energy(config, params, engine.activity())
    values = {
        **result.to_dict(),
        "energy": asdict(energy),
        "rate": load,
        "warmup": warmup,
        "drain": args.drain,
        "pattern": pattern.to_dict(config.rows, config.cols),
        "fanout": args.fanout,
        "config": config.to_dict(),
        "versions": versions(),
    }
    if folder:
        write_json(folder / "traffic.json", values)
        if not args.log:  # what went to disk because there is so much of it is not read back
            log = HardwareLog(engine.deliveries(), engine.packets(), engine.activity(), values)
            save_hardware_log(folder / "snn.hw.out", log)
    if args.json:
        print_json(values)
    else:
        size = f"{config.rows}×{config.cols}" + (f" {config.topology}" if config.topology != "mesh" else "")
        title = f"{pattern.name.capitalize()} traffic on {size}, {config.routing}, rate {load}"
        print_table(title, [*rows(values), *energy_rows(energy)])
    if result.saturated:
        arrived = f"{result.packets_delivered:,} of {result.packets_injected:,} packets"
        notify(f"the network is saturated: latency and hops are those of the {arrived} that arrived")
    if result.partial:
        notify(f"interrupted at cycle {result.cycles}: the figures are partial")
        return INTERRUPTED
    return OK


def _pattern(args: argparse.Namespace, rows: int, cols: int) -> TrafficPattern:
    """Return the pattern that the options ask for, fit for the mesh; raises `UsageError`."""
    names = [item.name for pattern in PATTERNS.values() for item in pattern.parameters]
    try:
        pattern = TrafficPattern(name=args.pattern, **{name: getattr(args, name) for name in names})
        pattern.check(rows, cols)
    except ValueError as error:
        raise UsageError(f"--pattern {args.pattern}: {error}") from None
    return pattern


def _fanout(args: argparse.Namespace, config: Any) -> Fanout | None:
    """Return traffic to several tiles at once, ``None`` if that is not asked for."""
    from ...traffic.fan_out import Fanout

    if args.fanout is None:
        if config.multicast:
            raise UsageError("--multicast needs --fanout, the tiles that each packet goes to")
        return None
    if args.pattern != "uniform":
        raise UsageError(f"--pattern must be uniform with --fanout, which draws the targets, not {args.pattern}")
    if args.fanout >= config.tiles:
        raise UsageError(
            f"--fanout must lie in 1..{config.tiles - 1}, the other tiles of the {config.rows}x{config.cols} mesh, "
            f"not {args.fanout}"
        )
    return Fanout.drawn(config.rows, config.cols, args.fanout, multicast=config.multicast, seed=args.seed)


def rows(values: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Return the result as the rows of a table."""

    def text(key: str, form: str) -> str:
        return "–" if values[key] is None else format(values[key], form)

    return [
        ("cycles", text("cycles", ","), "cycles"),
        ("packets created", text("packets_injected", ","), ""),
        ("packets delivered", text("packets_delivered", ","), ""),
        ("mean latency", text("latency_mean", ".3f"), "cycles"),
        ("latency, 99 % within", text("latency_p99", ","), "cycles"),
        ("worst latency", text("latency_max", ","), "cycles"),
        ("offered", text("offered_flits_per_cycle_per_node", ".4f"), "flits/cycle/node"),
        ("accepted", text("accepted_flits_per_cycle_per_node", ".4f"), "flits/cycle/node"),
        ("mean hops", text("hops_mean", ".3f"), "links"),
        ("saturated", {None: "–", True: "yes", False: "no"}[values["saturated"]], ""),
        ("speed", text("cycles_per_s", ",.0f"), f"cycles/s ({values['engine']} engine)"),
        ("seed", str(values["seed"]), ""),
    ]
