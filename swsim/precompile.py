"""Compiles the loops of the simulator beforehand: ``python -m synaptile.swsim.precompile``.

Then first runs do not wait for it. Compiled code lies in Numba's cache, beside the modules or where
``NUMBA_CACHE_DIR`` says. Without Numba there is nothing to compile. Cells and synapses of one's own equations are
compiled when they first run.
"""

from __future__ import annotations

import os
import sys
import time
from typing import Any

__all__ = ["CELLS", "precompile"]

CELLS = (
    "IF_curr_exp",
    "IF_cond_exp",
    "Izhikevich",
    "EIF_cond_exp_isfa_ista",
    "HH_cond_exp",
)
"""The cell types whose loops are compiled; others share theirs."""


def _stateful() -> list[Any]:
    """Return synapses of every kernel."""
    import synaptile.swsim as sim

    return [
        sim.STDPMechanism(sim.SpikePairRule(), sim.AdditiveWeightDependence(), weight=0.001),
        sim.TsodyksMarkramSynapse(weight=0.001),
        sim.SimpleStochasticSynapse(weight=0.001, p=0.5),
        sim.MultiQuantalSynapse(weight=0.001, n=2),
    ]


def precompile() -> float:
    """Run a small network of each of `CELLS`, the first with synapses of all kinds; return the seconds that it took.

    Forgets any network of this process.
    """
    import synaptile.swsim as sim

    begin = time.perf_counter()
    before = os.environ.get("SYNAPTILE_NUMBA")
    os.environ["SYNAPTILE_NUMBA"] = "1"
    try:
        for name in CELLS:
            sim.setup(timestep=0.1)
            noise = sim.Population(1, sim.SpikeSourcePoisson(rate=100.0))
            cells = sim.Population(2, getattr(sim, name)())
            for synapse in (sim.StaticSynapse(weight=0.001), *(_stateful() if name == CELLS[0] else ())):
                sim.Projection(noise, cells, sim.AllToAllConnector(), synapse)
            cells.record(["v", "spikes"])
            sim.run(1.0)
            sim.end()
    finally:
        if before is None:
            del os.environ["SYNAPTILE_NUMBA"]
        else:
            os.environ["SYNAPTILE_NUMBA"] = before
    return time.perf_counter() - begin


if __name__ == "__main__":
    print("compiling the loops of the simulator, once ...", file=sys.stderr)
    print(f"compiled in {precompile():.0f} s", file=sys.stderr)
