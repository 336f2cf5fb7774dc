"""What a design takes of an FPGA, whether that is there, and what to reduce if not."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .errors import DoesNotFit

if TYPE_CHECKING:
    from synaptile.rtl import NetworkParams
    from synaptile.rtl.core import CoreParams

    from .boards import Board

__all__ = ["NAMES", "Usage", "check_fits", "check_size", "usage_after_synthesis", "usage_of_log", "usage_of_report"]

NAMES = {
    "TRELLIS_COMB": "lookup tables",
    "TRELLIS_FF": "flip-flops",
    "TRELLIS_RAMW": "memories of lookup tables",
    "DP16KD": "block RAMs of 18 kbit",
    "MULT18X18D": "multipliers of 18 x 18 bits",
    "ICESTORM_LC": "logic cells of a lookup table and a flip-flop",
    "ICESTORM_RAM": "block RAMs of 4 kbit",
    "ICESTORM_DSP": "multipliers of 16 x 16 bits",
    "ICESTORM_SPRAM": "single-port RAMs of 256 kbit",
}
"""The parts of an FPGA that are counted, in words."""

_LOGIC = ("TRELLIS_COMB", "TRELLIS_FF", "TRELLIS_RAMW", "ICESTORM_LC")
_MULTIPLIERS = ("MULT18X18D", "ICESTORM_DSP")
_USED = re.compile(r"^Info:\s+(\w+):\s+(\d+)/\s*(\d+)\s+\d+%$", re.MULTILINE)
_ROOM = 0.95
"""The part of the logic that can be used: place and route needs some room."""

_NEAR = 0.9
"""The part of the largest mesh's tiles that one of a better shape has at least."""

_LEAST_LOGIC = 250
"""Lookup tables that a tile takes at least, whatever its parameters."""


@dataclass(frozen=True)
class Usage:
    """A part of an FPGA, how many of it are used, and how many there are."""

    part: str
    used: int
    has: int

    @property
    def name(self) -> str:
        """What it is, in words."""
        return NAMES[self.part]

    @property
    def fits(self) -> bool:
        """Whether there are as many."""
        return self.used <= self.has


def usage_after_synthesis(cells: Mapping[str, int], board: Board) -> tuple[Usage, ...]:
    """Return what a synthesised design takes, by estimate: place and route adds a few percent of logic."""

    def count(*names: str) -> int:
        return sum(number for cell, number in cells.items() if any(re.fullmatch(name, cell) for name in names))

    if board.family == "ecp5":
        memories = count("TRELLIS_DPR16X4")
        used = {
            # A memory takes four lookup tables and two for its write port.
            "TRELLIS_COMB": count("LUT4") + 2 * count("CCU2C") + 6 * memories,
            "TRELLIS_FF": count("TRELLIS_FF"),
            "TRELLIS_RAMW": memories,
            "DP16KD": count("DP16KD", "PDPW16KD"),
            "MULT18X18D": count("MULT18X18D"),
        }
    else:
        used = {
            "ICESTORM_LC": max(count("SB_LUT4"), count(r"SB_DFF\w*")),
            "ICESTORM_RAM": count(r"SB_RAM40_4K\w*"),
            "ICESTORM_DSP": count("SB_MAC16"),
            "ICESTORM_SPRAM": count("SB_SPRAM256KA"),
        }
    return tuple(Usage(part, number, board.has[part]) for part, number in used.items())


def usage_of_report(report: Mapping[str, Mapping[str, Mapping[str, int]]], board: Board) -> tuple[Usage, ...]:
    """Return what a routed design takes, from what nextpnr reports."""
    found = report["utilization"]
    return tuple(Usage(part, int(found[part]["used"]), int(found[part]["available"])) for part in board.has)


def usage_of_log(log: str, board: Board) -> tuple[Usage, ...]:
    """Return what a design takes that could not be placed, from what nextpnr said."""
    return tuple(Usage(part, int(used), int(has)) for part, used, has in _USED.findall(log) if part in board.has)


