"""``synaptile compare``: what is different between runs of one network."""

from __future__ import annotations

import argparse
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .common import OK, UsageError, notify, output_folder, print_json, print_table, shown
from .options import accept_seed
from .score import score_rows

if TYPE_CHECKING:
    from synaptile.swsim.trace import Trace

    from ..comparison.traces import Comparison

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the subcommand's options."""
    parser.add_argument("reference", metavar="REFERENCE", help="a run's folder or its snn.sw.out, such as of software")
    parser.add_argument("runs", metavar="RUN", nargs="+", help="the runs that are compared with it, likewise")
    parser.add_argument(
        "--window",
        metavar="MS",
        type=float,
        help="a spike has moved if it is less than so far away in the other run, else it is lost and another is new "
        "(default: 10 steps)",
    )
    parser.add_argument(
        "--out", "-o", metavar="DIR", type=Path, help="write compare.csv, compare.json and a picture of each run there"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    accept_seed(parser)


def run(args: argparse.Namespace) -> int:
    """Run the subcommand."""
    from ..comparison.traces import compare_traces
    from ..versions import versions

    reference = _trace(args.reference, "REFERENCE")
    traces = [_trace(name, "RUN") for name in args.runs]
    if args.window is not None and not args.window > 0:
        raise UsageError(f"--window must be greater than 0, not {args.window:g}")
    if args.window is not None and not math.isfinite(args.window):
        raise UsageError(f"--window must be a number of ms, not {args.window:g}")
    folder = output_folder(args.out) if args.out else None
    found = []
    for name, trace in zip(args.runs, traces, strict=True):
        try:
            found.append(compare_traces(reference, trace, window_ms=args.window))
        except ValueError as error:
            raise UsageError(f"{name}: {error}") from None
        if trace.partial or reference.partial:
            notify(f"{name if trace.partial else args.reference} is a partial run")
    values: dict[str, Any] = {
        "reference": args.reference,
        "runs": [
            {"run": name, **one.to_dict(), **({"score": trace.meta["score"]} if "score" in trace.meta else {})}
            for name, one, trace in zip(args.runs, found, traces, strict=True)
        ],
        "seed": args.seed,
        "versions": versions(),
    }
    if args.json:
        print_json(values)
    else:
        for name, one, trace in zip(args.runs, found, traces, strict=True):
            rows = [*score_rows(reference.meta.get("score"), trace.meta.get("score")), *one.rows()]
            print_table(f"{name} beside {args.reference}", ((w[:1].upper() + w[1:], v, u) for w, v, u in rows))
    if folder is not None:
        written = _write(folder, args.runs, found, values)
        if not args.json:
            notify(f"in {shown(folder)}: {', '.join(sorted(path.name for path in written))}")
    return OK


def _trace(name: str, what: str) -> Trace:
    from ..comparison.reference import TRACE_NAME, load_trace

    path = Path(name) / TRACE_NAME if Path(name).is_dir() else Path(name)
    if not path.is_file():
        raise UsageError(f"{what}: there is no file {str(path)!r}")
    return load_trace(path)


def _cell(value: Any) -> Any:
    """What has no value is an empty cell."""
    return "" if isinstance(value, float) and math.isnan(value) else value


def _write(folder: Path, names: list[str], found: list[Comparison], values: dict[str, Any]) -> list[Path]:
    import csv
    import io

    from synaptile.swsim.base.whole_file import write_bytes, write_text

    from ..comparison.traces import COLUMNS
    from ..json_text import write_json
    from ..report.figures import changed_spikes, to_png

    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(["run", *COLUMNS])
    for name, one in zip(names, found, strict=True):
        writer.writerows([name, *(_cell(getattr(p, column)) for column in COLUMNS)] for p in one.populations)
    written = [
        write_text(folder / "compare.csv", table.getvalue()),
        write_json(folder / "compare.json", values),
    ]
    for number, one in enumerate(found, 1):
        path = folder / ("compare.png" if len(found) == 1 else f"compare-{number}.png")
        written.append(write_bytes(path, to_png(changed_spikes(one))))
    return written
