"""``synaptile map``: search for a mapping of a network that has run, or for the trade-offs of several objectives."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from .common import INTERRUPTED, OK, UsageError, notify, output_folder, print_json, shown
from .foreign import add_foreign_arguments
from .map_front import run_front
from .map_options import listed, mapped_network, pairs, time_limit, usage
from .options import add_chip_arguments, add_output_arguments, chip_config, partition_names, placement_names, whole

if TYPE_CHECKING:
    from ..mapped_trace import MappedTrace

__all__ = ["add_arguments", "run"]

_DEFAULT_SECONDS = 10.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the subcommand's options."""
    parser.add_argument("trace", metavar="TRACE", nargs="?", help="a trace (snn.sw.out), as 'run' and 'demo' write it")
    add_foreign_arguments(parser)
    add_chip_arguments(parser, preset="demo")
    search = parser.add_argument_group("search")
    search.add_argument(
        "--method",
        choices=("auto", "all"),
        default="auto",
        help="auto: the search's own choice of methods, and on from the best while there is time; all: every method "
        "with every other, once (default: auto)",
    )
    search.add_argument(
        "--partition", metavar="NAME,...", help="only these ways of putting neurons into crossbars, once each"
    )
    search.add_argument(
        "--place",
        "--placement",
        dest="placement",
        metavar="NAME,...",
        help="only these ways of putting crossbars on tiles, once each",
    )
    search.add_argument(
        "--objective",
        metavar="NAME[=WEIGHT]",
        nargs="+",
        help="what should be small: spike-hops, worst-link, energy; and by running the chip late-spikes, latency-mean, "
        "latency-p99, isi-distortion, disorder; several with weights (default: spike-hops)",
    )
    search.add_argument(
        "--pareto",
        metavar="NAME,NAME,...",
        help="instead of one mapping, those none of which is better than another in all of these: two or more of "
        "spike-hops, worst-link, energy (NSGA-II over the placements of each partition)",
    )
    search.add_argument(
        "--point", metavar="N", type=whole(1), help="with --pareto: the point of the front that --save writes"
    )
    search.add_argument(
        "--by",
        choices=("spikes", "rates", "connections"),
        default="spikes",
        help="what a neuron counts: its spikes, the mean of its population, or one (default: spikes)",
    )
    search.add_argument(
        "--rate", metavar="POPULATION=HZ", nargs="+", default=[], help="with --by rates: rates in place of the trace's"
    )
    search.add_argument("--tiles", metavar="N", type=whole(1), help="spread the neurons over so many tiles")
    search.add_argument("--no-split", action="store_true", help="refuse neurons with more inputs than a crossbar")
    search.add_argument(
        "--time-limit",
        metavar="SECONDS",
        type=float,
        help=f"how long to search (default: {_DEFAULT_SECONDS:g}; without a limit where methods are given, or all)",
    )
    search.add_argument("--save", metavar="FILE", type=Path, help="where to write the best mapping, for --mapping")
    add_output_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Run the subcommand."""
    if args.pareto is not None:
        return run_front(args)
    from ..mapped_trace import map_trace
    from .progress import stage_progress

    if args.point is not None:
        raise UsageError("--point is for --pareto")
    partitions = listed("--partition", args.partition, partition_names())
    placements = listed("--place", args.placement, placement_names())
    objective, rates = _objective(args.objective or ["spike-hops"]), dict(pairs("--rate", args.rate))
    chosen = args.method == "all" or partitions is not None or placements is not None
    if args.method == "all":
        partitions = partitions or partition_names()
        placements = placements or [name for name in placement_names() if name != "exact"]
    limit = time_limit(args)
    if limit is None and not chosen:
        limit = _DEFAULT_SECONDS
    trace, config = mapped_network(args), chip_config(args)
    folder = output_folder(args.out) if args.out else None
    with stage_progress("map") as stage:

        def progress(what: str, value: float | None) -> None:
            stage(what if value is None else f"{what}; best so far {value:.4g}")

        try:
            found = map_trace(
                trace,
                config,
                partitions=partitions,
                placements=placements,
                objective=objective,
                by=args.by,
                rates=rates or None,
                tiles=args.tiles,
                split=not args.no_split,
                seed=args.seed,
                time_limit=limit,
                engine=args.engine,
                threads=args.threads,
                progress=progress,
            )
        except ValueError as error:
            raise usage(error) from None
    if args.json:
        print_json({**found.to_dict(), "config": config.to_dict()})
    else:
        print(found)
    written = [] if args.save is None else [found.save(args.save)]
    if folder is not None:
        written += _write(folder, found)
    if written and not args.json:
        notify(f"wrote {', '.join(shown(path.absolute()) for path in written)}")
    if found.search.interrupted:
        notify("interrupted: the best mapping so far was taken")
        return INTERRUPTED
    return OK


def _write(folder: Path, found: MappedTrace) -> list[Path]:
    from synaptile.swsim.base.whole_file import write_bytes, write_text

    from ..json_text import write_json
    from ..report.figures import placement, to_png

    return [
        found.save(folder / "mapping.json"),
        write_json(folder / "map.json", found.to_dict()),
        write_text(folder / "map.csv", found.to_csv()),
        write_bytes(folder / "mapping.png", to_png(placement(found))),
    ]


def _objective(texts: Iterable[str]) -> dict[str, float]:
    return dict(pairs("--objective", texts, default=1.0))
