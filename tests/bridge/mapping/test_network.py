import numpy as np
import pytest

from synaptile.bridge.config import Crossbar
from synaptile.bridge.mapping import MappedNetwork, Mapping, Network
from synaptile.swsim.cosim import Wiring
from synaptile.swsim.trace import PopulationSlice, Trace

PRE, POST = np.array([0, 0, 1], np.int32), np.array([1, 1, 2], np.int32)
POPULATIONS = [PopulationSlice("all", 0, 3, "IF_curr_exp")]
TRACE = Trace(1.0, 5, 3, [0, 2, 0], [1, 1, 4], PRE, POST, np.ones(3), np.ones(3, np.int32), POPULATIONS)
WIRING = Wiring(1.0, 3, PRE, POST, np.ones(3), np.ones(3, np.int32), POPULATIONS, 0)


def test_of_a_trace() -> None:
    network = Network.of_trace(TRACE)
    assert (network.neurons, network.connectivity.pre.tolist(), network.connectivity.post.tolist()) == (
        3,
        [0, 1],
        [1, 2],
    )
    assert network.spike_counts.tolist() == network.spike_weights.tolist() == [2, 0, 1]
    assert network.populations == tuple(POPULATIONS)


def test_of_a_wiring_with_and_without_a_profile() -> None:
    unknown = Network.of_wiring(WIRING)
    assert unknown.spike_counts is None
    assert unknown.spike_weights.tolist() == [1, 1, 1]
    assert Network.of_wiring(WIRING, TRACE).spike_counts.tolist() == [2, 0, 1]
    assert unknown.populations == tuple(POPULATIONS)
    other = Trace(1.0, 1, 2, *[np.zeros(0, int)] * 6)
    with pytest.raises(ValueError, match=r"^profile must be of a network of 3 neurons, not 2$"):
        Network.of_wiring(WIRING, other)


def test_spike_counts_are_checked() -> None:
    with pytest.raises(ValueError, match=r"^spike_counts must have shape \(3,\), not \(2,\)$"):
        Network.of(3, PRE, POST, spike_counts=np.ones(2, np.int64))
    with pytest.raises(ValueError, match=r"^spike_counts must not be negative, not -1$"):
        Network.of(3, PRE, POST, spike_counts=np.array([0, -1, 2]))
    with pytest.raises(ValueError, match=r"^pre must lie in 0\.\.1, not 2$"):
        Network.of(2, [2], [0])


def test_a_mapped_network_must_be_the_mapping_s() -> None:
    mapping = Mapping(1, 2, Crossbar(axons=4, neurons=2), np.array([0, 0, 1]), np.array([0, 1, 0]))
    mapped = MappedNetwork(Network.of_trace(TRACE), mapping)
    assert mapped.destinations is mapped.destinations
    assert [mapped.destinations.of_neuron(neuron).tolist() for neuron in range(3)] == [[], [1], []]
    with pytest.raises(ValueError, match=r"^mapping must have the network's 4 neurons, not 3$"):
        MappedNetwork(Network.of(4, PRE, POST), mapping)


def test_synapses_and_what_is_inside() -> None:
    network = Network.of_trace(TRACE)
    assert network.synapses.tolist() == [0, 2, 1]  # 0 -> 1 is there twice
    assert Network(network.connectivity).synapses.tolist() == [0, 1, 1]
    assert network.inside.all()
    source = PopulationSlice("in", 0, 2, "SpikeSourcePoisson")
    assert Network.of(3, PRE, POST, populations=[source]).inside.tolist() == [False, False, True]
    with pytest.raises(ValueError, match=r"^synapse_counts must have shape \(3,\), not \(2,\)$"):
        Network(network.connectivity, synapse_counts=np.ones(2, np.int64))
