"""``synaptile map --pareto``: the trade-offs of mappings as a table, a picture and files."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from .common import INTERRUPTED, OK, UsageError, notify, output_folder, print_json, shown
from .map_options import listed, mapped_network, pairs, time_limit, usage
from .options import chip_config, partition_names

if TYPE_CHECKING:
    from ..mapped_front import MappedFront

__all__ = ["run_front"]


def run_front(args: argparse.Namespace) -> int:
    """Search for the front that the options ask for."""
    from ..mapped_front import map_front
    from ..mapping.placement import OBJECTIVES
    from .progress import stage_progress

    for option, given in (
        ("--objective", args.objective is not None),
        ("--place", args.placement is not None),
        ("--method", args.method != "auto"),
    ):
        if given:
            raise UsageError(f"{option} must be left out where --pareto is given")
    if (args.save is None) != (args.point is None):
        raise UsageError("--save and --point must be given together where --pareto is: which point is to be written")
    objectives = listed("--pareto", args.pareto, list(OBJECTIVES)) or []
    if len(objectives) < 2:
        raise UsageError(f"--pareto must have two or more of {', '.join(OBJECTIVES)}, not {args.pareto!r}")
    partitions = listed("--partition", args.partition, partition_names())
    limit, rates = time_limit(args), dict(pairs("--rate", args.rate))
    trace, config = mapped_network(args), chip_config(args)
    folder = output_folder(args.out) if args.out else None
    with stage_progress("map") as stage:
        try:
            found = map_front(
                trace,
                config,
                objectives,
                partitions=partitions,
                by=args.by,
                rates=rates or None,
                tiles=args.tiles,
                split=not args.no_split,
                seed=args.seed,
                time_limit=limit,
                progress=lambda what, _: stage(what),
            )
        except ValueError as error:
            raise usage(error) from None
        except ModuleNotFoundError as error:
            raise UsageError(str(error)) from None
    if args.json:
        print_json({**found.to_dict(), "config": config.to_dict()})
    else:
        print(found)
    written = [] if args.save is None else [_saved(found, args.save, args.point)]
    if folder is not None:
        written += _write(folder, found)
    if written and not args.json:
        notify(f"wrote {', '.join(shown(path.absolute()) for path in written)}")
    if found.interrupted:
        notify("interrupted: what is shown is the front found until then")
        return INTERRUPTED
    if found.cut:
        notify("the time was up before the search was done: another run may find other points")
    return OK


def _saved(found: MappedFront, path: Path, number: int) -> Path:
    try:
        return found.save(path, number)
    except ValueError as error:
        raise UsageError(f"--point: {error}") from None


def _write(folder: Path, found: MappedFront) -> list[Path]:
    from synaptile.swsim.base.whole_file import write_bytes, write_text

    from ..json_text import write_json
    from ..report.figures import to_png, trade_off_pairs

    values = [trial.values for trial in found.points]
    return [
        write_json(folder / "front.json", found.to_dict()),
        write_text(folder / "front.csv", found.to_csv()),
        write_bytes(folder / "front.png", to_png(trade_off_pairs(values, found.objectives, title=found.title))),
        *(found.save(folder / f"point-{number}.json", number) for number in range(1, len(found.points) + 1)),
    ]
