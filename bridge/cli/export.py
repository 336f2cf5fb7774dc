"""``synaptile export``: the chip's Verilog, and a bench for it."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .common import OK, UsageError, notify, output_folder, print_json
from .options import add_chip_arguments, add_seed, chip_config, whole

if TYPE_CHECKING:
    from ..chip import Chip

__all__ = ["add_arguments", "run"]

MAX_PACKETS, MAX_TICKS = 10**6, 10**6


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the subcommand's options."""
    add_chip_arguments(parser, engine=False)
    parser.add_argument(
        "--mode",
        choices=("lock-step", "on-chip"),
        default="lock-step",
        help="the network alone (lock-step, the default), or with a core at every tile (on-chip), whose neuron model "
        "--core-neuron names",
    )
    parser.add_argument(
        "--out",
        "-o",
        metavar="FILE.v|DIR",
        help="default: chip.v, with --testbench the folder of the chip's name; into a folder goes a core file for "
        "FuseSoC, too",
    )
    parser.add_argument(
        "--name",
        default="synaptile_chip",
        help="name of the top module, with which the names of all others begin, so that chips of several names can "
        "stand in one design (default: synaptile_chip)",
    )
    bench = parser.add_argument_group("the bench")
    bench.add_argument(
        "--testbench",
        action="store_true",
        help="write a bench as well, which checks the chip by itself in Icarus Verilog, Verilator or any other "
        "simulator",
    )
    bench.add_argument("--packets", type=whole(1, MAX_PACKETS), help="random packets that it sends (default: 256)")
    bench.add_argument(
        "--ticks", type=whole(1, MAX_TICKS), help="ticks in which it sends them into a chip of cores (default: 20)"
    )
    bench.add_argument("--engine", help="simulates the chip, for what the bench must see (default: auto)")
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    add_seed(parser)


def run(args: argparse.Namespace) -> int:
    """Run the subcommand."""
    from synaptile.rtl.export.names import check_name

    from ..chip import Chip
    from ..engines import ENGINES
    from ..versions import versions

    try:
        check_name(args.name)
    except ValueError as error:
        raise UsageError(f"--{error}") from None
    if not args.testbench:
        for option in ("packets", "ticks", "engine"):
            if getattr(args, option) is not None:
                raise UsageError(f"--{option} needs --testbench")
    if args.ticks is not None and args.mode != "on-chip":
        raise UsageError("--ticks needs --mode on-chip")
    args.engine = args.engine or "auto"
    if args.engine not in ENGINES:
        raise UsageError(f"--engine must be one of {', '.join(ENGINES)}, not {args.engine!r}")

    chip = Chip(chip_config(args), mode=args.mode, engine=args.engine)
    about = _testbench(args, chip) if args.testbench else _verilog(args, chip)
    if args.json:
        known: dict[str, Any] = {"name": args.name, "mode": args.mode, "tiles": chip.config.tiles, "seed": args.seed}
        print_json({**about, **known, "config": chip.config.to_dict(), "versions": versions()})
    return OK


def _verilog(args: argparse.Namespace, chip: Chip) -> dict[str, Any]:
    """Write the Verilog, and into a folder a core file beside it; return what is told of it."""
    out = Path(args.out or "chip.v")
    core = None
    if out.is_dir() or (args.out or "").endswith("/"):
        out.mkdir(parents=True, exist_ok=True)
        out, core = out / f"{args.name}.v", out / f"{args.name}.core"
    path = chip.export(out, name=args.name)
    if core is not None:
        from synaptile.swsim.base.whole_file import write_text

        from ..export.core_file import core_file

        write_text(core, core_file(args.name, path.name, chip.exported.description))
    lines = path.read_text().count("\n") if path.is_file() else None  # a pipe cannot be read again
    size = "Verilog" if lines is None else f"{lines:,} lines of Verilog"
    if not args.json:
        notify(f"wrote {path}: {chip.config.rows}×{chip.config.cols} tiles, {size}")
    return {"file": str(path), "core_file": None if core is None else str(core), "lines": lines}


def _testbench(args: argparse.Namespace, chip: Chip) -> dict[str, Any]:
    """Write the folder; return what is told of it."""
    out = Path(args.out or args.name)
    if out.suffix == ".v" or (out.exists() and not out.is_dir()):
        raise UsageError(f"--out must be a folder with --testbench, not {str(out)!r}")
    _ = chip.exported  # what is wrong with it is told before anything is made
    try:
        output_folder(out)
    except OSError as error:
        raise UsageError(f"--out: {error.filename or out}: {error.strerror}") from None
    given = {option: getattr(args, option) for option in ("packets", "ticks") if getattr(args, option) is not None}
    written = chip.export_testbench(out, name=args.name, seed=args.seed, **given)
    verilog = out / written.files[0]
    if not args.json:
        notify(f"wrote {out}: {chip.exported.description}; the bench: {written.summary} (see {out / 'README.md'})")
    lines = verilog.read_text().count("\n")
    files = [str(out / file) for file in written.files]
    return {"file": str(verilog), "folder": str(out), "files": files, "lines": lines, "summary": written.summary}
