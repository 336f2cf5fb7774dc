"""The design of a board: the chip, its top level and the board's pins, as text for the tools."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from amaranth.build import Pins, Resource, Subsignal
from amaranth.build.dsl import Attrs
from amaranth.hdl import Const, Elaboratable, Module
from amaranth.lib import io

from synaptile.rtl.core.block_ram import CLEARING_CYCLES
from synaptile.rtl.fpga.board.board_top import BoardTop
from synaptile.rtl.fpga.board.clock_source import ClockSource
from synaptile.rtl.fpga.board.pll import Ice40Pll, Pll, pll_for
from synaptile.rtl.fpga.hosted_chip import VERSION_BYTES, HostedChip

from .tools import tool_versions, tools_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from synaptile.rtl import NetworkParams
    from synaptile.rtl.core import CoreParams

    from .boards import Board

__all__ = ["TOP", "BoardDesign", "board_design"]

TOP = "synaptile_top"
"""Name of the top module, and of the files."""


@dataclass(frozen=True)
class BoardDesign:
    """What the tools are given.

    Attributes
    ----------
    board
        The board.
    pll
        Where the chip's clock comes from, at ``pll.output_hz``.
    baud
        Rate of the serial line in bits per second.
    files
        Files by name, from the board's definition: the circuit in RTLIL, the constraints, and for a vendor's tools
        their whole project.
    """

    board: Board
    pll: Pll
    baud: float
    files: Mapping[str, str]

    @property
    def rtlil(self) -> str:
        """The circuit."""
        return self.files[f"{TOP}.il"]

    @property
    def constraints(self) -> tuple[str, str]:
        """Name of the file with pins and clocks, and its text."""
        suffix = {"ecp5": "lpf", "ice40": "pcf", "xc7": "xdc"}[self.board.family]
        return f"{TOP}.{suffix}", self.files[f"{TOP}.{suffix}"]


def board_design(
    board: Board,
    network: NetworkParams,
    core: CoreParams,
    *,
    clock_hz: float | None = None,
    baud: float | None = None,
    host_tile: int = 0,
    host_key: int = 0,
) -> BoardDesign:
    """Return the design of a chip on a board.

    Parameters
    ----------
    network, core, host_tile, host_key
        As for `CoreMesh`.
    clock_hz, baud
        The chip's clock in Hz and the rate of the serial line in bits per second; by default the board's.

    Raises
    ------
    ValueError
        If there is no such chip, or its clock or its rate cannot be made on this board.
    ToolUnavailable
        If amaranth-boards is not installed.
    """
    platform = board.make_platform()
    pll = pll_for(board.family, platform.default_clk_frequency, board.clock_hz if clock_hz is None else clock_hz)
    rate = board.baud if baud is None else baud
    if not 0 < rate <= pll.output_hz / 4:  # before there is a chip that nobody would use
        raise ValueError(f"baud must lie in 1..{pll.output_hz / 4:.0f}, a quarter of clock_hz, not {rate:.0f}")
    chip = HostedChip(
        network,
        core,
        clock_hz=pll.output_hz,
        baud=rate,
        host_tile=host_tile,
        host_key=host_key,
        version=_version(board),
        buffer_bytes=board.buffer_bytes,
    )
    with warnings.catch_warnings():
        # The definitions of boards have pins that this design leaves alone.
        warnings.simplefilter("ignore", UserWarning)
        plan = platform.prepare(_OnBoard(board, pll, chip), TOP, emit_src=False)
    texts = {name: content if isinstance(content, str) else content.decode() for name, content in plan.files.items()}
    return BoardDesign(board, pll, rate, texts)


def _version(board: Board) -> bytes:
    """Return what the host can read of how this was built: the board, and the versions of what built it."""
    words = [board.name, f"synaptile {version('synaptile')}", f"amaranth {version('amaranth')}"]
    if board.is_built_here:
        versions = tool_versions(*tools_of(board.family))
        words += [
            f"{tool.removeprefix('yowasp-')} {number}" for tool, number in versions.items() if "yowasp-r" not in tool
        ]
    text = ""
    for word in words:
        longer = f"{text}, {word}" if text else word
        if len(longer.encode()) > VERSION_BYTES:
            break
        text = longer
    return text.encode()


class _OnBoard(Elaboratable):
    """The top level with a buffer at each pin."""

    def __init__(self, board: Board, pll: Pll, chip: HostedChip) -> None:
        self._board = board
        self._pll = pll
        self._chip = chip

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        board = self._board
        port = platform.request(board.clock, dir="-")
        if isinstance(self._pll, Ice40Pll):
            clock = port.io  # the loop is a part of the pad
        else:
            m.submodules.clock_pin = pin = io.Buffer(io.Direction.Input, port)
            clock = pin.i
        # The large memories of an iCE40 are emptied while the reset lasts.
        hold = 16 + (CLEARING_CYCLES if board.family == "ice40" else 0)
        top: Any = BoardTop(ClockSource(self._pll, clock), self._chip, clock_hz=self._pll.output_hz, hold=hold)
        m.submodules.top = top
        self._serial(m, platform, top)
        if board.reset is not None:
            m.submodules.reset_pin = pin = io.Buffer(io.Direction.Input, platform.request(board.reset, 0, dir="-"))
            m.d.comb += top.reset.eq(pin.i)
        requested: dict[tuple[str, int], Any] = {}
        for light in board.lights:
            place = (light.resource, light.number)
            if place not in requested:
                requested[place] = platform.request(*place, dir="-")
            led = requested[place]
            pin = io.Buffer(io.Direction.Output, led if light.part is None else getattr(led, light.part))
            m.submodules[f"light_{light.function}"] = pin
            m.d.comb += pin.o.eq(top.lights[light.function])
        for name, value in board.outputs.items():
            m.submodules[f"{name}_pin"] = pin = io.Buffer(io.Direction.Output, platform.request(name, 0, dir="-"))
            m.d.comb += pin.o.eq(Const(value, 1))
        return m

    def _serial(self, m: Module, platform: Any, top: Any) -> None:
        """Join the serial line to its pins."""
        if self._board.uart is not None:
            connector, rx, tx, attributes = self._board.uart
            name, number = connector.rsplit("_", 1)
            where = (name, int(number))
            platform.add_resources(
                [
                    Resource(
                        "uart",
                        0,
                        Subsignal("rx", Pins(rx, dir="i", conn=where)),
                        Subsignal("tx", Pins(tx, dir="o", conn=where)),
                        Attrs(**attributes),
                    )
                ]
            )
        uart = platform.request("uart", 0, dir="-")
        m.submodules.rx_pin, m.submodules.tx_pin = rx_pin, tx_pin = (
            io.Buffer(io.Direction.Input, uart.rx),
            io.Buffer(io.Direction.Output, uart.tx),
        )
        m.d.comb += [top.rx.eq(rx_pin.i), tx_pin.o.eq(top.tx)]