def check_size(board: Board, network: NetworkParams, core: CoreParams) -> None:
    """Raise `DoesNotFit` at once where nothing that synthesis does could help; that takes no time.

    The weights alone need more memory than there is, or the tiles more logic.
    """
    bits = _memory_bits(board)
    weights = core.axons * core.neurons * core.weight_bits
    if weights * network.tiles > bits:
        most = bits // weights
        advice = _mesh_advice(network, most) or f"--crossbar to {_crossbar(core, bits / weights)}"
        raise DoesNotFit(
            f"the chip does not fit {board.name}: its weights take {weights * network.tiles:,} bits of memory, "
            f"{weights * network.tiles - bits:,} more than {board.device} has ({bits:,}): reduce {advice}"
        )
    logic = next(board.has[part] for part in ("TRELLIS_COMB", "ICESTORM_LC", "LUT") if part in board.has)
    if network.tiles * _LEAST_LOGIC > logic:
        raise DoesNotFit(
            f"the chip does not fit {board.name}: {network.tiles:,} tiles take at least "
            f"{network.tiles * _LEAST_LOGIC:,} lookup tables, {network.tiles * _LEAST_LOGIC - logic:,} more than "
            f"{board.device} has ({logic:,}): reduce {_mesh_advice(network, logic // _LEAST_LOGIC)}"
        )


def check_fits(usage: tuple[Usage, ...], board: Board, network: NetworkParams, core: CoreParams) -> None:
    """Raise `DoesNotFit` if a part is used more often than it is there.

    The message has what is exceeded and by how much, and which parameter to reduce to what, estimated from what a tile
    of this chip takes.
    """
    exceeded = [part for part in usage if not part.fits]
    if not exceeded:
        return
    what = "; ".join(
        f"{part.used:,} {part.name}, {part.used - part.has:,} more than {board.device} has ({part.has:,})"
        for part in exceeded
    )
    advice = " or ".join(_advice(exceeded, network, core))
    raise DoesNotFit(f"the chip does not fit {board.name}: it takes {what}: reduce {advice}")


def _advice(exceeded: list[Usage], network: NetworkParams, core: CoreParams) -> Iterator[str]:
    """Yield what would fit, by estimate."""
    worst = max(exceeded, key=lambda part: part.used / part.has)
    room = _ROOM if any(part.part in _LOGIC for part in exceeded) else 1.0
    ratio = worst.has * room / worst.used
    mesh = _mesh_advice(network, int(network.tiles * ratio))
    if mesh:
        yield mesh
    only_lanes = all(part.part in (*_MULTIPLIERS, *_LOGIC) for part in exceeded)
    lanes = 1 << max(0, int(math.log2(max(core.lanes * ratio, 1))))
    if only_lanes and lanes < core.lanes and core.lanes * ratio >= 1:
        yield f"--core-lanes to {lanes}"
    if not mesh or not only_lanes:
        yield f"--crossbar to {_crossbar(core, ratio)}"


def _mesh_advice(network: NetworkParams, most: int) -> str | None:
    """Return a mesh of at most so many tiles, no larger than this one in either direction and much like it in shape."""
    sizes = [
        (rows, cols)
        for rows in range(1, network.rows + 1)
        for cols in range(1, network.cols + 1)
        if rows * cols <= min(most, network.tiles - 1)
    ]
    if not sizes:
        return None
    largest = max(rows * cols for rows, cols in sizes)
    near = [(rows, cols) for rows, cols in sizes if rows * cols >= _NEAR * largest]
    shape = network.rows / network.cols
    rows, cols = min(near, key=lambda size: (abs(math.log(size[0] / size[1] / shape)), -size[0] * size[1]))
    return f"--mesh to {rows}x{cols}"


def _crossbar(core: CoreParams, ratio: float) -> str:
    """Return a crossbar that has at most this part of the synapses, its sides halved in turn."""
    axons, neurons = core.axons, core.neurons
    while axons * neurons > core.axons * core.neurons * ratio and max(axons, neurons) > 4:
        if axons >= neurons:
            axons = max(4, axons // 2)
        else:
            neurons = max(4, neurons // 2)
    return f"{axons}x{neurons}"


def _memory_bits(board: Board) -> int:
    """Return the bits of memory that an FPGA has, of any kind."""
    per_part = {
        "DP16KD": 18 * 1024, "TRELLIS_RAMW": 64, "ICESTORM_RAM": 4096, "ICESTORM_SPRAM": 1 << 18,
        "RAMB36": 36 * 1024, "LUT": 32,
    }  # fmt: skip
    return sum(count * per_part.get(part, 0) for part, count in board.has.items())
