"""``synaptile traffic``: the network under synthetic traffic."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .common import (
    INTERRUPTED,
    OK,
    add_chip_arguments,
    add_output_arguments,
    chip_config,
    cycle_progress,
    output_folder,
    print_json,
    print_table,
    rate,
    tell,
    whole,
)

if TYPE_CHECKING:
    from ..fanout import Fanout

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The subcommand's options."""
    parser.add_argument(
        "--rate", type=rate, default=0.05, help="packets per cycle per node, 0..1 (default: 0.05); uniform random"
    )
    parser.add_argument("--cycles", type=whole(1), default=10_000, help="cycles with traffic (default: 10000)")
    parser.add_argument("--warmup", type=whole(0), default=0, metavar="N", help="first cycles left out of the figures")
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
        help="write every delivery there as the run goes on; memory then does not grow with it (compiled engine)",
    )
    parser.add_argument(
        "--threads",
        type=whole(1, 1024),
        default=1,
        help="threads of the compiled engine, for large meshes (default: 1)",
    )
    add_chip_arguments(parser)
    add_output_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Run the subcommand."""
    from ..chip import network_params
    from ..engines import make_engine
    from ..hwlog import save_hardware_log
    from ..traffic import measure
    from ..versions import versions
    from .common import UsageError

    config = chip_config(args)
    if args.warmup > args.cycles:
        raise UsageError(f"--warmup must lie in 0..{args.cycles} (the cycles to run), not {args.warmup}")
    if args.log and args.engine == "amaranth":
        raise UsageError("--log needs --engine compiled, not amaranth")
    if config.tiles < 2:
        raise UsageError(f"--mesh must have at least 2 nodes for traffic, not {config.rows}x{config.cols}")
    folder = output_folder(args.out) if args.out else None
    params = network_params(config)
    fanout = _fanout(args, config)
    if fanout and config.multicast:
        params = params.with_(table_entries=config.tiles)
    table = fanout.table(config.routing) if fanout else None
    pieces = fanout.in_pieces(params, rate=args.rate, cycles=args.cycles, seed=args.seed) if fanout else None
    with cycle_progress("traffic", args.cycles) as progress:
        engine = make_engine(
            args.engine, params, table=table, progress=progress, log_file=args.log, threads=args.threads
        )
        result = measure(
            engine,
            params,
            rate=args.rate,
            cycles=args.cycles,
            seed=args.seed,
            warmup=args.warmup,
            drain=args.drain,
            pieces=pieces,
        )
    values = {
        **result.to_dict(),
        "rate": args.rate,
        "warmup": args.warmup,
        "drain": args.drain,
        "fanout": args.fanout,
        "pattern": "uniform",
        "config": config.to_dict(),
        "versions": versions(),
    }
    if folder:
        (folder / "traffic.json").write_text(json.dumps(values, indent=2) + "\n")
        if not args.log:  # what went to disk because there is so much of it is not read back
            save_hardware_log(folder / "snn.hw.out", engine.deliveries(), engine.activity(), values)
    if args.json:
        print_json(values)
    else:
        print_table(f"Uniform traffic on {config.rows}×{config.cols}, {config.routing}, rate {args.rate}", rows(values))
    if result.partial:
        tell(f"interrupted at cycle {result.cycles}: the figures are partial")
        return INTERRUPTED
    return OK


def _fanout(args: argparse.Namespace, config: Any) -> Fanout | None:
    """Traffic to several tiles at once, if that is asked for."""
    from ..fanout import Fanout
    from .common import UsageError

    if args.fanout is None:
        if config.multicast:
            raise UsageError("--multicast needs --fanout, the tiles that each packet goes to")
        return None
    if args.fanout >= config.tiles:
        raise UsageError(
            f"--fanout must lie in 1..{config.tiles - 1}, the other tiles of the {config.rows}x{config.cols} mesh, "
            f"not {args.fanout}"
        )
    return Fanout.drawn(config.rows, config.cols, args.fanout, multicast=config.multicast, seed=args.seed)


def rows(values: dict[str, Any]) -> list[tuple[str, str, str]]:
    """The result as a table."""

    def text(key: str, form: str) -> str:
        return "–" if values[key] is None else format(values[key], form)

    return [
        ("cycles", text("cycles", ","), "cycles"),
        ("packets created", text("packets_injected", ","), ""),
        ("packets delivered", text("packets_delivered", ","), ""),
        ("mean latency", text("latency_mean", ".3f"), "cycles"),
        ("worst latency", text("latency_max", ","), "cycles"),
        ("accepted", text("accepted_flits_per_cycle_per_node", ".4f"), "flits/cycle/node"),
        ("mean hops", text("hops_mean", ".3f"), "links"),
        ("speed", text("cycles_per_s", ",.0f"), f"cycles/s ({values['engine']} engine)"),
        ("seed", str(values["seed"]), ""),
    ]
