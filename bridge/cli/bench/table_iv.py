"""``synaptile bench table-iv``: the routings of the PyCARL paper's Table IV, beside the paper."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from ...errors import show
from ...json_text import write_json
from ..common import OK, UsageError, output_folder, print_json, say
from ..options import add_output_arguments, whole

if TYPE_CHECKING:
    from ...bench.table_iv import RoutingRow

__all__ = ["add_arguments", "run"]

_RATE, _CYCLES, _STEPS = 117.0, 200, 2000
_MOST_RATE = 1000.0


def _rate(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 < value <= _MOST_RATE:
        raise argparse.ArgumentTypeError(f"must be above 0 and at most {_MOST_RATE:g} Hz, not {show(text)}")
    return value


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument(
        "--rate", type=_rate, default=_RATE, metavar="HZ", help=f"of each of 18 Poisson sources (default: {_RATE:g})"
    )
    parser.add_argument(
        "--cycles-per-step",
        type=whole(1, 1_000_000),
        default=_CYCLES,
        metavar="CYCLES",
        help=f"cycles of a step of 1 ms, whose spikes are sent together (default: {_CYCLES})",
    )
    parser.add_argument("--steps", type=whole(1, 100_000), default=_STEPS, metavar="N", help=f"default: {_STEPS}")
    parser.add_argument(
        "--routing",
        action="append",
        metavar="NAME",
        help="only this one of the paper's; may be given several times (default: all)",
    )
    parser.add_argument("--engine", default="auto", help="runs the chip (default: auto, the fastest here)")
    add_output_arguments(parser, seed=True)


def run(args: argparse.Namespace) -> int:
    """Run the benchmark."""
    from ...bench.table_iv import PAPER, Setting, compare_routings
    from ...engines import ENGINES
    from ...versions import versions
    from ..progress import stage_progress

    if args.engine not in ENGINES:
        raise UsageError(f"--engine must be one of {', '.join(ENGINES)}, not {show(args.engine)}")
    routings = args.routing or list(PAPER)
    for name in routings:
        if name not in PAPER:
            raise UsageError(f"--routing must be one of {', '.join(PAPER)}, not {show(name)}")
    folder = output_folder(args.out) if args.out else None
    setting = Setting(args.rate, args.cycles_per_step, args.steps, args.seed)
    with stage_progress("table-iv") as progress:
        rows = compare_routings(setting, routings, engine=args.engine, progress=progress)
    values: dict[str, Any] = {
        "setting": asdict(setting),
        "routings": [row.to_dict() for row in rows],
        "versions": versions(),
    }
    if folder:
        write_json(folder / "table-iv.json", values)
    if args.json:
        print_json(values)
        return OK
    print(
        f"18 sources of {setting.rate:g} Hz, each to 18 neurons, on 36 crossbars of 6 x 6 tiles; {setting.steps:,} "
        f"steps of {setting.cycles_per_step} cycles, seed {setting.seed}; in brackets the paper\n"
    )
    for line in _lines(rows, PAPER):
        print(line)
    say(args, f"\nin {folder}: table-iv.json" if folder else "")
    return OK


def _lines(rows: list[RoutingRow], paper: Any) -> list[str]:
    head = ("routing", "latency, cycles", "packets/cycle", "ISI sent", "ISI heard", "disorder count", "order changed")
    cells = [
        (
            row.routing,
            f"{row.latency:.2f} ({paper[row.routing].latency:.2f})",
            f"{row.throughput:.3f} ({paper[row.routing].throughput:.3f})",
            f"{row.isi_sent:,.0f}",
            f"{row.isi_heard:.0f} ({paper[row.routing].isi:g})",
            f"{row.disorder_count:,} ({paper[row.routing].disorder})",
            f"{row.order_changes:,}",
        )
        for row in rows
    ]
    widths = [max(map(len, column)) for column in zip(head, *cells, strict=True)]
    lines = []
    for routing, *texts in (head, *cells):
        right = (text.rjust(width) for text, width in zip(texts, widths[1:], strict=True))
        lines.append("  ".join([routing.ljust(widths[0]), *right]))
    return lines
