"""``synaptile bench mapping``: mappings by different methods, of the same networks on the same chips."""

from __future__ import annotations

import argparse
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...json_text import write_json
from ..common import INTERRUPTED, OK, UsageError, notify, output_folder, print_json, say
from ..options import add_output_arguments

if TYPE_CHECKING:
    from ...bench.mapping import MappingRow

__all__ = ["add_arguments", "run"]

_LIMITS = (1.0, 3.0, 10.0)
_MOST_S = 3600.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("--network", metavar="NAME", nargs="+", help="only these networks (default: all but the large)")
    parser.add_argument(
        "--full", action="store_true", help="the large networks, and the swarm until it converges, too: many hours"
    )
    parser.add_argument("--method", metavar="NAME", nargs="+", help="only these methods, beside the search")
    parser.add_argument(
        "--time-limit",
        metavar="SECONDS",
        nargs="+",
        type=float,
        default=list(_LIMITS),
        help="how long to search; several for one after the other (default: 1 3 10)",
    )
    parser.add_argument("--curve", metavar="FILE", type=Path, help="draw spike-hops over the time limit, as a PNG")
    parser.add_argument("--engine", default="auto", help="runs the chip (default: auto, the fastest here)")
    add_output_arguments(parser, seed=True)


def run(args: argparse.Namespace) -> int:
    """Run the benchmark."""
    from ...bench.mapping import CONVERGED, METHODS, measure_mappings
    from ...bench.mapping_networks import CASES, LARGE
    from ...bench.results import results
    from ...engines import ENGINES
    from ..progress import stage_progress

    names = args.network or [name for name in CASES if args.full or name not in LARGE]
    methods = args.method or [name for name in METHODS if args.full or name != CONVERGED]
    for option, given, known in (
        ("--network", names, CASES),
        ("--method", methods, METHODS),
        ("--engine", [args.engine], ENGINES),
    ):
        for name in given:
            if name not in known:
                raise UsageError(f"{option} must be one of {', '.join(known)}, not {name!r}")
    for limit in args.time_limit:
        if not 0 < limit <= _MOST_S:
            raise UsageError(f"--time-limit must lie in 0..{_MOST_S:g} seconds and not be 0, not {limit:g}")
    folder = output_folder(args.out) if args.out else None
    rows: list[MappingRow] = []
    partial = False
    with stage_progress("mapping") as stage:
        try:
            measure_mappings(
                names,
                time_limits=args.time_limit,
                methods=methods,
                seed=args.seed,
                engine=args.engine,
                progress=stage,
                rows=rows,
            )
        except KeyboardInterrupt:
            partial = True
    values: dict[str, Any] = results(rows, partial=partial, seed=args.seed, time_limits_s=args.time_limit)
    if args.curve is not None and rows:
        from ...bench.mapping_curve import save_curve

        save_curve(rows, args.time_limit, args.curve)
    if folder is not None:
        write_json(folder / "mapping.json", values)
    if args.json:
        print_json(values)
    else:
        say(args, _table(rows))
        say(args, _means(rows))
        say(args, _behind(rows, args.time_limit))
    if partial:
        notify("interrupted: what was measured until then")
        return INTERRUPTED
    return OK


def _table(rows: list[MappingRow]) -> str:
    from ...text_table import column_table

    header = [
        "network",
        "method",
        "tiles",
        "packets",
        "spike-hops",
        "worst link",
        "energy, µJ",
        "latency",
        "late",
        "s",
        "packets / bound",
    ]
    lines = []
    for row in rows:
        if row.failure is not None:
            lines.append([row.network, row.method, *["–"] * 9])
            continue
        numbers = [f"{row.tiles:,}", f"{row.packets:,}", f"{row.spike_hops:,.0f}", f"{row.worst_link:,.0f}"]
        energy = "–" if math.isnan(row.energy_pj) else f"{row.energy_pj / 1e6:,.3g}"
        seconds = f"{row.seconds:.2f}"
        bound = f"{row.packets / row.least_packets:.2f}" if row.least_packets else "–"
        lines.append(
            [row.network, row.method, *numbers, energy, f"{row.latency:,.2f}", f"{row.late:,}", seconds, bound]
        )
    return column_table("Mappings", header, lines)


def _means(rows: list[MappingRow]) -> str:
    from ...bench.mapping import BASELINE, CONVERGED, SWARM, gains
    from ...text_table import column_table

    lines = []
    searches = [name for name in dict.fromkeys(row.method for row in rows) if name.startswith("search")]
    for method in searches:
        for beside in (BASELINE, SWARM, CONVERGED):
            found = gains(rows, method, beside)
            if found:
                values = [f"{found[name]:.3g}" if name in found else "–" for name in _COSTS]
                lines.append([f"{method} / {beside}", *values])
    return column_table("\nGeometric means over the networks", ["", *_COSTS.values()], lines)


def _behind(rows: list[MappingRow], limits: list[float]) -> str:
    from ...bench.mapping import behind_best, search_name
    from ...text_table import column_table

    found = [behind_best(rows, search_name(limit), limit=limit) for limit in limits]
    found += [behind_best(rows, search_name(limit)) for limit in limits]
    lines = [
        [name, *(f"{behind[name] - 1:.1%}" if name in behind else "–" for behind in found)]
        for name in dict.fromkeys(row.network for row in rows)
    ]
    header = ["network", *(f"{limit:g} s" for limit in limits), *(f"{limit:g} s, at all" for limit in limits)]
    title = "\nSpike-hops of the search above the best of all methods in the same time, and above the best of all rows"
    return column_table(title, header, lines)


_COSTS = {
    "packets": "packets",
    "spike_hops": "spike-hops",
    "worst_link": "worst link",
    "energy_pj": "energy",
    "latency": "latency",
    "seconds": "time",
}
