"""``synaptile fpga check``: what a board is, and whether it does what the model does."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from ..common import FAILURE, OK, print_json, print_table
from ..options import add_chip_arguments, chip_config, whole

if TYPE_CHECKING:
    from ...fpga.engine import FpgaCoreEngine
    from ...fpga.self_test import SelfTest
    from ...onchip import OnChipModel

__all__ = ["add_arguments", "run"]

_TICKS = 1000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the subcommand's options."""
    board = parser.add_argument_group("the board")
    board.add_argument(
        "--port", required=True, help="its serial port, such as /dev/ttyUSB0; simulated: the gates of a board"
    )
    board.add_argument(
        "--baud",
        type=whole(1, 12_000_000),
        default=3_000_000,
        metavar="BAUD",
        help="its bits in a second (default: 3000000)",
    )
    board.add_argument(
        "--ticks", type=whole(1, 1_000_000), default=_TICKS, metavar="N", help=f"ticks of the test (default: {_TICKS})"
    )
    parser.add_argument("--json", action="store_true", help="print everything as JSON")
    add_chip_arguments(parser, engine=False)


def run(args: argparse.Namespace) -> int:
    """Run the subcommand; the exit code is 1 if the board does something else than the model."""
    from ...config.cores import chip_on_board
    from ...fpga.engine import FpgaCoreEngine
    from ...fpga.self_test import SelfTest, table_for

    network, core, host_tile, host_key = chip_on_board(chip_config(args))
    engine = FpgaCoreEngine(
        network,
        core,
        host_tile=host_tile,
        host_key=host_key,
        table=table_for(network),
        port=args.port,
        baud=args.baud,
    )
    try:
        test = SelfTest(network, core, ticks=args.ticks)
        found = _checked(engine, test, test.expected(host_tile, host_key))
    finally:
        engine.close()
    if args.json:
        print_json(found)
    else:
        print_table("The board", [(name, _text(value), "") for name, value in found.items()])
    return FAILURE if found["differences"] or found["memory"] not in ("as written", "no readback") else OK


def _checked(engine: FpgaCoreEngine, test: SelfTest, model: OnChipModel) -> dict[str, Any]:
    info = engine.board.info
    engine.load(test.images)
    memory = "no readback"
    if engine.core.readback:
        wrong = test.memory(engine)
        memory = "as written" if wrong is None else f"{wrong.first} ({wrong.count} differences)"
    seen = engine.run(test.ticks, test.events, test.when, None)
    expected = model.run(test.ticks, test.events, test.when, None)
    difference = test.compare(seen, expected)
    return {
        "chip": f"{info.identity:06x}",
        "built by": info.version,
        "clock_hz": info.clock_hz,
        "baud": info.baud,
        "tiles": info.tiles,
        "memory": memory,
        "ticks": test.ticks,
        "spikes": len(expected.reported),
        "differences": 0 if difference is None else difference.count,
        "first difference": None if difference is None else difference.first,
        "ticks per second": round(test.ticks / engine.seconds, 1),
        **{name.replace("_", " "): count for name, count in engine.board.counters().items()},
        **{f"host's {name}": count for name, count in sorted(engine.board.link.counts.items())},
    }


def _text(value: Any) -> str:
    return "–" if value is None else f"{value:,}" if isinstance(value, int) else str(value)
