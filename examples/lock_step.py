"""A network that feels its hardware: the same network in software, on a fast chip and on a slow one.

python examples/lock_step.py
"""

import synaptile.swsim as sim
from synaptile.bridge import Chip


def ring(chip=None):
    """Thirty neurons in a ring, each exciting the next; returns when the pulse comes round to the first one."""
    sim.setup(timestep=1.0, hardware=chip)
    kick = sim.Population(1, sim.SpikeSourceArray(spike_times=[1.0]), label="kick")
    cells = sim.Population(30, sim.IF_curr_delta(v_rest=0.0, v_reset=0.0, v_thresh=1.0), initial_values={"v": 0.0})
    synapse = sim.StaticSynapse(weight=2.0, delay=1.0)
    sim.Projection(kick, cells[0:1], sim.AllToAllConnector(), synapse)
    links = [(i, (i + 1) % 30) for i in range(30)]
    sim.Projection(cells, cells, sim.FromListConnector(links), synapse)
    cells.record("spikes")
    sim.run(200.0)
    first = cells.get_data().segments[0].spiketrains[0].magnitude
    sim.end()
    return first


print("in software, the pulse passes neuron 0 at", ring(), "ms")
for cycles_per_step in (64, 2):
    chip = Chip(mesh=(3, 3), crossbar="16x4", cycles_per_step=cycles_per_step)
    print(f"on a chip with {cycles_per_step} cycles per step, at", ring(chip), "ms")
print(chip.report())
