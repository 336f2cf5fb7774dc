"""A small balanced random network, plain PyNN: run it on any simulator.

synaptile run examples/balanced_network.py synaptile
python examples/balanced_network.py nest
"""

from pyNN.random import NumpyRNG, RandomDistribution
from pyNN.utility import get_simulator

sim, options = get_simulator()
sim.setup(timestep=1.0, min_delay=1.0, max_delay=8.0)

rng = NumpyRNG(seed=42)
cell = sim.IF_curr_exp(tau_m=20.0, tau_syn_E=5.0, tau_syn_I=10.0, v_thresh=-50.0, v_reset=-60.0, v_rest=-60.0)
excitatory = sim.Population(80, cell, label="excitatory")
inhibitory = sim.Population(20, cell, label="inhibitory")
background = sim.Population(20, sim.SpikeSourcePoisson(rate=60.0), label="background")
neurons = excitatory + inhibitory
neurons.initialize(v=RandomDistribution("uniform", (-60.0, -50.0), rng=rng))

delays = RandomDistribution("uniform_int", (1, 8), rng=rng)
sparse = sim.FixedProbabilityConnector(0.1, rng=rng)
sim.Projection(background, neurons, sparse, sim.StaticSynapse(weight=1.2, delay=delays), receptor_type="excitatory")
sim.Projection(excitatory, neurons, sparse, sim.StaticSynapse(weight=0.3, delay=delays), receptor_type="excitatory")
sim.Projection(inhibitory, neurons, sparse, sim.StaticSynapse(weight=-0.6, delay=delays), receptor_type="inhibitory")

neurons.record("spikes")
sim.run(200.0)
print(f"{neurons.mean_spike_count():.1f} spikes per neuron in 200 ms")
sim.end()
