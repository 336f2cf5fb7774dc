"""What the subcommands share: options, output, progress."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

__all__ = [
    "FAILURE",
    "INTERRUPTED",
    "OK",
    "USAGE",
    "UsageError",
    "add_chip_arguments",
    "add_mapping_arguments",
    "add_output_arguments",
    "chip_config",
    "cycle_progress",
    "existing_file",
    "output_folder",
    "point_progress",
    "print_json",
    "print_table",
    "rate",
    "say",
    "step_progress",
    "tell",
    "whole",
]

OK, FAILURE, USAGE, INTERRUPTED = 0, 1, 2, 130


class UsageError(Exception):
    """The command was used wrongly; the message is one line."""


def tell(line: str) -> None:
    """A line for the person at the terminal, never mixed with results."""
    print(f"synaptile: {line}", file=sys.stderr, flush=True)


def say(args: argparse.Namespace, line: str) -> None:
    """A line of ordinary output, unless JSON was asked for."""
    if not args.json:
        print(line, flush=True)


def print_json(values: Mapping[str, Any]) -> None:
    """The one JSON object of ``--json``."""
    print(json.dumps(values, indent=2, allow_nan=False))


def print_table(title: str, rows: Iterator[tuple[str, str, str]] | list[tuple[str, str, str]]) -> None:
    """Rows of (what, value, unit)."""
    table = Table(title=title, title_justify="left", show_header=False, box=None, padding=(0, 2, 0, 0))
    table.add_column("what")
    table.add_column("value", justify="right", style="bold")
    table.add_column("unit", style="dim")
    for row in rows:
        table.add_row(*row)
    Console(highlight=False).print(table)


def add_output_arguments(parser: argparse.ArgumentParser, *, out: str | None = None, seed: bool = True) -> None:
    """``--json``, ``--out``, ``--seed``."""
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    parser.add_argument(
        "--out",
        "-o",
        metavar="DIR",
        type=Path,
        default=None if out is None else Path(out),
        help="folder to write results to" + (f" (default: {out})" if out else " (default: write none)"),
    )
    if seed:
        parser.add_argument("--seed", type=whole(0), default=0, help="seed of everything random (default: 0)")


def add_chip_arguments(parser: argparse.ArgumentParser, *, preset: str | None = None, engine: bool = True) -> None:
    """Options that choose and change a chip; `chip_config` reads them."""
    chip = parser.add_argument_group("the chip")
    chip.add_argument(
        "--chip",
        metavar="NAME|FILE.yaml",
        default=preset,
        help=f"preset or YAML file (default: {preset or 'none'})",
    )
    chip.add_argument("--mesh", metavar="ROWSxCOLS", help="size of the mesh, such as 4x4")
    chip.add_argument("--topology", metavar="NAME", help="mesh, torus or tree (clusters of 2x2 tiles)")
    chip.add_argument("--routing", metavar="NAME", help="routing relation, such as xy or odd-even")
    chip.add_argument("--selection", metavar="NAME", help="which of several permitted outputs is taken")
    chip.add_argument("--arbitration", metavar="NAME", help="of packets that wait, round-robin or through-first")
    chip.add_argument("--dyad-threshold", metavar="FLITS", type=int, help="when the routing dyad sees congestion")
    chip.add_argument("--buffer", metavar="FLITS", type=int, help="flits that an input queue holds")
    chip.add_argument("--virtual-channels", metavar="N", type=int, help="virtual channels of each link, 1 to 4")
    chip.add_argument("--link-stages", metavar="N", type=int, help="registers along each link, each a cycle more")
    chip.add_argument("--flits", metavar="N", type=int, help="flits per packet, head included")
    chip.add_argument(
        "--multicast", action="store_true", default=None, help="one packet for all tiles of a spike, forking on its way"
    )
    if engine:
        chip.add_argument("--engine", default="auto", help="runs the chip (default: auto, the fastest here)")
        chip.add_argument(
            "--threads",
            type=whole(1, 1024),
            default=1,
            metavar="N",
            help="threads of the compiled engine, for large meshes; the results are the same (default: 1)",
        )


def add_mapping_arguments(parser: argparse.ArgumentParser) -> None:
    """``--partition`` and ``--placement``."""
    from ..mapping.partition import METHODS as PARTITIONS
    from ..mapping.placement import METHODS as PLACEMENTS

    mapping = parser.add_argument_group("mapping")
    mapping.add_argument("--partition", choices=PARTITIONS, default="auto", help="how neurons are put into crossbars")
    mapping.add_argument("--placement", choices=PLACEMENTS, default="optimised", help="how crossbars are put on tiles")


_OVERRIDES = {
    "mesh": "mesh",
    "topology": "topology",
    "routing": "routing",
    "selection": "selection",
    "arbitration": "arbitration",
    "dyad_threshold": "dyad_threshold",
    "buffer": "buffer_depth",
    "virtual_channels": "virtual_channels",
    "multicast": "multicast",
    "link_stages": "link_stages",
    "flits": "flits_per_packet",
}


def chip_config(args: argparse.Namespace) -> Any:
    """The `ChipConfig` that the options describe; raises `ConfigError` or `UsageError`."""
    from ..config import ChipConfig
    from ..engines import ENGINES

    if getattr(args, "engine", "auto") not in ENGINES:
        raise UsageError(f"--engine must be one of {', '.join(ENGINES)}, not {args.engine!r}")
    overrides = {key: getattr(args, name) for name, key in _OVERRIDES.items() if getattr(args, name) is not None}
    if args.chip is None:
        return ChipConfig(**overrides)
    if args.chip.endswith((".yaml", ".yml")) or "/" in args.chip:
        return ChipConfig.from_yaml(existing_file(args.chip, "--chip")).replace(**overrides)
    return ChipConfig.preset(args.chip, **overrides)


def whole(low: int, high: int | None = None) -> Any:
    """An argparse type: a whole number in a range."""

    def parse(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"must be a whole number, not {text!r}") from None
        if value < low or (high is not None and value > high):
            rule = f"at least {low}" if high is None else f"in {low}..{high}"
            raise argparse.ArgumentTypeError(f"must be {rule}, not {value}")
        return value

    return parse


def rate(text: str) -> float:
    """An argparse type: packets per cycle per node."""
    try:
        value = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be a number, not {text!r}") from None
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"must lie in 0..1 packets per cycle per node, not {text}")
    return value


def existing_file(name: str | Path, what: str) -> Path:
    """A file that is there; raises `UsageError`."""
    path = Path(name)
    if not path.is_file():
        raise UsageError(f"{what}: there is no file {str(path)!r}")
    return path


def output_folder(path: Path) -> Path:
    """Make the folder, and be sure now rather than after the run that it can be written; raises ``OSError``."""
    path.mkdir(parents=True, exist_ok=True)
    probe = path / ".synaptile-write-test"
    try:
        probe.touch()
    finally:
        probe.unlink(missing_ok=True)
    return path


@contextmanager
def cycle_progress(what: str, cycles: int | None = None) -> Iterator[Callable[[int, int, int], None] | None]:
    """A progress bar on standard error if that is a terminal; yields the callback that engines take."""
    with _bar(what, cycles) as update:
        if update is None:
            yield None
        else:
            start = time.monotonic()

            def show(cycle: int, delivered: int, injected: int) -> None:
                rate = cycle / max(time.monotonic() - start, 1e-9)
                told = f"{cycle:,} cycles, {rate:,.0f}/s, {delivered:,} packets"
                update(cycle, cycles, told)

            yield show


@contextmanager
def point_progress(what: str, points: int) -> Iterator[Callable[[str], None]]:
    """The same for measurements one after the other; yields a function to be called after each, with its name."""
    with _bar(what, points) as update:
        done = 0

        def show(name: str) -> None:
            nonlocal done
            done += 1
            if update is not None:
                update(done, points, f"{done} of {points}, {name}")

        yield show


@contextmanager
def step_progress(what: str) -> Iterator[Callable[[int, int, int], None] | None]:
    """The same for the network's steps; yields the callback that `synaptile.swsim.set_defaults` takes."""
    with _bar(what, None) as update:
        if update is None:
            yield None
        else:
            yield lambda step, steps, spikes: update(step, steps, f"step {step:,} of {steps:,}, {spikes:,} spikes")


@contextmanager
def _bar(what: str, total: int | None) -> Iterator[Callable[[int, int | None, str], None] | None]:
    console = Console(stderr=True)
    if not console.is_terminal:
        yield None
        return
    columns = (TextColumn("{task.description}"), BarColumn(bar_width=16), TextColumn("{task.fields[state]}"))
    with Progress(*columns, TimeElapsedColumn(), TimeRemainingColumn(), console=console, transient=True) as progress:
        task = progress.add_task(what, total=total, state="")
        yield lambda done, of, state: progress.update(task, completed=done, total=of, state=state)
