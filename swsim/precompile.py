"""Compiles the loops of the simulator beforehand: ``python -m synaptile.swsim.precompile``.

Then first runs, in software and in lock-step, do not wait for it. Compiled code lies in Numba's cache, beside the
modules or where ``NUMBA_CACHE_DIR`` says. Without Numba there is nothing to compile. Cells and synapses of one's own
equations are compiled when they first run.
"""

from __future__ import annotations

import ctypes
import os
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from .cosim import Carrier, Wiring
from .trace import Trace

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


_Ids = npt.NDArray[np.int32]


class _NoHardware:
    """Hardware for lock-step, through which no spike comes."""

    not_compiled = None

    def __init__(self) -> None:
        def exchange(desk: Any) -> None:
            desk[4] = desk[6] = 0

        self._function = ctypes.CFUNCTYPE(None, ctypes.POINTER(ctypes.c_int64))(exchange)

    def begin(self, wiring: Wiring) -> _Ids:
        self._senders = np.unique(wiring.pre)
        return np.zeros(wiring.neurons, np.int32)

    def exchange(self, step: int, spikes: _Ids) -> tuple[_Ids, _Ids]:
        return np.zeros(0, np.int32), np.zeros(0, np.int32)

    def carrier(self) -> Carrier:
        address = ctypes.cast(self._function, ctypes.c_void_p).value or 0
        return Carrier(address, 0, self._senders, np.zeros_like(self._senders), lambda outcome: None)

    def end(self, trace: Callable[[], Trace]) -> None:
        """Nothing is reported."""


def precompile() -> float:
    """Run a small network of each of `CELLS`, the first with synapses of all kinds, and once more in lock-step.

    Returns the seconds that it took.

    Forgets any network of this process.
    """
    import synaptile.swsim as sim

    begin = time.perf_counter()
    before = os.environ.get("SYNAPTILE_NUMBA")
    os.environ["SYNAPTILE_NUMBA"] = "1"
    try:
        for name, hardware in [*((name, None) for name in CELLS), (CELLS[0], _NoHardware())]:
            sim.setup(timestep=0.1, hardware=hardware)
            noise = sim.Population(1, sim.SpikeSourcePoisson(rate=100.0))
            cells = sim.Population(2, getattr(sim, name)())
            for synapse in (
                sim.StaticSynapse(weight=0.001),
                *(_stateful() if name == CELLS[0] and hardware is None else ()),
            ):
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
