"""The boards by name: their FPGA and what it has, their clock, serial line and lights."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..errors import show
from .errors import ToolUnavailable, UnknownBoard

__all__ = ["BOARDS", "Board", "Light", "board_named"]


@dataclass(frozen=True)
class Light:
    """A light of a board: the function (of `synaptile.rtl.fpga.board.board_top.LIGHTS`) it shows, and where it is.

    ``resource``, ``number`` and ``part`` are what the board's definition calls it; ``label`` is what is printed beside
    it on the board, or what it looks like.
    """

    function: str
    resource: str
    number: int
    label: str
    part: str | None = None


@dataclass(frozen=True, kw_only=True)
class Board:
    """A board that a chip can be put onto.

    Attributes
    ----------
    name, title
        What the command line calls it, and its full name.
    platform
        Its definition in `amaranth_boards`, as ``module:class``.
    family
        ``ecp5``, ``ice40`` or ``xc7``; the last is not built here, but written out for the vendor's tools.
    device
        The FPGA.
    clock
        Resource of its clock.
    clock_hz
        The chip's clock unless another is asked for, in Hz.
    baud
        Rate of the serial line unless another is asked for, in bits per second.
    uart
        Pins of the serial line where the board's definition has none: ``rx`` and ``tx`` on a connector.
    host
        Where the host is joined.
    loader
        What openFPGALoader calls it.
    buffer_bytes
        Bytes that each direction of the host link holds, see `HostedChip`.
    reset
        Resource of the button that resets the chip; None if there is none.
    outputs
        Outputs that are to be constant, with their value.
    lights
        Its lights.
    has
        How much the FPGA has of each of its parts, by the name that the tools use for them.
    """

    name: str
    title: str
    platform: str
    family: str
    device: str
    clock: str
    clock_hz: float
    host: str
    loader: str
    lights: tuple[Light, ...]
    has: Mapping[str, int]
    baud: float = 3e6
    buffer_bytes: int = 2048
    uart: tuple[str, str, str, Mapping[str, str]] | None = None
    reset: str | None = None
    outputs: Mapping[str, int] = field(default_factory=dict)

    @property
    def is_built_here(self) -> bool:
        """Whether there are tools for it that need no vendor."""
        return self.family != "xc7"

    def make_platform(self) -> Any:
        """Return the board's definition, a new one for each design.

        Raises `ToolUnavailable` if amaranth-boards is not installed.
        """
        module, name = self.platform.split(":")
        try:
            return getattr(importlib.import_module(f"amaranth_boards.{module}"), name)()
        except ModuleNotFoundError as error:
            if error.name is None or error.name.split(".")[0] != "amaranth_boards":
                raise
            raise ToolUnavailable("amaranth-boards is not installed: pip install 'synaptile[fpga]'") from None


def _ecp5(luts: int, block_rams: int, multipliers: int) -> dict[str, int]:
    """Parts of an ECP5: a memory of lookup tables takes an eighth of them, for its write port, besides itself."""
    return {
        "TRELLIS_COMB": luts,
        "TRELLIS_FF": luts,
        "TRELLIS_RAMW": luts // 8,
        "DP16KD": block_rams,
        "MULT18X18D": multipliers,
    }


_25F, _45F, _85F = _ecp5(24288, 56, 28), _ecp5(43848, 108, 72), _ecp5(83640, 208, 156)

_ULX3S_LIGHTS = tuple(
    Light(function, "led", number, f"D{number}")
    for number, function in ((0, "alive"), (1, "link"), (2, "running"), (3, "activity"), (7, "error"))
)


def _ulx3s(size: str, has: dict[str, int]) -> Board:
    return Board(
        name=f"ulx3s-{size.lower()}",
        title=f"Radiona ULX3S {size}",
        platform=f"ulx3s:ULX3S_{size}_Platform",
        family="ecp5",
        device=f"LFE5U-{size}",
        clock="clk25",
        clock_hz=50e6,
        host="USB connector US1 (FT231X, up to 3 Mbaud)",
        loader="ulx3s",
        reset="button_fire",
        lights=_ULX3S_LIGHTS,
        has=has,
    )


def _orangecrab(size: str, has: dict[str, int]) -> Board:
    return Board(
        name=f"orangecrab-{size.lower()}",
        title=f"OrangeCrab r0.2 {size}",
        platform=f"orangecrab_r0_2:OrangeCrabR0_2_{size}Platform",
        family="ecp5",
        device=f"LFE5U-{size}",
        clock="clk",
        clock_hz=48e6,
        host="a serial adapter of 3.3 V at the pins 0 (RX: to the adapter's TX) and 1 (TX) of the connector",
        loader="orangeCrab",
        uart=("io_0", "0", "1", {"IO_TYPE": "LVCMOS33"}),
        reset="button",
        lights=(
            Light("ready", "rgb_led", 0, "green", "g"),
            Light("activity", "rgb_led", 0, "blue", "b"),
            Light("error", "rgb_led", 0, "red", "r"),
        ),
        has=has,
    )


def _arty(size: str, luts: int, block_rams: int, multipliers: int) -> Board:
    return Board(
        name=f"arty-a7-{size}",
        title=f"Digilent Arty A7-{size}",
        platform=f"arty_a7:ArtyA7_{size}Platform",
        family="xc7",
        device=f"xc7a{size}t",
        clock="clk100",
        clock_hz=50e6,
        host="USB connector J10 (FT2232H)",
        loader=f"arty_a7_{size}t",
        reset="rst",
        lights=tuple(
            Light(function, "led", number, f"LD{number + 4}")
            for number, function in enumerate(("ready", "running", "activity", "error"))
        ),
        has={"LUT": luts, "FF": 2 * luts, "RAMB36": block_rams, "DSP48": multipliers},
    )


BOARDS: dict[str, Board] = {
    board.name: board
    for board in (
        _ulx3s("25F", _25F),
        _ulx3s("45F", _45F),
        _ulx3s("85F", _85F),
        _orangecrab("25F", _25F),
        _orangecrab("85F", _85F),
        Board(
            name="icebreaker",
            title="1BitSquared iCEBreaker",
            platform="icebreaker:ICEBreakerPlatform",
            family="ice40",
            device="iCE40UP5K",
            clock="clk12",
            clock_hz=12e6,
            baud=1e6,
            buffer_bytes=512,  # the core needs most of the block RAMs
            host="USB connector (FT2232H, the second of its ports)",
            loader="ice40_generic",
            reset="button",
            lights=(Light("ready", "led_g", 0, "green"), Light("error", "led_r", 0, "red")),
            has={"ICESTORM_LC": 5280, "ICESTORM_RAM": 30, "ICESTORM_DSP": 8, "ICESTORM_SPRAM": 4},
        ),
        _arty("35", 20800, 50, 90),
        _arty("100", 63400, 135, 240),
    )
}
"""Boards by name."""


def board_named(name: str) -> Board:
    """Return a board; raises `UnknownBoard` with the names that there are."""
    try:
        return BOARDS[name]
    except KeyError:
        raise UnknownBoard(f"board must be one of {', '.join(BOARDS)}, not {show(name)}") from None
