import numpy as np
import pytest

import synaptile.swsim as sim
from synaptile.swsim.pynn import interfaces
from synaptile.swsim.sources.spike_source import SpikeSource


def build(**options):
    """Two cells and three sources; three chemical connections and one electrical one."""
    sim.setup(timestep=0.5, seed=11, **options)
    cells = sim.Population(2, sim.IF_cond_exp(), label="cells")
    sources = sim.Population(3, sim.SpikeSourceArray(spike_times=[1.0]), label="sources")
    sim.Projection(sources, cells, sim.FromListConnector([(0, 1, 0.25, 1.0), (2, 0, 0.5, 3.0)]))
    sim.Projection(cells, cells, sim.FromListConnector([(0, 1)]), sim.ElectricalSynapse(weight=0.01))
    depressing = sim.TsodyksMarkramSynapse(weight=0.75, delay=1.5)
    sim.Projection(sources, cells, sim.FromListConnector([(1, 1)]), depressing)
    return sim.state.network


def test_neurons_and_connections_are_counted():
    network = build()
    assert (network.neurons, network.connections, len(network.chemical())) == (5, 4, 2)
    assert network.delay_range() == (2, 6)
    assert [network.is_source(neuron) for neuron in range(5)] == [False, False, True, True, True]


def test_synapses_are_joined_in_the_order_of_the_projections():
    synapses = build().synapses()
    assert synapses.pre.tolist() == [2, 4, 3]
    assert synapses.post.tolist() == [1, 0, 1]
    assert synapses.weight.tolist() == [0.25, 0.5, 0.75]
    assert synapses.delay.tolist() == [2, 6, 3]


def test_an_empty_network_has_delays_of_one_step():
    sim.setup(timestep=0.5)
    assert sim.state.network.delay_range() == (1, 1)
    assert (sim.get_min_delay(), sim.get_max_delay()) == (0.5, 0.5)


def test_the_wiring_and_the_trace_are_of_one_network():
    network = build()
    sim.run(2.0)
    wiring, trace = network.wiring(network.synapses()), sim.get_trace()
    assert (wiring.dt, wiring.neurons, wiring.seed) == (0.5, 5, 11)
    for name in ("pre", "post", "weight", "delay"):
        np.testing.assert_array_equal(getattr(wiring, name), getattr(trace, name))
    assert tuple(wiring.populations) == trace.populations
    assert [(part.label, part.start, part.stop, part.celltype) for part in trace.populations] == [
        ("cells", 0, 2, "IF_cond_exp"),
        ("sources", 2, 5, "SpikeSourceArray"),
    ]
    assert (trace.meta["seed"], trace.meta["segment"], "integration" in trace.meta) == (11, 0, False)


def test_the_trace_names_chosen_methods_and_the_segment():
    build(integration={"IF_cond_exp": "rk4"})
    sim.run(1.0)
    sim.reset()
    assert sim.get_trace().meta["integration"] == {"IF_cond_exp": "rk4"}
    assert sim.get_trace().meta["segment"] == 1


def test_what_pynn_s_objects_are_for_the_network():
    network = build()
    electrode = sim.DCSource(amplitude=0.1)
    electrode.inject_into(network.populations[0])
    assert network.electrodes == [electrode]
    network.populations[0].record("spikes")
    parts = {
        interfaces.PopulationLike: network.populations[0],
        interfaces.ProjectionLike: network.projections[0],
        interfaces.ElectrodeLike: electrode,
        interfaces.RecorderLike: next(iter(sim.state.recorders)),
    }
    for protocol, part in parts.items():
        names = {*vars(protocol), *protocol.__annotations__} - {*vars(interfaces.Protocol)}
        missing = [name for name in names if not name.startswith("_") and not hasattr(part, name)]
        assert missing == []
    assert isinstance(network.populations[1].model, SpikeSource)


def test_populations_of_another_network_are_refused():
    old = build().populations[0]
    sim.setup()
    with pytest.raises(RuntimeError, match=r"^population 'cells' belongs to a network that setup\(\) has replaced$"):
        sim.state.network.require_present(old)
