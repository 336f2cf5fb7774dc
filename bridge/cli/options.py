"""The options that subcommands share, and the types of their values.

Nothing here imports more than the declarations of a chip's parameters, so that ``--help`` is quick.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Container, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from synaptile.rtl.parameter import Parameter

from ..config.blocks import COMPUTE, LIMITS, WEIGHTS
from ..config.parameters import CORE, PARAMETERS
from ..errors import show
from .common import UsageError, existing_file

if TYPE_CHECKING:
    from ..config import ChipConfig

__all__ = [
    "DAY",
    "MAX_CYCLES",
    "accept_seed",
    "add_chip_arguments",
    "add_compare_argument",
    "add_mapping_arguments",
    "add_output_arguments",
    "add_seed",
    "add_tables_argument",
    "argument",
    "check_packets",
    "chip_config",
    "compared_with",
    "positive",
    "rate",
    "tables_format",
    "whole",
    "within",
]


MAX_CYCLES = 10**12
"""Cycles that a command simulates, at most: weeks of the fastest engine's time."""

_MAX_PACKETS = 10**9
MAX_SEED = 2**63 - 1
DAY = 86_400.0
"""Seconds; nothing is measured for longer."""


def add_output_arguments(parser: argparse.ArgumentParser, *, out: str | None = None, seed: bool = True) -> None:
    """Add ``--json``, ``--out`` and ``--seed``."""
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
        add_seed(parser)


def add_tables_argument(parser: argparse.ArgumentParser) -> None:
    """Add ``--tables``; `tables_format` reads it."""
    parser.add_argument(
        "--tables",
        choices=("csv", "parquet"),
        help="also write tidy tables of deliveries, neurons, connections, links over time and so on to 'tables' in DIR",
    )


def tables_format(args: argparse.Namespace) -> str | None:
    """Return the format of tables, None for none; raises `UsageError` if they cannot be written."""
    if args.tables is None:
        return None
    if args.out is None:
        raise UsageError("--tables needs --out DIR to write to")
    from ..tables import check_format

    try:
        check_format(args.tables)
    except ModuleNotFoundError as error:
        raise UsageError(f"--tables: {error}") from None
    return str(args.tables)


def add_seed(parser: argparse.ArgumentParser) -> None:
    """Add ``--seed``."""
    parser.add_argument("--seed", type=whole(0, MAX_SEED), default=0, help="seed of everything random (default: 0)")


def accept_seed(parser: argparse.ArgumentParser) -> None:
    """Accept ``--seed`` where nothing is random, as scripts give it to every subcommand, but do not offer it."""
    parser.add_argument("--seed", type=whole(0, MAX_SEED), default=0, help=argparse.SUPPRESS)


