"""A simulated board for a configured chip: the gates of its `HostedChip`, at a pseudo-terminal."""

from typing import Any

from support.board_on_pty import BoardOnPty
from support.compiled_board import LineBoard

from synaptile.bridge import Chip
from synaptile.rtl.fpga.hosted_chip import HostedChip

__all__ = ["board_of_chip", "board_of_cores"]

_CYCLES_IN_BIT = 4


def board_of_cores(network: Any, core: Any, *, host_tile: int = 0, host_key: int = 0) -> BoardOnPty:
    """A board with such a chip; one that has been made before is compiled already."""
    board = LineBoard(
        lambda: HostedChip(
            network,
            core,
            clock_hz=16e6,
            baud=16e6 / _CYCLES_IN_BIT,
            host_tile=host_tile,
            host_key=host_key,
            version=b"simulated",
            buffer_bytes=512,
            time_bits=12,
        ),
        _CYCLES_IN_BIT,
        key=repr((network, core, host_tile, host_key)),
        flat=False,
    )
    return BoardOnPty(board, cycles=500)


def board_of_chip(chip: Chip) -> BoardOnPty:
    """A board for a chip that has run, in whole numbers: it is known then which cores it has."""
    assert chip._cores is not None
    engine: Any = chip._cores.engine
    place = {"host_tile": engine.host_tile}
    if engine.table is not None:
        place["host_key"] = engine.host_tile
    return board_of_cores(engine.network, engine.core, **place)
