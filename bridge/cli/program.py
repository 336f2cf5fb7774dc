"""``synaptile program``: what programs a chip of cores for a PyNN script's network, as a file."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import ConfigError, MappingError
from ..user_script import INTERRUPTED_EARLY, run_script
from .common import INTERRUPTED, OK, UsageError, existing_file, notify, print_json, print_table
from .options import add_chip_arguments, add_mapping_arguments, add_seed, chip_config, mapping_methods

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from synaptile.swsim.onchip import OnChipNetwork
    from synaptile.swsim.trace import Trace

    from ..config import ChipConfig
    from ..onchip import ConversionReport, OnChipProgram

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the subcommand's options."""
    parser.add_argument("script", metavar="SCRIPT", help="a PyNN script, which is run up to its first run()")
    parser.add_argument(
        "arguments", nargs="*", metavar="ARG", help="what the script is given (options of its own after --)"
    )
    add_chip_arguments(parser, preset="demo", engine=False)
    add_mapping_arguments(parser)
    parser.add_argument(
        "--out", "-o", metavar="FILE.hex|DIR", type=Path, default=Path("program.hex"), help="default: program.hex"
    )
    parser.add_argument(
        "--complete",
        action="store_true",
        help="write words of 0, too, over what a chip's memories may hold from before; a chip that has just been "
        "configured does not need them",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    add_seed(parser)


def run(args: argparse.Namespace) -> int:
    """Run the subcommand."""
    import synaptile.swsim as sim

    from ..onchip.programming import programming_stream
    from ..versions import versions

    script, config = existing_file(args.script, "SCRIPT"), chip_config(args)
    methods = mapping_methods(args)
    del methods["split"]  # which nothing on-chip is
    taker = _NetworkTaker(config, given=methods.pop("mapping"), **methods)
    sim.set_defaults(hardware=taker, seed=args.seed)
    try:
        sim.setup()  # forgets what ran in this process before; and a script need not call it
        ended = run_script(script, args.arguments, args.script)
    finally:
        sim.set_defaults()
        sim.setup()
    if taker.error is not None:
        raise taker.error
    if taker.result is None:
        if ended == INTERRUPTED_EARLY:
            notify(f"interrupted: {args.script} had run nothing yet")
            return INTERRUPTED
        if ended is not None:
            raise RuntimeError(ended.removeprefix("error: "))
        raise UsageError(f"{args.script} ran no simulation with synaptile on the chip that it is given")
    program, report = taker.result
    stream = programming_stream(
        program.images,
        program.network,
        program.core,
        host_tile=program.host_tile,
        host_key=program.host_key,
        table=program.table,
        complete=args.complete,
    )
    path = stream.write(args.out / "program.hex" if args.out.is_dir() else args.out)
    if args.json:
        values = {
            "file": str(path),
            "chip": stream.chip,
            "packets": len(stream),
            "bits": stream.bits,
            "complete": stream.complete,
            "conversion": report.to_dict(),
            "seed": args.seed,
            "config": config.to_dict(),
            "versions": versions(),
        }
        print_json(values)
    else:
        print_table(f"{args.script} on {config.name}, in whole numbers", report.rows())
        notify(f"wrote {path}: {len(stream):,} packets of {stream.bits} bits for the chip {stream.chip[:12]}")
    return OK


class _ProgrammedError(BaseException):
    """Ends a script once its network is known; no script's own handlers are for it."""


class _NetworkTaker:
    """Hardware that takes a network, converts it, and ends the script."""

    mode = "on-chip"

    def __init__(self, config: ChipConfig, **options: Any) -> None:
        self._config = config
        self._options = options
        self.result: tuple[OnChipProgram, ConversionReport] | None = None
        self.error: MappingError | ConfigError | None = None

    def program(self, network: OnChipNetwork) -> None:
        """Convert the network, or note why it cannot be."""
        from ..onchip import convert

        try:
            self.result = convert(network, self._config, **self._options)
        except (MappingError, ConfigError) as error:
            self.error = error
        raise _ProgrammedError

    def run_ticks(self, *_: Any) -> Any:
        """End a script that has gone on although its network is known."""
        raise _ProgrammedError

    def read(self, variable: str, neurons: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        """End a script that has gone on although its network is known."""
        raise _ProgrammedError

    def end(self, trace: Callable[[], Trace]) -> None:
        """Do without a trace, for nothing has run."""
