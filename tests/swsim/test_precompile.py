"""Loops that are compiled beforehand."""

import os

import pytest

import synaptile.swsim as sim
from synaptile.swsim import precompile
from synaptile.swsim.kernels.cache import available


@pytest.mark.skipif(not available(), reason="without Numba there is nothing to compile")
@pytest.mark.parametrize("chosen", [None, "0"])
def test_every_cell_runs_in_the_compiled_loop_and_the_environment_stays(monkeypatch, chosen):
    if chosen is None:
        monkeypatch.delenv("SYNAPTILE_NUMBA", raising=False)
    else:
        monkeypatch.setenv("SYNAPTILE_NUMBA", chosen)
    ran = []
    engine = type(sim.state.engine)
    run = engine.run

    def noted(self, target):
        run(self, target)
        ran.append(self._compiled is not None)

    monkeypatch.setattr(engine, "run", noted)
    assert precompile.precompile() > 0
    assert ran == [True] * (len(precompile.CELLS) + 1)  # the last in lock-step
    assert os.environ.get("SYNAPTILE_NUMBA") == chosen


def test_synapses_of_every_kernel_are_there():
    from synaptile.swsim.kernels.registry import SYNAPSES

    sim.setup(timestep=0.1)
    source, cell = sim.Population(1, sim.SpikeSourceArray()), sim.Population(1, sim.IF_curr_exp())
    made = [sim.Projection(source, cell, sim.AllToAllConnector(), synapse) for synapse in precompile._stateful()]
    assert {projection.dynamics().kernel for projection in made} == set(SYNAPSES)