def add_chip_arguments(parser: argparse.ArgumentParser, *, preset: str | None = None, engine: bool = True) -> None:
    """Add options that choose and change a chip, one for each of its parameters; `chip_config` reads them."""
    chip = parser.add_argument_group("the chip")
    chip.add_argument(
        "--chip",
        metavar="NAME|FILE.yaml",
        default=preset,
        help=f"preset or YAML file (default: {preset or 'none'})",
    )
    for item in _options():
        kind: dict[str, Any] = (
            {"action": "store_true"} if item.type is bool else {"metavar": item.metavar, "type": item.type}
        )
        chip.add_argument(*item.options, dest=item.name, default=None, help=_help(item), **kind)
    chip.add_argument(
        "--exact-weights",
        action="store_true",
        help=f"weights as exact as in software: the same as --relax {WEIGHTS}",
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
        chip.add_argument(
            "--port",
            help="serial port of the board for the engine fpga, such as /dev/ttyUSB0; simulated: the gates of a board",
        )
        chip.add_argument(
            "--baud", type=whole(1, 12_000_000), metavar="BAUD", help="its bits in a second (default: 3000000)"
        )


def _options() -> Iterator[Parameter]:
    """Yield a chip's parameters that have an option; those of a block under names that begin with the block's."""
    yield from (item for item in PARAMETERS.values() if item.option)
    for block, items in _BLOCKS.items():
        yield from (item.replace(name=f"{block}_{name}") for name, item in items.items())


_BLOCKS = {"core": CORE, "limits": LIMITS, "compute": COMPUTE}


def _help(item: Parameter) -> str:
    if item.type is bool:
        return item.help
    return f"{item.help}{', ' if item.type is int else ': '}{item.values_text}".replace("%", "%%")


class _Names(Container[str]):
    """Names that an option may have, found out when they are needed: for the option's help, or for its value."""

    def __init__(self, names: Callable[[], Container[str]]) -> None:
        self._names = names

    def __contains__(self, name: object) -> bool:
        return name in self._names()

    def __iter__(self) -> Iterator[str]:
        return iter(self._names())  # type: ignore[call-overload]


def _partitions() -> Container[str]:
    from ..mapping.partition import METHODS

    return METHODS


def _placements() -> Container[str]:
    from ..mapping.placement import METHODS

    return METHODS


def add_mapping_arguments(parser: argparse.ArgumentParser) -> Any:
    """Add ``--partition`` and ``--placement``, and return their group."""
    mapping = parser.add_argument_group("mapping")
    mapping.add_argument(
        "--partition", choices=_Names(_partitions), default="auto", help="how neurons are put into crossbars"
    )
    mapping.add_argument(
        "--placement", choices=_Names(_placements), default="optimised", help="how crossbars are put on tiles"
    )
    return mapping


def add_compare_argument(parser: argparse.ArgumentParser, *, default: str) -> None:
    """Add ``--compare``; `compared_with` reads it."""
    parser.add_argument(
        "--compare",
        metavar="software|none|RUN",
        default=default,
        help="tell what the chip changed, beside the same network in software or an earlier run's folder or snn.sw.out "
        f"(default: {default})",
    )


def compared_with(args: argparse.Namespace) -> bool | str:
    """Return what a chip is told to compare its runs with; raises `UsageError`."""
    if args.compare == "none":
        return False
    if getattr(args, "mode", None) in ("replay", "software"):
        raise UsageError(f"--compare needs a --mode in which the chip can change something, not {args.mode}")
    if args.compare == "software":
        return True
    if not Path(args.compare).exists():
        raise UsageError(f"--compare must be software, none, or a run's folder or file, not {show(args.compare)}")
    return str(args.compare)


def chip_config(args: argparse.Namespace) -> ChipConfig:
    """Return the chip that the options describe; raises `ConfigError` or `UsageError`."""
    from ..config import ChipConfig
    from ..engines import ENGINES

    engines = (*ENGINES, "model", "fpga") if getattr(args, "mode", None) == "on-chip" else ENGINES
    engine = getattr(args, "engine", "auto")
    if engine not in engines:
        raise UsageError(f"--engine must be one of {', '.join(engines)}, not {args.engine!r}")
    if hasattr(args, "engine") and hasattr(args, "port"):
        if engine == "fpga" and args.port is None:
            raise UsageError("--port must be given for --engine fpga, such as /dev/ttyUSB0, or simulated")
        if engine != "fpga" and (args.port is not None or args.baud is not None):
            raise UsageError(f"--port and --baud are for --engine fpga, not {engine}")
    given = {item.name: getattr(args, item.name) for item in _options()}
    overrides = {name: value for name, value in given.items() if value is not None}
    if args.exact_weights:
        overrides["relax"] = ",".join([*filter(None, [overrides.get("relax")]), WEIGHTS])
    for block, items in _BLOCKS.items():
        values = {name: overrides.pop(f"{block}_{name}") for name in items if f"{block}_{name}" in overrides}
        if values:
            overrides[block] = values
    if args.chip is None:
        return ChipConfig(**overrides)
    if args.chip.endswith((".yaml", ".yml")) or "/" in args.chip:
        return ChipConfig.from_yaml(existing_file(args.chip, "--chip")).replace(**overrides)
    return ChipConfig.preset(args.chip, **overrides)


def whole(low: int, high: int | None = None) -> Any:
    """Return an argparse type: a whole number in a range."""

    def parse(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"must be a whole number, not {show(text)}") from None
        if value < low or (high is not None and value > high):
            rule = f"at least {low}" if high is None else f"in {low}..{high}"
            raise argparse.ArgumentTypeError(f"must be {rule}, not {show(value)}")
        return value

    return parse


def within(item: Parameter) -> Any:
    """Return an argparse type: a whole number in the range of a parameter."""
    assert item.low is not None
    return whole(item.low, item.high)


def check_packets(packets: float) -> None:
    """Raise `UsageError` if so many packets do not fit into memory, as they must unless ``--log`` takes them."""
    if packets > _MAX_PACKETS:
        raise UsageError(
            f"--cycles and --rate must create at most {_MAX_PACKETS:,} packets at a time, not {packets:,.0f}; "
            f"with --log they need no memory"
        )


def argument(parse: Callable[[str], Any]) -> Any:
    """Return an argparse type of a function that raises ``ValueError`` with the rule and the word."""

    def checked(text: str) -> Any:
        try:
            return parse(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return checked


def positive(option: str, value: float, most: float) -> None:
    """Raise `UsageError` if an option's number is not greater than 0, or greater than ``most``."""
    if not 0 < value <= most:
        raise UsageError(f"{option} must be greater than 0 and at most {most:g}, not {value:g}")


def rate(text: str) -> float:
    """Parse packets per cycle per node, as an argparse type."""
    try:
        value = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be a number, not {text!r}") from None
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"must lie in 0..1 packets per cycle per node, not {text}")
    return value
